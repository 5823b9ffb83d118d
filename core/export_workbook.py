"""XLSX with typed cells: what is text stays text, so nothing in it is run, guessed to be a number or made a link."""

import datetime
import logging
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.columns import Column
from core.export_cells import local_time, text_maker

logger = logging.getLogger(__name__)

MOST_ROWS = 1_048_575  # the sheet's 2**20 lines without the headings
LONGEST_TEXT = 32_767  # in UTF-16 units, as Excel counts
EXACT_DIGITS = 15  # a spreadsheet number holds no more; longer ones stay text
FIRST_YEAR = 1900  # spreadsheets know no date before it

WIDTHS = {"integer": 10, "decimal": 18, "boolean": 9, "date": 12, "time": 8, "datetime": 17, "list": 36, "parts": 44}
FORMATS = {"integer": "0", "decimal": "#,##0.00", "date": "yyyy-mm-dd", "time": "hh:mm", "datetime": "yyyy-mm-dd hh:mm"}
TEXT_WIDTH, WIDEST = 26, 50
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")  # the file would not open
# Everything a stranger typed is data: these defaults of the library would turn text into something else.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": FORMATS["date"],
}
Write = Callable[[int, int, Any], Any]


def check_size(queryset: Any) -> None:
    """Raises ValidationError before any work if one sheet cannot hold the rows."""
    if queryset.order_by()[: MOST_ROWS + 1].count() > MOST_ROWS:
        message = _("A spreadsheet holds at most %(most)s rows. Narrow the filter, or export as CSV: it has no limit.")
        raise ValidationError(message, code="too_many_rows", params={"most": f"{MOST_ROWS:,}"})


def write_workbook(file: Any, title: str, columns: Sequence[Column], headers: str, rows: Iterable[list[Any]]) -> None:
    """Writes one sheet to a path or binary file."""
    # The library keeps rows in files of its own, and leaves them behind when interrupted; so they get a directory.
    with tempfile.TemporaryDirectory(prefix="liaison-xlsx-") as directory:
        book = xlsxwriter.Workbook(file, {**OPTIONS, "tmpdir": directory})
        sheet = book.add_worksheet(_sheet_name(title))
        _write_headings(book, sheet, columns, headers)
        last = _write_rows(sheet, [_writer(book, sheet, column, headers) for column in columns], rows)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        book.close()


def _write_rows(sheet: Any, writers: Sequence[Write], rows: Iterable[list[Any]]) -> int:
    """Returns the number of the last line."""
    number = 0
    for number, cells in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise ValidationError(_("More rows came in during the export than a spreadsheet holds."), "too_many_rows")
        for index, (write, cell) in enumerate(zip(writers, cells, strict=True)):
            if cell is not None and cell != "":
                write(number, index, cell)
    return number


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip()


def _write_headings(book: Any, sheet: Any, columns: Sequence[Column], headers: str) -> None:
    bold = book.add_format({"bold": True, "text_wrap": False, "bottom": 1})
    for index, column in enumerate(columns):
        text = column.code if headers == "codes" else str(column.label)
        sheet.write_string(0, index, text, bold)
        width = max(WIDTHS.get(column.kind, TEXT_WIDTH), _display_width(text) + 4)  # room for the filter arrow
        sheet.set_column(index, index, min(width, WIDEST))
    sheet.freeze_panes(1, 0)


def _display_width(text: str) -> int:
    """Chinese and Japanese characters are two columns wide."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _writer(book: Any, sheet: Any, column: Column, headers: str) -> Write:
    """How the cells of a column are written."""
    text = _text_writer(book, sheet, column, headers)
    if column.kind in ("text", "list", "parts") or (column.choices is not None and headers == "labels"):
        return text
    if column.kind == "boolean":
        return sheet.write_boolean if headers == "codes" else text
    style = book.add_format({"num_format": FORMATS[column.kind]})
    if column.kind in ("integer", "decimal"):
        return lambda row, col, number: (
            sheet.write_number(row, col, number, style) if _is_exact(number) else text(row, col, number)
        )
    if column.kind == "time":
        return lambda row, col, time: sheet.write_datetime(row, col, time, style)

    def write_date(row: int, col: int, day: Any) -> None:
        if day.year < FIRST_YEAR:
            text(row, col, day)
            return
        wall_clock = local_time(day).replace(tzinfo=None) if isinstance(day, datetime.datetime) else day
        sheet.write_datetime(row, col, wall_clock, style)

    return write_date


def _is_exact(number: Decimal | int) -> bool:
    return len(str(number).strip("-0").replace(".", "")) <= EXACT_DIGITS


def _text_writer(book: Any, sheet: Any, column: Column, headers: str) -> Write:
    make, style = text_maker(column, headers), book.add_format()

    def write(row: int, col: int, value: Any) -> None:
        text = make(value)
        if len(text) > LONGEST_TEXT // 2:
            text = _cut(text, column, row)
        if not text:
            return
        if _NOT_XML.search(text):
            text = _NOT_XML.sub("\ufffd", text)
        if text.startswith("<r>"):
            # The library passes such text on as markup; in two pieces it is escaped like any other.
            sheet.write_rich_string(row, col, "<", style, text[1:])
        else:
            sheet.write_string(row, col, text)

    return write


def _cut(text: str, column: Column, row: int) -> str:
    """The beginning of a text that no cell can hold, saying that it was cut: better than no export at all."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    mark = " " + _("[Cut here: a cell holds no more. The CSV export has the whole text.]")
    logger.warning("XLSX export: row %d, column %s: text of %d characters cut", row, column.code, len(text))
    return units[: 2 * (LONGEST_TEXT - len(mark))].decode("utf-16-le", "ignore") + mark
