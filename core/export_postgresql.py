"""CSV from PostgreSQL: the server writes the lines itself (COPY)."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Case, Func, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.sql import Query

from core.database_text import TEXT, Labelled, Lines
from core.export_cells import is_bare
from core.export_sql import Texts, is_harmless
from core.spreadsheet_text import BETWEEN_GROUPS, DIGITS, MARK, NUMBER, PHONE, STARTS, SUSPECT, make_inert

_FIRST = ",".join(str(ord(character)) for character in sorted(SUSPECT))
_STARTS = re.escape("".join(sorted(STARTS - {"\x00"})))
# What stays as it is once the apostrophes in front are gone.
_HARMLESS = f"^(?:$|[^{_STARTS}]|(?:{NUMBER.pattern}|{PHONE.pattern})$)"
# Phone numbers are frequent, and counting in the pattern is slow: this one and the number of digits say the same.
_PHONE = f"^{PHONE.pattern.rpartition('{')[0]}+$"


def _inert(text: str, params: Sequence[Any] = ()) -> tuple[str, list[Any]]:
    """`make_inert` as SQL; NULL becomes an empty text."""
    digits = f"LENGTH(TRANSLATE({text}, %s, '')) - 1 BETWEEN {DIGITS[0]} AND {DIGITS[1]}"
    suspect = (
        f"CASE WHEN {text} ~ %s AND {digits} THEN {text} WHEN LTRIM({text}, %s) ~ %s THEN {text} ELSE %s || {text} END"
    )
    usual = f"ASCII({text}) <> ALL ('{{{_FIRST}}}')"
    return f"CASE WHEN {usual} THEN {text} WHEN {text} <> '' THEN {suspect} ELSE '' END", [
        *[*params] * 4, _PHONE, *params, BETWEEN_GROUPS, *[*params] * 2, MARK, _HARMLESS, *params, MARK, *params,
    ]  # fmt: skip


class Inert(Func):
    """`_inert` of an expression."""

    output_field = TEXT

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        return _inert(*compiler.compile(self.source_expressions[0]))


def _cell(text: Any) -> Any:
    """The text made inert as far inside as possible: outside, it would be made again at each mention."""
    match text:
        case Labelled():
            return text.relabelled(make_inert, _cell)
        case Lines():
            return text.formed(_inert)
        case Case():
            cases = (When(case.condition, then=_cell(case.result)) for case in text.cases)
            return Case(*cases, default=_cell(text.default), output_field=TEXT)
        case Value():
            return Value(make_inert(text.value or ""), output_field=TEXT)
    return Inert(text)


def statement(export: Any, queryset: Any) -> tuple[str, list[Any]]:
    """What to copy, and its parameters. Raises NotInSql.

    Lists are read outside of the ordered rows: inside, they would keep the server from sharing out the work.
    """
    texts = Texts(export.resource.model, export.user, export.headers, RawSQL("cells.pk", []))
    inner: dict[str, Any] = {}
    outer: list[tuple[str, Sequence[Any]]] = []
    for number, column in enumerate(export.columns):
        name, text = f"cell_{number}", texts.of(column)
        cell = text if is_bare(column, export.headers) or is_harmless(column) else _cell(text)
        if isinstance(text, Lines):
            outer.append(_compiled(cell))
        else:
            inner[name] = cell
            outer.append((name, ()))
    sql, params = queryset.annotate(**inner).values_list("pk", *inner).query.sql_with_params()
    names = [f"cell_{number}" for number in range(len(outer))]
    select = ", ".join(f"{cell} AS {name}" for name, (cell, _params) in zip(names, outer, strict=True))
    quoted = [name for name, column in zip(names, export.columns, strict=True) if not is_bare(column, export.headers)]
    force = f", FORCE_QUOTE ({', '.join(quoted)})" if quoted else ""
    copy = f"COPY (SELECT {select} FROM ({sql}) AS cells) TO STDOUT (FORMAT csv{force})"  # noqa: S608  our own SQL
    return copy, [*chain.from_iterable(some for _cell, some in outer), *params]


def _compiled(expression: Any) -> tuple[str, Sequence[Any]]:
    query = Query(None)
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).compile(expression.resolve_expression(query))
    return sql, params


def lines(sql: str, params: list[Any], number: int) -> Iterator[tuple[bytes, int]]:
    """The result, some lines at a time."""
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(cursor.mogrify(sql, params)) as copy,
    ):
        rows = iter(copy)
        while some := [row[:-1] for row in islice(rows, number)]:
            yield b"\r\n".join([*some, b""]), len(some)
