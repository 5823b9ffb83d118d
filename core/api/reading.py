"""Reads the columns of a page. Django builds and compiles the long statement of a list anew for each request, which
takes longer than to run it; here its long part is compiled once, and only the short one that finds the records anew."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from core.ordering import Key, expressions

PLACE = "%s"
AS_A_QUERY = f" IN ({PLACE})"
# Among many joins PostgreSQL no longer weighs to begin with the keys, and joins whole tables. An array is read first.
AS_AN_ARRAY = f" = ANY(ARRAY({PLACE}))"


class Statement(NamedTuple):
    """The columns of the records with certain primary keys, in order; the query of the keys goes between the halves."""

    before: str
    after: str
    selected: list[Any]


@lru_cache(maxsize=512)
def _statement(model: Any, paths: tuple[str, ...], order: tuple[Key, ...], database: str) -> Statement:
    # One key stands in for the query, and is the only parameter.
    rows = model._base_manager.using(database).filter(pk__in=[0]).order_by(*expressions(order)).values_list(*paths)
    compiler = rows.query.get_compiler(database)
    sql, _params = compiler.as_sql()
    condition = AS_AN_ARRAY if connections[database].vendor == "postgresql" else AS_A_QUERY
    before, after = sql.replace(AS_A_QUERY, condition).split(PLACE)
    return Statement(before, after, [column[0] for column in compiler.select[: compiler.col_count]])


def rows(found: QuerySet[Any], paths: Sequence[str], order: Sequence[Key], limit: int) -> Iterator[Sequence[Any]]:
    """What `found.order_by(<order>).values_list(*paths)[:limit]` gives, by one statement."""
    database = found.db
    keys = found.order_by(*expressions(order)).values("pk")[:limit]
    try:
        inner, params = keys.query.get_compiler(database).as_sql()
    except EmptyResultSet:
        return iter(())
    model: Any = found.model
    statement = _statement(model, tuple(paths), tuple(order), database)
    with connections[database].cursor() as cursor:
        cursor.execute(f"{statement.before}{inner}{statement.after}", params)
        read = cursor.fetchall()
    compiler = found.query.get_compiler(database)
    converters = compiler.get_converters(statement.selected)
    return iter(compiler.apply_converters(read, converters) if converters else read)
