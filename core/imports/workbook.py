"""XLSX, row by row (openpyxl, read-only), with guards against archives and XML made to fill the memory."""

import datetime
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from defusedxml import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import CALENDAR_WINDOWS_1900
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from core.imports.limits import CELL_TOO_LONG, LONGEST_CELL, MEGABYTE, check_width, refuse

LAST_ROW = 1_048_576  # of a sheet
MOST_ENTRIES = 5_000
LARGEST_SHEET = 1024 * MEGABYTE  # unpacked; it is read as a stream
LARGEST_TEXTS = 48 * MEGABYTE  # the texts of all cells, which are kept in memory
LARGEST_OTHER = 8 * MEGABYTE  # styles and the like, read as a whole
LONGEST_RUN = 4 * MEGABYTE  # of text between two tags
LONGEST_ROW = 8 * MEGABYTE  # of XML

DAMAGED = _("This file is damaged, or no Excel workbook. Open it in a spreadsheet program and save it as .xlsx again.")
LOCKED = _("This workbook is protected by a password. Save it without a password and upload it again.")
TOO_LARGE = _("This workbook unpacks to more than can be read. Save the sheet alone as CSV and import that.")
UNSAFE = _("This workbook holds XML entities, which no spreadsheet program writes. It is not read.")
NO_SHEET = _("This workbook has no sheet with a table.")
UNKNOWN_SHEET = _("This workbook has no sheet “%(sheet)s”.")
ENDLESS = _("Row %(row)s lies beyond the last row of a spreadsheet. Save the file again with a spreadsheet program.")

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_ESCAPED_CONTROL = re.compile("_x(00[01][0-9A-Fa-f])_")
_PADDED = re.compile("0{2,20}")
# What libraries raise on files that are not what they seem: there is no common class.
BROKEN = (
    zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError,
    OSError, SyntaxError, NotImplementedError, OverflowError, RuntimeError, AssertionError, zlib.error, struct.error,
)  # fmt: skip


class _Guarded:
    """A part of the archive. Refuses what would have to be held in memory as a whole."""

    def __init__(self, part: IO[bytes], *, is_sheet: bool) -> None:
        self.part, self.is_sheet = part, is_sheet
        self.run = self.row = 0

    def read(self, size: int = -1) -> bytes:
        data = self.part.read(size)
        self.run = _since(b"<", data, self.run)
        self.row = _since(b"</row", data, self.row) if self.is_sheet else 0
        if self.run > LONGEST_RUN or self.row > LONGEST_ROW:
            raise ValidationError(TOO_LARGE, code="size")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.part, name)

    def __enter__(self) -> "_Guarded":
        return self

    def __exit__(self, *exception: object) -> None:
        self.part.close()


def _since(mark: bytes, data: bytes, before: int) -> int:
    """How many bytes came since the last mark. The longest run within one block does not matter: blocks are small."""
    found = data.rfind(mark)
    return before + len(data) if found < 0 else len(data) - found


class _Archive(zipfile.ZipFile):
    """The zip file behind a workbook."""

    def check(self) -> None:
        entries = self.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise ValidationError(LOCKED, code="locked")
        if len(entries) > MOST_ENTRIES or any(entry.file_size > _largest(entry.filename) for entry in entries):
            raise ValidationError(TOO_LARGE, code="size")

    def open(self, name: Any, *args: Any, **kwargs: Any) -> Any:
        part = super().open(name, *args, **kwargs)
        return _Guarded(part, is_sheet=_is_sheet(getattr(name, "filename", name)))


def _is_sheet(name: str) -> bool:
    return "/worksheets/" in f"/{name}"


def _largest(name: str) -> int:
    if _is_sheet(name):
        return LARGEST_SHEET
    return LARGEST_TEXTS if name.endswith("sharedStrings.xml") else LARGEST_OTHER


class _Sheet(ReadOnlyWorksheet):
    """A sheet of unknown size: what a file says of it may be wrong, and to find out would be to read it all."""

    def _get_size(self) -> None:
        pass


class _Reader(ExcelReader):
    """Opens the sheets and nothing of what lies on them."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive = _Archive(file)
        self.archive.check()

    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                made = _Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
                made.sheet_state = sheet.state
                self.wb._sheets.append(made)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of what openpyxl leaves out: drawings, extensions
            yield
    except BROKEN as error:
        if isinstance(error, DefusedXmlException) or isinstance(error.__cause__, DefusedXmlException):
            raise ValidationError(UNSAFE, code="unsafe") from None
        raise ValidationError(DAMAGED, code="damaged") from None


class Workbook:
    """An open workbook. Raises ValidationError for whatever is not one."""

    def __init__(self, file: IO[bytes]) -> None:
        with _explained():
            reader = _Reader(file)
            reader.read()
        self.book: Any = reader.wb
        # openpyxl has already dissolved some of the escapes in shared texts, none of those inside a sheet.
        self.escaped = _ESCAPED_CONTROL if reader.shared_strings else _ESCAPED

    @property
    def sheets(self) -> list[str]:
        return [sheet.title for sheet in self.book.worksheets]

    @property
    def starts_1904(self) -> bool:
        """Whether its day numbers count from 1904, as old Macs did."""
        return bool(self.book.epoch != CALENDAR_WINDOWS_1900)

    def first_filled(self) -> str:
        """The sheet to begin with: the first visible one that holds anything."""
        visible = [sheet for sheet in self.book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            if any(cells for _number, cells in self.rows(sheet.title)):
                return str(sheet.title)
        raise ValidationError(NO_SHEET, code="empty")

    def rows(self, name: str) -> Iterator[tuple[int, list[Any]]]:
        """Yields (row number, cells) without empty cells at the end. Cells are typed; an empty one is an empty text."""
        if name not in self.sheets:
            raise ValidationError(UNKNOWN_SHEET, code="sheet", params={"sheet": name})
        source = enumerate(self.book[name].iter_rows(), start=1)
        while True:
            with _explained():
                number, cells = next(source, (0, ()))
                values = self._values(number, cells)
            if not number:
                return
            if number > LAST_ROW:
                refuse(ENDLESS, "rows", row=number)
            check_width(number, values)
            yield number, values

    def _values(self, number: int, cells: Any) -> list[Any]:
        values = [_value(cell, self.escaped) for cell in cells]
        while values and values[-1] == "":
            values.pop()
        if any(isinstance(value, str) and len(value) > LONGEST_CELL for value in values):
            refuse(CELL_TOO_LONG, "cell_length", row=number, limit=LONGEST_CELL)
        return values


def _value(cell: Any, escaped: re.Pattern[str]) -> Any:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    if type(value) is int and _PADDED.fullmatch(cell.number_format):
        return str(value).zfill(len(cell.number_format))  # a number in name only: 0120… with its zeros
    return value if not isinstance(value, datetime.timedelta) else str(value)
