"""The lines of a CSV file, the same bytes in three ways: PostgreSQL copies them out, SQLite hands them over finished,
and what neither can make by itself is made in Python."""

import csv
import io
import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from core import export_postgresql, export_sqlite
from core.export_cells import csv_column
from core.export_sql import NotInSql

logger = logging.getLogger(__name__)

LINES = 100
WAYS = {"postgresql": export_postgresql, "sqlite": export_sqlite}


def line(cells: Iterable[Any]) -> bytes:
    """One line of a CSV file, with quotes where they are needed."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode(errors="replace")


def portions(export: Any) -> Iterator[tuple[bytes, int]]:
    """The records of an export, `LINES` lines at a time, and how many lines these are."""
    try:
        return by_database(export)
    except NotInSql as missing:
        logger.info("The export of %s is made in Python: %s", export.resource.slug, missing)
        return by_python(export)


def by_database(export: Any) -> Iterator[tuple[bytes, int]]:
    """Has the database make the lines. Raises NotInSql, before the first of them, where it cannot."""
    if len(export.columns) == 1:
        raise NotInSql("a single column, whose empty cells are written in quotes")
    way = WAYS[connection.vendor]
    try:
        source = way.statement(export, _flat(export.queryset))
    except EmptyResultSet:  # no record can match, so there is no SQL to ask for them
        return iter(())
    return way.lines(*source, LINES)


def _flat(queryset: Any) -> Any:
    """The same records in the same order, one row each, in a form that can be given other columns."""
    query = queryset.query
    if query.combinator or query.is_sliced or query.group_by is not None or query.distinct_fields:
        raise NotInSql("the form of the queryset")
    if not query.distinct:
        return queryset
    once = queryset.model._base_manager.filter(pk__in=queryset.order_by().values("pk"))
    return once.order_by(*query.order_by)


def by_python(export: Any) -> Iterator[tuple[bytes, int]]:
    """Reads values and makes the cells column by column."""
    makers = [csv_column(column, export.headers) for column in export.columns]
    for pks, values in export.resource.columns.batches(export.queryset, export.user, export.columns):
        cells = zip(*(make(column) for make, column in zip(makers, values, strict=True)), strict=True)
        made = map(",".join, cells)
        if len(makers) == 1:  # an empty line would count as none
            made = map(_filled, made)
        for start in range(0, len(pks), LINES):
            lines = "\r\n".join([*islice(made, LINES), ""])
            yield lines.encode(errors="replace"), min(LINES, len(pks) - start)


def _filled(line: str) -> str:
    return line or '""'
