"""From a file to rows: CSV in the usual encodings and XLSX, row by row, with the numbers that a spreadsheet shows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.imports.models import Import

SHOWN_ROWS = 20
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp932")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Reading:
    """How the first lines of a file read in an encoding; `errors` where it cannot be that one."""

    encoding: str
    label: str
    lines: list[str]
    errors: bool = False


@dataclass(frozen=True)
class Source:
    """What a file holds: everything that somebody needs to see whether it is read rightly."""

    format: str
    encoding: str = ""
    encodings: list[Reading] = field(default_factory=list)
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)  # the first ones, with their numbers


def inspect(import_: Import) -> Source:
    """Looks at the beginning. Raises ValidationError, naming the row, for a file that cannot be read.

    What the import already says (encoding, delimiter, sheet) is taken, the rest is detected.
    """
    delimiter = import_.delimiter or ","
    lines = rows(import_)
    _number, headings = next(lines)
    return Source("csv", "utf-8", [], delimiter, headings=headings, rows=list(islice(lines, SHOWN_ROWS)))


def rows(import_: Import) -> Iterator[tuple[int, list[Any]]]:
    """Yields (row number, cells), the headings first, in constant memory. Raises ValidationError naming the row."""
    with import_.file.open("rb") as file:
        text = io.TextIOWrapper(file, encoding=import_.encoding or "utf-8-sig", newline="")
        yield from enumerate(csv.reader(text, delimiter=import_.delimiter or ","), start=1)
