"""Fast storing: COPY on PostgreSQL, one prepared statement on SQLite."""

import json
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from django.db import connection
from django.db.models import JSONField

from core.records import Record
from demo.sample.world import Rows


def store(rows: Rows) -> int:
    """Stores the rows and answers how many. Raises ValueError if the columns do not fit together."""
    size = _size(rows)
    if not size:
        return 0
    quote = connection.ops.quote_name
    table = quote(rows.model._meta.db_table)
    names = [quote(str(field.column)) for field in rows.model._meta.concrete_fields]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in values(rows):
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  our own names
        connection.ensure_connection()
        connection.connection.executemany(statement, values(rows))
    return size


def _size(rows: Rows) -> int:
    known = {field.attname for field in rows.model._meta.concrete_fields}
    if unknown := rows.columns.keys() - known:
        raise ValueError(f"{rows.model._meta.label} has no column {', '.join(sorted(unknown))}.")
    sizes = {name: len(column) for name, column in rows.columns.items() if _is_sequence(column)}
    if len(set(sizes.values())) != 1:
        raise ValueError(f"The columns of {rows.model._meta.label} differ in length: {sizes}.")
    return sizes["id"]


def _is_sequence(column: Any) -> bool:
    return isinstance(column, list | tuple | range)


def values(rows: Rows) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples in the order of the table's columns."""
    fields = rows.model._meta.concrete_fields
    # The primary key is a sequence and ends the endless ones.
    return zip(*(column(rows, field) for field in fields), strict=False)


def column(rows: Rows, field: Any) -> Iterable[Any]:
    """The values of a field, endlessly the same one where it is the same for all."""
    if field.attname in rows.columns:
        found = rows.columns[field.attname]
        return found if _is_sequence(found) else repeat(found)
    if field.name == "is_sample" and issubclass(rows.model, Record):
        return repeat(True)
    default = field.get_default()
    return repeat(json.dumps(default) if isinstance(field, JSONField) else default)
