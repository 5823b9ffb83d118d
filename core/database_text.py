"""Text functions that each database spells in its own way, for the expressions of `core.export_sql` and of names.

What SQLite lacks it gets from Python (`_add_functions`), a call for each value: only for what is rare.
"""

import datetime
import decimal
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db.backends.signals import connection_created
from django.db.models import BooleanField, Case, Func, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import Exact
from django.dispatch import receiver

from core import clocks

TEXT = TextField()
Sql = tuple[str, Sequence[Any]]


class Labelled(Func):
    """The text that stands for a value, and the value itself where none does.

    One expression instead of hundreds: to make SQL of those takes longer than many an export. The first few, which are
    the everyday ones, are compared; the others are looked up.
    """

    output_field = TEXT

    def __init__(self, value: Any, labels: dict[Any, str], otherwise: Any = None) -> None:
        super().__init__(value, Cast(value, TEXT) if otherwise is None else otherwise)
        self.labels = labels

    def relabelled(self, change: Callable[[str], str], otherwise: Callable[[Any], Any]) -> "Labelled":
        labels = {value: change(label) for value, label in self.labels.items()}
        return Labelled(self.source_expressions[0], labels, otherwise(self.source_expressions[1]))

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        (value, params), (otherwise, its_params) = (compiler.compile(part) for part in self.source_expressions)
        few = list(islice(self.labels.items(), FEW))
        others = {str(key): label for key, label in islice(self.labels.items(), FEW, None)}
        if others:
            lookup = "%s::jsonb ->> ({}::text)" if connection.vendor == "postgresql" else "LIAISON_LABEL(%s, {})"
            known = json.dumps(others) if connection.vendor == "postgresql" else _remembered(others)
            otherwise = f"COALESCE({lookup.format(value)}, {otherwise})"
            its_params = [known, *params, *its_params]
        cases = " ".join(["WHEN %s THEN %s"] * len(few))
        sql = f"CASE {value} {cases} ELSE {otherwise} END" if few else otherwise
        return sql, [*(params if few else ()), *chain.from_iterable(few), *its_params]


FEW = 8
_labels: dict[str, dict[str, str]] = {}  # of SQLite's lookups: as many as there are lists of choices and languages


def _remembered(labels: dict[str, str]) -> str:
    key = hashlib.sha256(json.dumps(labels).encode()).hexdigest()
    _labels[key] = labels
    return key


def _label(key: str, value: Any) -> str | None:
    return _labels[key].get(str(value))


class BeginsWithin(Func):
    """Whether the first character lies in one of the ranges, e.g. `("az", "09")`."""

    output_field = BooleanField()

    def __init__(self, text: Any, ranges: Sequence[str]) -> None:
        super().__init__(text)
        self.ranges = "".join("-".join(ends) for ends in ranges)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        text, params = compiler.compile(self.source_expressions[0])
        return f"{text} GLOB %s", [*params, f"[{self.ranges}]*"]

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        text, params = compiler.compile(self.source_expressions[0])
        return f"{text} ~ %s", [*params, f"^[{self.ranges}]"]


def first_filled(text: Any, otherwise: Any) -> Any:
    """The text, or another where it is empty."""
    return Case(When(Exact(text, ""), then=otherwise), default=text, output_field=TEXT)


class Joined(Func):
    """Those of the texts that are not empty, with a separator between them."""

    output_field = TEXT
    arg_joiner = " || "

    def __init__(self, separator: str, *texts: Any) -> None:
        template = f"COALESCE('{separator}' || NULLIF(CAST(%(expressions)s AS TEXT), ''), '')"
        parts = (Func(text, template=template, output_field=TEXT) for text in texts)
        super().__init__(*parts, template=f"SUBSTR(%(expressions)s, {len(separator) + 1})")


def formatted(template: str, **values: Any) -> Any:
    """`template % values` for a template of `%(name)s`, with expressions as values."""
    pieces = re.split(r"%\((\w+)\)s", template)
    parts = [values[piece] if number % 2 else Value(piece) for number, piece in enumerate(pieces)]
    return Concat(*parts, output_field=TEXT)


