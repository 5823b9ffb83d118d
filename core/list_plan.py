"""In which way a long list is read, so that a page costs what it shows and not what is found.

A condition that few records meet is entered by its index. Where many meet it, the list is read in its own order, and
each record looked at, until the page is full. PostgreSQL knows by its statistics which is which, except for searches;
SQLite never asks how many it is to skip, so it is told.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, IsNull

from core.arms import leaves, split, with_condition
from core.search import Query
from core.search_index import Found, FoundByProbing, FoundByReading, estimate, hits_sql, lookup_in

# Counting stops here; a list that is longer says so.
MOST_COUNTED = 10_000
# A word that so many records have is looked for in their texts as they are read.
EVERYWHERE = 200_000


def compiled(queryset: Any, limit: int | None = None) -> tuple[str, tuple[Any, ...]] | None:
    """Its SQL with parameters; None if nothing can be found."""
    rows = queryset[:limit] if limit else queryset
    try:
        return rows.query.get_compiler(queryset.db).as_sql()
    except EmptyResultSet:
        return None


def fetched(using: str, sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def counted(using: str, selects: Sequence[tuple[str, Sequence[Any]] | None]) -> list[int]:
    """How many rows each of these selects has, in one query."""
    asked = [pair for pair in selects if pair]
    if not asked:
        return [0] * len(selects)
    sql = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM ({arm}) AS arm)" for arm, _parameters in asked)  # noqa: S608
    (row,) = fetched(using, sql, [value for _arm, parameters in asked for value in parameters])
    found = iter(row)
    return [next(found) if pair else 0 for pair in selects]


def counts(querysets: Sequence[Any], limit: int | None = None) -> list[int]:
    """How many records each has, counted up to `limit`."""
    return counted(querysets[0].db, [compiled(queryset.order_by().values("pk"), limit) for queryset in querysets])


def hits_up_to(model: Any, query: Query, most: int) -> int:
    """How many records of the table are found, counted up to `most`."""
    using = router.db_for_read(model)
    hits, values = hits_sql(model, query, connections[using])
    (count,) = counted(using, [(f"{hits} LIMIT {most}", values)])
    return count


def some_hits(model: Any, query: Query, most: int) -> list[Any]:
    """The primary keys of records of the table that are found, any `most` of them, reachable or not."""
    if not query.ways:
        return []
    using = router.db_for_read(model)
    hits, values = hits_sql(model, query, connections[using])
    return [pk for (pk,) in fetched(using, f"{hits} LIMIT {most}", values)]


class Search:
    """The search that a queryset is narrowed by: how many records of the whole table are found, and so how they are
    read. `rare` is how many are few."""

    def __init__(self, queryset: Any, found: Found, rare: int) -> None:
        self.queryset, self.found, self.rare = queryset, found, rare

    @classmethod
    def of(cls, queryset: Any, rare: int) -> "Search | None":
        found = lookup_in(queryset)
        return cls(queryset, found, rare) if found is not None and found.rhs.ways else None

    @property
    def is_rare(self) -> bool:
        # SQLite has the numbers of what it finds in order, and need not read the rows to sort them.
        return self.hits <= (self.rare if is_postgresql(self.queryset) else MOST_COUNTED)

    @cached_property
    def hits(self) -> int:
        """In PostgreSQL roughly, in SQLite up to `EVERYWHERE`."""
        return estimate(self.queryset, self.found) if is_postgresql(self.queryset) else self._weights[0]

    @cached_property
    def _weights(self) -> list[int]:
        """The hits, and how many records there are in each arm, found or not: in one query."""
        hits, values = hits_sql(self.queryset.model, self.found.rhs, connections[self.queryset.db])
        bare = [with_condition(arm, self.found).order_by().values("pk") for arm in split(self.queryset)]
        arms = [compiled(arm, MOST_COUNTED + 1) for arm in bare]
        return counted(self.queryset.db, [(f"{hits} LIMIT {EVERYWHERE + 1}", values), *arms])

    def arms(self) -> list[Any]:
        """The arms, each in the form in which it is counted."""
        if self.is_rare:
            return [self.queryset]  # so few need no further index
        arms = split(self.queryset)
        if self.hits > EVERYWHERE:
            return [searched_by(FoundByReading, arm) for arm in arms]
        if is_postgresql(self.queryset):  # its planner weighs the indexes of small arms of its own accord
            return arms
        forms = (FoundByReading if size <= MOST_COUNTED else FoundByProbing for size in self._weights[1:])
        return [searched_by(form, arm) for form, arm in zip(forms, arms, strict=True)]

    def is_surely_beyond(self, limit: int) -> bool:
        """Whether several times more are found than `limit`, and nothing but the search decides: then nobody needs to
        count them."""
        only = all(isinstance(leaf, Found | IsNull) for leaf in leaves(self.queryset))
        return only and self.hits > 4 * limit


def is_postgresql(queryset: Any) -> bool:
    return connections[queryset.db].vendor == "postgresql"


def searched_by(form: type[Found], queryset: Any) -> Any:
    found: Any = lookup_in(queryset)
    return with_condition(queryset, found, form(found.lhs, found.rhs))


# -- in the list's own order ------------------------------------------------------------------------------------------


class _Unindexed(models.Func):
    """A column, hidden from SQLite's choice of an index."""

    template = "+%(expressions)s"
    arity = 1


def in_order(queryset: Any, first: str) -> Any:
    """The queryset so that it is read in the order that begins with the field `first`; itself, if it is anyway."""
    for leaf in leaves(queryset):
        if isinstance(leaf, Found):
            if not isinstance(leaf, FoundByReading):
                queryset = searched_by(FoundByReading, queryset)
        elif not is_postgresql(queryset) and _leads_away(leaf, queryset.model, first):
            hidden = leaf.copy()
            hidden.lhs = _Unindexed(leaf.lhs, output_field=leaf.lhs.output_field)
            queryset = with_condition(queryset, leaf, hidden)
    return queryset


def _leads_away(leaf: Any, model: Any, first: str) -> bool:
    """Whether SQLite might enter by this condition, into an index that is not in the order of the list."""
    column = getattr(leaf, "lhs", None)
    # Without its column, a decimal would be compared as text.
    if not isinstance(column, Col) or isinstance(leaf, IsNull) or isinstance(column.target, models.DecimalField):
        return False
    if column.target.model is not model:
        return True
    if column.target.attname == first:
        return False
    return not (isinstance(leaf, Exact) and _has_index(model, column.target.attname, first))


def _has_index(model: Any, *attnames: str) -> bool:
    """Whether an index begins with these fields."""
    fields: list[Any] = model._meta.fields
    columns = {name: field.attname for field in fields for name in (field.name, field.attname)}
    heads = ([columns.get(name) for name in index.fields[: len(attnames)]] for index in model._meta.indexes)
    return any(head == list(attnames) for head in heads)
