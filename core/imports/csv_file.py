"""CSV, row by row, in constant memory whatever the file holds."""

import contextlib
import csv
import io
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from core.imports.limits import CELL_TOO_LONG, LONGEST_CELL, LONGEST_ROW, ROW_TOO_LONG, check_width, refuse

DELIMITERS = (",", ";", "\t", "|")
NOT_CLOSED = _("Row %(row)s: a quotation mark is opened and never closed. Close it, or remove it.")
STRAY_QUOTE = _(
    "Row %(row)s: text follows a closing quotation mark. A quotation mark inside a quoted cell is written twice."
)
NOT_CSV = _("Row %(row)s cannot be read as CSV.")

csv.field_size_limit(LONGEST_CELL)  # of the whole process; the default refuses notes that our own export writes


class _Lines:
    """The lines of a text, none of them endless. `row` is the one that is being read."""

    def __init__(self, text: IO[str]) -> None:
        self.text, self.row, self.length = text, 1, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_ROW)
        self.length += len(line)
        if self.length >= LONGEST_ROW:
            refuse(ROW_TOO_LONG, "row_length", row=self.row, limit=LONGEST_ROW)
        if not line:
            raise StopIteration
        return line

    def next_row(self) -> None:
        self.row += 1
        self.length = 0


def read(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[tuple[int, list[Any]]]:
    """Yields (row number, cells). A row with line breaks inside its cells is one row, as in a spreadsheet."""
    text = io.TextIOWrapper(file, encoding, errors="liaison-mark", newline="")
    lines = _Lines(text)
    try:
        for cells in _parsed(lines, delimiter):
            if lines.row == 1 and cells:
                cells[0] = cells[0].removeprefix("\ufeff")
            check_width(lines.row, cells)
            yield lines.row, cells
            lines.next_row()
    finally:
        text.detach()  # the file is the caller's to close


def _parsed(lines: _Lines, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter, strict=True)
    except csv.Error as error:
        _explain(str(error), lines.row)


def _explain(reason: str, row: int) -> None:
    if "field larger" in reason:
        refuse(CELL_TOO_LONG, "cell_length", row=row, limit=LONGEST_CELL)
    if "unexpected end" in reason:
        refuse(NOT_CLOSED, "quote", row=row)
    if "expected after" in reason:
        refuse(STRAY_QUOTE, "quote", row=row)
    refuse(NOT_CSV, "csv", row=row)


def detect_delimiter(sample: str) -> str:
    """The separator that cuts the first rows into the most columns, alike in most rows."""
    return max(DELIMITERS, key=lambda delimiter: _columns_alike(sample, delimiter))


def _columns_alike(sample: str, delimiter: str) -> int:
    widths: list[int] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    with contextlib.suppress(csv.Error):  # the sample may end in the middle of a cell
        widths.extend(len(cells) for cells, _row in zip(reader, range(50), strict=False) if cells)
    usual = max(set(widths), key=widths.count, default=0)
    return (usual - 1) * widths.count(usual) if usual > 1 else 0