class Found(Subquery):
    """A value of another record; NULL where there is none, also where Django sees that there can be none."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        try:
            return super().as_sql(compiler, connection, *args, **extra)
        except EmptyResultSet:
            return "NULL", ()


class Lines(Subquery):
    """The column `line` of a queryset as one text, in its order; empty without rows.

    `form` makes SQL and parameters of the finished text from a name for it, which it may mention several times.
    """

    output_field = TEXT
    template = "%(subquery)s"

    def __init__(self, rows: Any, separator: str, form: Callable[[str], Sql] | None = None) -> None:
        super().__init__(rows)
        self.separator = separator
        self.form = form

    def formed(self, form: Callable[[str], Sql]) -> "Lines":
        lines: Lines = self.copy()
        lines.form = form
        return lines

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        try:
            rows, params = super().as_sql(compiler, connection, **extra)
        except EmptyResultSet:
            return "''", ()
        joined = "STRING_AGG" if connection.vendor == "postgresql" else "GROUP_CONCAT"
        all_lines = f"COALESCE({joined}(CAST(line AS TEXT), '{self.separator}'), '')"
        text = f"SELECT {all_lines} AS text FROM ({rows}) AS lines"  # noqa: S608  our own SQL
        form_params: Sequence[Any] = ()
        if self.form:
            form, form_params = self.form("text")
            text = f"SELECT {form} FROM ({text}) AS list"  # noqa: S608  our own SQL
        # Most records have none: to see that is cheaper than to join nothing.
        return f"CASE WHEN EXISTS({rows}) THEN ({text}) ELSE '' END", (*params, *form_params, *params)


class Digits(Func):
    """A decimal without exponent. SQLite stores a float; Django's own conversion makes the decimal that was meant."""

    function = "LIAISON_DIGITS"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        field: Any = self.source_expressions[0].output_field
        template = f"%(function)s(%(expressions)s, {field.decimal_places:d})"
        return super().as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return compiler.compile(self.source_expressions[0])


class LocalMinute(Func):
    """`2026-01-02 05:30` on the wall clock of a time zone."""

    function = "LIAISON_MINUTE"
    output_field = TEXT

    def __init__(self, moment: Any, zone: str) -> None:
        super().__init__(moment, Value(zone))

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # The shortest way: the server's own text (ISO and UTC, see `core.exports.snapshot`), cut after the minutes.
        sql, params = self.as_sql(compiler, connection, template="%(expressions)s", arg_joiner=" AT TIME ZONE ")
        always = f"({sql})::varchar(16)", params
        if len(clocks.changes(params[-1])) > 1:
            return always
        return self._by_offset(compiler, always, "({moment} + {offset}::interval)::varchar(16)")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        local = "SUBSTR(DATETIME(SUBSTR({moment}, 1, 16), {offset}), 1, 16)"
        return self._by_offset(compiler, self.as_sql(compiler, connection), local)

    def _by_offset(self, compiler: Any, always: Sql, form: str) -> Sql:
        """Adding minutes is faster than asking the zone; in the years for which the offsets are known."""
        moment, params = compiler.compile(self.source_expressions[0])
        if params:
            return always
        changes = clocks.changes(always[1][-1])
        local = form.format(moment=moment, offset=_offset(moment, changes))
        known = f"{moment} >= '{clocks.FROM:%Y-%m-%d}' AND {moment} < '{clocks.UNTIL:%Y-%m-%d}'"
        return f"CASE WHEN {known} THEN {local} ELSE {always[0]} END", always[1]


def _offset(moment: str, changes: Sequence[tuple[datetime.datetime, int]]) -> str:
    if len(changes) == 1:
        return f"'{changes[0][1]:+d} minutes'"
    early, late = changes[: len(changes) // 2], changes[len(changes) // 2 :]
    before, after = _offset(moment, early), _offset(moment, late)
    return f"CASE WHEN {moment} < '{late[0][0]:%Y-%m-%d %H:%M}' THEN {before} ELSE {after} END"


class IsoMoment(Func):
    """`2026-01-01T20:30:59.000123+00:00`, as Python writes it: without a fraction where it is zero."""

    output_field = TEXT

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "REPLACE(%(expressions)s, ' ', 'T') || '+00:00'"
        return super().as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        moment, params = compiler.compile(self.source_expressions[0])
        # The server's own text (in UTC, see `core.exports.snapshot`) is the fastest, but leaves out zeros at the end.
        own = f"REPLACE({moment}::timestamp::text, ' ', 'T') || '+00:00'"
        exact = f'TO_CHAR({moment}, \'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"\')'
        has_none = f"{moment} = {moment}::timestamptz(0) OR {moment} <> {moment}::timestamptz(5)"
        return f"CASE WHEN {has_none} THEN {own} ELSE {exact} END", [*params] * 6


class IsoTime(Func):
    """`10:00:00.500000`; PostgreSQL alone leaves out zeros at the end."""

    output_field = TEXT
    template = "%(expressions)s"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        time, params = compiler.compile(Cast(self.source_expressions[0], TEXT))
        return f"RPAD({time}, CASE LENGTH({time}) WHEN 8 THEN 8 ELSE 15 END, '0')", (*params, *params)


def _minute(text: str | None, zone: str) -> str | None:
    """Of a moment as SQLite stores it."""
    if text is None:
        return None
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return clocks.minute_text(moment, ZoneInfo(zone))


_meant = decimal.Context(prec=15).create_decimal_from_float


def _digits(value: float | None, places: int) -> str | None:
    """As Django reads it."""
    return None if value is None else format(_meant(value).quantize(decimal.Decimal(1).scaleb(-places)), "f")


@receiver(connection_created, dispatch_uid="liaison-database-text")
def _add_functions(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function("LIAISON_MINUTE", 2, _minute, deterministic=True)
        connection.connection.create_function("LIAISON_LABEL", 2, _label, deterministic=True)
        connection.connection.create_function("LIAISON_DIGITS", 2, _digits, deterministic=True)
