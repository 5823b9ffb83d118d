"""Long lists: which records are on a page, and how many there are, without touching those before or after.

A list is read in two steps: the primary keys of a page from a narrow index, then their rows. Where its records are of
several kinds that no one index serves together (of my station, or mine), each kind is an arm that is read by itself. A
searched list is read through the search index if few records are found, and else in its own order, row by row, until
the page is full.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Q
from django.db.models.sql.where import WhereNode

from core import ordering
from core.search_index import Found, estimate, hits_sql, lookup_in

# Counting stops here; a list that is longer says so.
MOST_COUNTED = 10_000


# -- arms -------------------------------------------------------------------------------------------------------------


class AnyOf(models.Expression):
    """A condition with several sides; `sides` answers them one by one, each of which an index serves."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, condition: Any, sides: Callable[[], Sequence[Q]]) -> None:
        super().__init__()
        self.condition, self.sides = condition, sides

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "AnyOf":
        clone = self.copy()
        clone.condition = self.condition.resolve_expression(query, *args, **kwargs)
        return clone

    def get_source_expressions(self) -> list[Any]:
        return [self.condition]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        (self.condition,) = expressions

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, parameters = compiler.compile(self.condition)
        return f"({sql})", parameters


def _replaced(node: Any, leaf: Any, by: Any) -> Any:
    clone = node.create(connector=node.connector, negated=node.negated)
    clone.children = [
        by if child is leaf else _replaced(child, leaf, by) if isinstance(child, WhereNode) else child
        for child in node.children
    ]
    return clone


def _with(queryset: Any, leaf: Any, by: Any) -> Any:
    """The queryset with another condition in the place of one that it has."""
    clone = queryset.all()
    clone.query.where = _replaced(clone.query.where, leaf, by)
    return clone


def split(queryset: Any) -> list[Any]:
    """The same records as querysets that have none in common, each with one side of its `AnyOf`."""
    leaves = queryset.query.where.leaves()
    leaf = next((leaf for leaf in leaves if isinstance(getattr(leaf, "lhs", None), AnyOf)), None)
    if leaf is None:
        return [queryset]
    rest, arms, before = _with(queryset, leaf, WhereNode()), [], Q()
    for side in leaf.lhs.sides():
        arms.append(rest.filter(side, ~before) if before else rest.filter(side))
        before |= side
    return arms


def _sql(queryset: Any) -> tuple[str, tuple[Any, ...]] | None:
    try:
        return queryset.query.get_compiler(queryset.db).as_sql()
    except EmptyResultSet:
        return None


def _rows(using: str, sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def counts(querysets: Sequence[Any], limit: int | None = None) -> list[int]:
    """How many records each has, counted up to `limit`, all in one query."""
    selected = [queryset.order_by().values("pk") for queryset in querysets]
    return _counted(querysets[0].db, [_sql(rows[:limit] if limit else rows) for rows in selected])


def _counted(using: str, compiled: Sequence[Any]) -> list[int]:
    asked = [pair for pair in compiled if pair]
    if not asked:
        return [0] * len(compiled)
    sql = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM ({arm}) AS arm)" for arm, _parameters in asked)  # noqa: S608
    (row,) = _rows(using, sql, [value for _arm, parameters in asked for value in parameters])
    found = iter(row)
    return [next(found) if pair else 0 for pair in compiled]


# -- pages ------------------------------------------------------------------------------------------------------------


