"""From a file to rows: CSV in the usual encodings and XLSX, row by row, with the numbers that a spreadsheet shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.imports import csv_file, encodings
from core.imports.csv_file import DELIMITERS
from core.imports.encodings import ENCODINGS, NOT_DECODED
from core.imports.limits import TOO_MANY_ROWS, refuse
from core.imports.models import Import
from core.imports.workbook import Workbook
from core.spreadsheet_text import MARK, restore

__all__ = ["DELIMITERS", "ENCODINGS", "Reading", "Source", "inspect", "rows"]

SHOWN_ROWS = 20
SHOWN_LINES = 3
SHOWN_CHARACTERS = 120
TITLE_ROWS = 20  # headings are looked for in the first ones only

GONE = _("The file of this import is no longer there. Upload it again.")
EMPTY = _("The file is empty.")
NO_ROWS = _("The file has headings, but no rows below them.")
OLD_EXCEL = _(
    "This is an old or password-protected Excel file. Save it as .xlsx without a password and upload it again."
)
WRONG_KIND = _("This file is no table: it looks like %(kind)s. Upload a CSV or XLSX file.")
NO_TEXT = _(
    "This file is no text. If it comes from a spreadsheet program, save it as .xlsx or CSV and upload it again."
)

# What a file begins with that is something else than it is called.
OTHERS = {
    b"%PDF-": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x7fELF": "ELF",
    b"{\\rtf": "RTF",
    b"SQLite format 3": "SQLite",
}
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"


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


def file_format(file: IO[bytes]) -> str:
    """`csv` or `xlsx`, by what the file begins with. Raises ValidationError for what can be neither."""
    file.seek(0)
    beginning = file.read(4096)
    file.seek(0)
    if not beginning:
        raise ValidationError(EMPTY, code="empty")
    if beginning.startswith(OLE):
        raise ValidationError(OLD_EXCEL, code="old_excel")
    if kind := next((kind for start, kind in OTHERS.items() if beginning.startswith(start)), ""):
        raise ValidationError(WRONG_KIND, code="kind", params={"kind": kind})
    return Import.Format.XLSX if beginning.startswith(ZIP) else Import.Format.CSV


@contextmanager
def opened(import_: Import) -> Iterator[IO[bytes]]:
    """Raises ValidationError where the file has been cleared away."""
    try:
        stored: Any = import_.file.storage.open(str(import_.file.name), "rb") if import_.file else None
    except FileNotFoundError:
        stored = None
    if stored is None:
        raise ValidationError(GONE, code="gone")
    with stored:
        yield stored.file


def inspect(import_: Import) -> Source:
    """Looks at the beginning. Raises ValidationError, naming the row, for a file that cannot be read.

    What the import already says (encoding, delimiter, sheet) is taken, the rest is detected.
    """
    with opened(import_) as file:
        return (
            _workbook_source(import_, file) if file_format(file) == Import.Format.XLSX else _csv_source(import_, file)
        )


def _csv_source(import_: Import, file: IO[bytes]) -> Source:
    encoding, delimiter = _csv_choices(import_, file)
    readings = [_reading(file, name) for name in ENCODINGS]
    headings, first = _beginning(_csv_rows(file, encoding, delimiter))
    return Source(Import.Format.CSV, encoding, readings, delimiter, headings=headings, rows=first)


def _workbook_source(import_: Import, file: IO[bytes]) -> Source:
    book = Workbook(file)
    sheet = import_.sheet or book.first_filled()
    headings, first = _beginning(book.rows(sheet))
    return Source(Import.Format.XLSX, sheet=sheet, sheets=book.sheets, headings=headings, rows=first)


def _beginning(source: Iterator[tuple[int, list[Any]]]) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    found = list(islice(_from_headings(source), SHOWN_ROWS + 1))
    if not found:
        raise ValidationError(EMPTY, code="empty")
    if len(found) == 1:
        raise ValidationError(NO_ROWS, code="empty")
    return found[0][1], found[1:]


def rows(import_: Import) -> Iterator[tuple[int, list[Any]]]:
    """Yields (row number, cells), the headings first, in constant memory. Raises ValidationError naming the row.

    Empty rows are left out, but counted. The cells of a workbook are typed, those of CSV are texts.
    """
    with opened(import_) as file:
        limit = settings.IMPORT_MAX_ROWS
        for count, row in enumerate(_from_headings(_all_rows(import_, file))):
            if count > limit:
                refuse(TOO_MANY_ROWS, "rows", limit=limit)
            yield row


def _all_rows(import_: Import, file: IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
    if file_format(file) == Import.Format.XLSX:
        book = Workbook(file)
        return book.rows(import_.sheet or book.first_filled())
    return _csv_rows(file, *_csv_choices(import_, file))


def _csv_choices(import_: Import, file: IO[bytes]) -> tuple[str, str]:
    encoding = import_.encoding or encodings.detect(file)
    return encoding, import_.delimiter or csv_file.detect_delimiter(encodings.sample_text(file, encoding))


def _csv_rows(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[tuple[int, list[Any]]]:
    if _is_binary(encodings.sample_text(file, encoding)):
        raise ValidationError(NO_TEXT, code="binary")
    file.seek(0)
    for number, cells in csv_file.read(file, encoding, delimiter):
        yield number, [restore(cell) if cell[:1] == MARK else cell for cell in cells]


def _is_binary(sample: str) -> bool:
    """Control characters in numbers: a program's data, not a text. One here and there is a matter of its cell."""
    strange = sum(character < " " and character not in "\t\r\n" for character in sample)
    return strange * 20 > len(sample)


def _reading(file: IO[bytes], encoding: str) -> Reading:
    text = encodings.sample_text(file, encoding)
    lines = [line[:SHOWN_CHARACTERS].replace(NOT_DECODED, "\ufffd") for line in text.splitlines()[:SHOWN_LINES]]
    return Reading(encoding, encodings.LABELS[encoding], lines, errors=NOT_DECODED in text[:-1])


def _from_headings(source: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    """The headings as texts, then what is below. Lists are often headed by a title: a row with one cell is none of
    the headings where a wider one follows."""
    filled = ((number, cells) for number, cells in source if any(map(_is_filled, cells)))
    titles = []
    for number, cells in filled:
        if sum(map(_is_filled, cells)) > 1:
            yield number, [str(cell).strip() for cell in cells]
            break
        titles.append((number, cells))
        if len(titles) == TITLE_ROWS:
            break
    else:
        yield from _single_column(titles)
        return
    if len(titles) == TITLE_ROWS:
        yield from _single_column(titles)
    yield from filled


def _is_filled(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _single_column(found: list[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    for index, (number, cells) in enumerate(found):
        yield number, cells if index else [str(cell).strip() for cell in cells]
