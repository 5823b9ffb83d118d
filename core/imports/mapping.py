"""Which column of a file is which field: suggested, chosen by people, remembered."""

from dataclasses import dataclass
from typing import Any

from core.imports import kinds
from core.imports.models import Import
from core.imports.reading import inspect


@dataclass(frozen=True)
class Target:
    """Something that a column of a file can be."""

    code: str
    label: Any
    required: bool = False  # without it (as a column, or as a value for all rows) nothing can be added
    help: Any = ""
    group: Any = ""


def targets(kind: str) -> list[Target]:
    """Everything that can come in, in the order of the export."""
    return [Target(column.code, column.label) for column in kinds.get(kind).resource.columns.listed()]


def suggest(import_: Import) -> list[str]:
    """A code or "" for each column: our own export maps itself, then what the user chose for these headings before,
    then what such a heading usually means."""
    by_name = {str(name): target.code for target in targets(import_.kind) for name in (target.code, target.label)}
    return [by_name.get(heading, "") for heading in inspect(import_).headings]


def check(import_: Import, mapping: list[str]) -> None:
    """Raises ValidationError (a list of messages) for codes that do not exist or are given twice."""


def remember(import_: Import) -> None:
    """Keeps the import's mapping for the next file of this user with these headings."""