class Listing:
    """The records of a queryset in an order. Counting ends at `most`."""

    def __init__(self, queryset: Any, order: Sequence[ordering.Key], most: int = MOST_COUNTED) -> None:
        self.queryset, self.order, self.most = queryset, tuple(order), most

    @property
    def count(self) -> int:
        """How many records there are, or `most + 1` if there are more than `most`."""
        return min(sum(self._totals), self.most + 1)

    def pks(self, start: int, size: int) -> list[Any]:
        """The primary keys of `size` records from the one at `start` on."""
        zones = ordering.zones(self.order)
        if start == 0 and len(zones) > 1:
            return _merged([(arm, zone.order) for zone in zones for arm in self._within(zone)], self.order, 0, size)
        found: list[Any] = []
        for zone in zones:
            got = self._pks(zone, start, size - len(found)) if len(found) < size else []
            found += got
            # A page within the empty values, which come last, has to know how many others come before.
            start = 0 if got or not start else max(0, start - sum(counts(self._within(zone))))
        return found

    def stretch(self, zone: ordering.Zone, size: int) -> Any:
        """A queryset whose first `size` records, in the zone's order, are those of the zone."""
        arms = self._within(zone)
        if len(arms) == 1:
            return arms[0]
        return self.queryset.model._base_manager.using(self.queryset.db).filter(pk__in=self._pks(zone, 0, size))

    def _within(self, zone: ordering.Zone) -> list[Any]:
        return [arm.filter(zone.condition) for arm in self._paged_arms]

    def _pks(self, zone: ordering.Zone, start: int, size: int) -> list[Any]:
        arms = self._within(zone)
        if len(arms) == 1:
            ordered = arms[0].order_by(*ordering.expressions(zone.order))
            return list(ordered.values_list("pk", flat=True)[start : start + size])
        return _merged([(arm, zone.order) for arm in arms], zone.order, start, size)

    # -- how a searched list is read

    @cached_property
    def _found(self) -> Found | None:
        found = lookup_in(self.queryset)
        return found if found is not None and found.rhs.ways else None

    @cached_property
    def _plan(self) -> tuple[bool, list[Any]]:
        """Whether so many records are found that each way of reading them has to be weighed, and the arms."""
        if self._found is None:
            return False, split(self.queryset)
        if connections[self.queryset.db].vendor == "postgresql":  # reads small arms row by row of its own accord
            frequent = estimate(self.queryset, self._found) > MOST_COUNTED
            return frequent, split(self.queryset) if frequent else [self.queryset]
        return self._weighed(self._found)

    def _weighed(self, found: Found) -> tuple[bool, list[Any]]:
        arms, stop = split(self.queryset), f" LIMIT {MOST_COUNTED + 1}"
        hits, parameters = hits_sql(self.queryset.model, found.rhs, connections[self.queryset.db])
        bare = [_sql(_with(arm, found, WhereNode()).order_by().values("pk")) for arm in arms]
        compiled = [(sql + stop, values) for sql, values in filter(None, [(hits, parameters), *bare])]
        hit, *sizes = _counted(self.queryset.db, compiled)
        if hit <= MOST_COUNTED or len(sizes) < len(arms):
            return False, [self.queryset]
        return True, [self._read(arm) if size <= MOST_COUNTED else arm for arm, size in zip(arms, sizes, strict=True)]

    def _read(self, arm: Any) -> Any:
        return _with(arm, self._found, self._found.by_reading()) if self._found else arm

    @cached_property
    def _totals(self) -> list[int]:
        return counts(self._plan[1], self.most + 1)

    @cached_property
    def _paged_arms(self) -> list[Any]:
        frequent, arms = self._plan
        if not frequent:
            return arms
        return [self._read(arm) if total > self.most else arm for arm, total in zip(arms, self._totals, strict=True)]


def _merged(
    arms: Sequence[tuple[Any, Sequence[ordering.Key]]], order: Sequence[ordering.Key], start: int, size: int
) -> list[Any]:
    """Each arm, in its own order, gives as many records as could be on the page; the database puts them in one."""
    pk = arms[0][0].model._meta.pk.attname
    paths = [key.path for key in order if key.path != pk]
    places = {path: place for place, path in enumerate((pk, *paths), start=1)}
    rows = (arm.order_by(*ordering.expressions(own)).values_list("pk", *paths)[: start + size] for arm, own in arms)
    compiled = [pair for pair in map(_sql, rows) if pair]
    if not compiled:
        return []
    union = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS arm" for sql, _parameters in compiled)  # noqa: S608
    by = ", ".join(f"{places[key.path]} {key.direction}" for key in order)
    sql = f"{union} ORDER BY {by} LIMIT {int(size)} OFFSET {int(start)}"
    parameters = [value for _sql, parameters in compiled for value in parameters]
    return [row[0] for row in _rows(arms[0][0].db, sql, parameters)]
