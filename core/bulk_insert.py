"""`bulk_create` and plain rows, several times as fast: `COPY` on PostgreSQL, one prepared statement on SQLite.

Keys are drawn beforehand and values made ready column by column. What a model's own `bulk_create` does besides is done.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django_countries.fields import Country

PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.ForeignKey,
)  # whose values of these types are stored as they are
AS_THEY_ARE = {str, int, type(None)}
FEW_VALUES = {bool, datetime.date, Country, type(None)}  # of which a column has few different ones
# What is stored is what the record has; other fields (files, times of saving) change it on the way.
AS_READ = (models.Field.pre_save, models.DateField.pre_save, models.DateTimeField.pre_save)


class _Fast:
    """Takes the place of the many INSERTs below `bulk_create`."""

    def _batched_insert(self: Any, objs: Sequence[Any], fields: Any, batch_size: int | None, **on_conflict: Any) -> Any:
        model = self.model
        _store(model, [(field, _values_of(field, objs)) for field in model._meta.concrete_fields])
        return []


@cache
def _fast(kind: type[Any]) -> type[Any]:
    return type(f"Fast{kind.__name__}", (_Fast, kind), {})


@transaction.atomic
def bulk_insert(records: Sequence[models.Model]) -> None:
    """Stores new records of one model as its `bulk_create` does, which raises the same errors and sends no signals."""
    if not records:
        return
    model: Any = type(records[0])
    for record, pk in zip(records, _keys(model, len(records)), strict=True):
        record.pk = pk
    queryset = model._default_manager.get_queryset()
    kind: Any = type(queryset)
    queryset.__class__ = _fast(kind)
    queryset.bulk_create(records)


@transaction.atomic
def insert_rows(model: Any, count: int, same: Mapping[str, Any], **columns: Sequence[Any]) -> None:
    """Stores `count` rows without an instance for each: `same` has the values of all, `columns` one for each row, both
    by attribute name (`origin_id`); the rest gets its default."""
    if not count:
        return
    columns[model._meta.pk.attname] = _keys(model, count)
    found = []
    for field in model._meta.concrete_fields:
        if field.attname in columns:
            found.append((field, _ready(field, columns[field.attname])))
        else:
            value = same[field.attname] if field.attname in same else field.get_default()
            found.append((field, [field.get_db_prep_save(value, connection)] * count))
    _store(model, found)


def _values_of(field: Any, records: Sequence[Any]) -> Sequence[Any]:
    as_read = type(field).pre_save in AS_READ
    if as_read and not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False):
        return _ready(field, [record.__dict__[field.attname] for record in records])
    return _ready(field, [field.pre_save(record, True) for record in records])


def _ready(field: Any, values: Sequence[Any]) -> Sequence[Any]:
    """The values as the database driver takes them."""
    types = set(map(type, values))
    if types == {type(None)} or (isinstance(field, PLAIN) and types <= AS_THEY_ARE):
        return values
    # Not the proxy that is imported: it looks up the thread's connection each time it is touched.
    prepare, database = field.get_db_prep_save, connections[DEFAULT_DB_ALIAS]
    if types <= FEW_VALUES:
        prepared = {value: prepare(value, database) for value in set(values)}
        return [prepared[value] for value in values]
    return [prepare(value, database) for value in values]


def _keys(model: Any, count: int) -> Sequence[int]:
    """Primary keys that nobody else gets."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), model._meta.pk.column, count],
            )
            return [pk for (pk,) in cursor.fetchall()]
        # The transaction holds the lock of the one writer, so the counter stays where it is until the rows are in.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        first = (cursor.fetchone() or (0,))[0] + 1
        return range(first, first + count)


def _store(model: Any, columns: Sequence[tuple[Any, Sequence[Any]]]) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field, _values in columns)
    rows = zip(*(values for _field, values in columns), strict=True)
    (_copy if connection.vendor == "postgresql" else _execute)(quote(model._meta.db_table), names, len(columns), rows)


def _execute(table: str, names: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    places = ", ".join(["%s"] * width)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows))  # noqa: S608  own names


def _copy(table: str, names: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
