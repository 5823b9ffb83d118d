"""From a column's value to the cell of a file: for people (labels, local time) or for programs (codes, ISO 8601)."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.clocks import minute_text
from core.columns import Column
from core.spreadsheet_text import SUSPECT, make_inert

LIST_SEPARATOR = "; "
Maker = Callable[[Any], Any]


def exportable(columns: Iterable[Column]) -> list[Column]:
    """Parts fill a record's page, not a cell, unless their resource shows them in lists."""
    return [column for column in columns if column.kind != "parts" or not column.detail_only]


def heading(column: Column, headers: str) -> str:
    return make_inert(column.code if headers == "codes" else str(column.label))


def as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")  # never 1E+3
    return str(value)


def local_time(moment: datetime.datetime) -> datetime.datetime:
    """The wall clock of the reader."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _readable_datetime() -> Maker:
    zone = timezone.get_current_timezone()
    return lambda moment: minute_text(moment, zone)


def _labels(column: Column) -> Maker:
    """The translated choices, looked up once per export; a value that is no longer a choice stays as it is."""
    found = {value: str(label) for value, label in (column.choices or dict)().items()}
    return lambda value: found.get(value, value)


def _yes_no() -> Maker:
    yes, no = _("Yes"), _("No")
    return lambda value: yes if value else no


def _joined(items: Maker) -> Maker:
    return lambda values: LIST_SEPARATOR.join(items(value) for value in values)


def shown_parts(column: Column) -> list[Column]:
    """What a cell tells of each part: not the ids, which say nothing there."""
    columns = column.schema.listed()
    hidden = {"id", *(part.code.removesuffix("_display") for part in columns if part.code.endswith("_display"))}
    return [part for part in columns if part.code not in hidden]


def _parts(column: Column, headers: str) -> Maker:
    """Each part as its non-empty values with commas."""
    makers = [(part.code, text_maker(part, headers)) for part in shown_parts(column)]

    def one(row: dict[str, Any]) -> str:
        return ", ".join(text for code, make in makers if (text := make(row.get(code))))

    return _joined(one)


def _maker(column: Column, headers: str) -> Maker:
    if column.kind == "parts":
        return _parts(column, headers)
    if column.kind == "list":
        return _joined(as_text)
    if headers == "labels" and column.choices is not None:
        return _labels(column)
    if column.kind == "datetime":
        return _readable_datetime() if headers == "labels" else lambda moment: moment.isoformat()
    if column.kind == "date":
        return lambda day: day.isoformat()
    if column.kind == "time":
        return lambda time: time.isoformat("minutes") if headers == "labels" else time.isoformat()
    if column.kind == "boolean":
        return _yes_no() if headers == "labels" else lambda value: "true" if value else "false"
    return as_text


def text_maker(column: Column, headers: str) -> Maker:
    """Makes the text of a column's values; an empty value is an empty text."""
    make = _maker(column, headers)
    return lambda value: "" if value is None else as_text(make(value))


ColumnMaker = Callable[[Sequence[Any]], Sequence[str]]
BARE = ("integer", "decimal", "date", "time", "datetime")


def is_bare(column: Column, headers: str) -> bool:
    """Whether the cells stand in the file without quotes. Texts always have them, so that nobody has to look inside;
    numbers and times never do, as they cannot be a formula."""
    return column.kind in BARE and not (headers == "labels" and column.choices is not None)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def csv_column(column: Column, headers: str) -> ColumnMaker:
    """Makes a column's cells. Works on many values at once: there may be millions."""
    if headers == "labels" and column.choices is not None:
        return _label_column(column)
    make = _maker(column, headers)
    if is_bare(column, headers):
        return lambda values: ["" if value is None else str(make(value)) for value in values]
    return _text_column(None if column.kind == "text" else make)


def _text_column(make: Maker | None) -> ColumnMaker:
    """Texts that no spreadsheet runs; most need no more than a look at their first character."""

    def cell(value: Any) -> str:
        text = value if type(value) is str else as_text(value)
        return quoted(make_inert(text) if text[:1] in SUSPECT else text)

    if make is None:
        return lambda values: ['""' if value is None or value == "" else cell(value) for value in values]
    return lambda values: ['""' if value is None else cell(make(value)) for value in values]


def _label_column(column: Column) -> ColumnMaker:
    label = _labels(column)
    known: dict[Any, str] = {None: '""'}

    def cell(value: Any) -> str:
        if value not in known:
            known[value] = quoted(make_inert(as_text(label(value))))
        return known[value]

    return lambda values: list(map(cell, values))
