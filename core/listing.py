"""Long lists: which records are on a page, and how many there are, without touching those before or after.

A list is read in two steps: the primary keys of a page from a narrow index, then their rows. How it is counted and read
is weighed in `core.list_plan`.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from core import ordering
from core.arms import split
from core.list_plan import MOST_COUNTED, Search, compiled, counts, fetched, in_order, is_postgresql
from core.search_index import Found, lookup_in

FEW = 1000


class Listing:
    """The records of a queryset in an order. Counting ends at `most`; a search is rare up to `rare` records."""

    def __init__(
        self, queryset: Any, order: Sequence[ordering.Key], most: int = MOST_COUNTED, rare: int = MOST_COUNTED
    ) -> None:
        self.queryset, self.order, self.most = queryset, tuple(order), most
        self.search = Search.of(queryset, rare)

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

    def sums(self, currency: Any, amount: Any) -> list[tuple[str, int, Any]]:
        """How many records there are of each currency and what they add up to, of the first `most + 1` that are met.
        Both are expressions; an amount that is not known counts as a record and adds nothing."""
        arms = [arm.annotate(_currency=currency, _amount=amount) for arm in self._arms]
        selects = [compiled(arm.order_by().values_list("_currency", "_amount"), self.most + 1) for arm in arms]
        asked = [pair for pair in selects if pair]
        if not asked:
            return []
        rows = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS arm" for sql, _parameters in asked)  # noqa: S608
        sql = f'SELECT "_currency", COUNT(*), SUM("_amount") FROM ({rows}) AS rows GROUP BY "_currency"'  # noqa: S608
        return fetched(self.queryset.db, sql, [value for _sql, parameters in asked for value in parameters])

    def first(self, size: int) -> list[Any]:
        """The first records, as the queryset reads them."""
        arms = self._paged_arms
        if len(arms) == 1 and not _is_listed_whole(arms[0]):
            return list(arms[0].order_by(*ordering.expressions(self.order))[:size])
        return records(self.queryset, self.pks(0, size))

    def stretch(self, zone: ordering.Zone, size: int) -> Any:
        """A queryset whose first `size` records, in the zone's order, are those of the zone."""
        arms = self._within(zone)
        if len(arms) == 1 and not _is_listed_whole(arms[0]):
            return arms[0]
        return self.queryset.model._base_manager.using(self.queryset.db).filter(pk__in=self._pks(zone, 0, size))

    def _within(self, zone: ordering.Zone) -> list[Any]:
        return [arm.filter(zone.condition) for arm in self._paged_arms]

    def _pks(self, zone: ordering.Zone, start: int, size: int) -> list[Any]:
        arms = self._within(zone)
        if len(arms) == 1 and not _is_listed_whole(arms[0]):
            ordered = arms[0].order_by(*ordering.expressions(zone.order))
            return list(ordered.values_list("pk", flat=True)[start : start + size])
        return _merged([(arm, zone.order) for arm in arms], zone.order, start, size)

    @cached_property
    def _arms(self) -> list[Any]:
        """Each in the form in which it is counted, and read if it is not longer than is counted."""
        return self.search.arms() if self.search else split(self.queryset)

    @cached_property
    def _totals(self) -> list[int]:
        if self.search and not self.search.is_rare and self.search.is_surely_beyond(self.most):
            return [self.most + 1]
        return counts(self._arms, self.most + 1)

    @cached_property
    def _paged_arms(self) -> list[Any]:
        """An arm that is longer than is counted fills a page soon if it is read in the list's own order."""
        ordered = [in_order(arm, self.order[0].path) for arm in self._arms]
        if (self.search and self.search.is_rare) or all(map(_is_same, ordered, self._arms)):
            return self._arms
        arms = zip(self._arms, ordered, self._totals, strict=True)
        return [read if total > self.most else arm for arm, read, total in arms]


def records(queryset: Any, pks: Sequence[Any]) -> list[Any]:
    """The records with these keys, in their order, with everything that the queryset reads along, but without its
    conditions: the keys have met them."""
    rows = queryset.all()
    rows.query.clear_where()
    rows.query.clear_ordering(force=True)
    found = {record.pk: record for record in rows.filter(pk__in=pks)} if pks else {}
    return [found[pk] for pk in pks if pk in found]


def shortlist(queryset: Any, size: int, most: int) -> tuple[list[Any], int]:
    """The first `size` records of an ordered queryset and how many there are in all, at most `most + 1`.

    No field that it is ordered by is empty.
    """
    names = [name for name in queryset.query.order_by if name != "pk"]
    order = [replace(key, nullable=False) for key in ordering.keys(queryset.model, names)]
    listing = Listing(queryset, order, most)
    found = listing.first(size + 1)
    return found[:size], len(found) if len(found) <= size else listing.count


def where_few(queryset: Any, **condition: Any) -> Any:
    """Narrowed by a condition that usually few records meet: they are looked up first, so that the database begins with
    them and not with all that the reader reaches."""
    found = queryset.model._base_manager.using(queryset.db).filter(**condition)
    pks = list(found.values_list("pk", flat=True)[: FEW + 1])
    return queryset.filter(pk__in=pks) if len(pks) <= FEW else queryset.filter(**condition)


def _is_same(one: Any, other: Any) -> bool:
    return one is other


def _is_listed_whole(arm: Any) -> bool:
    """Whether PostgreSQL has to be told to take all that the search index gives it before it sorts: it counts the
    making of tokens for those rows too, and would rather make them for each row in the order of the list."""
    return is_postgresql(arm) and type(lookup_in(arm)) is Found


def _merged(
    arms: Sequence[tuple[Any, Sequence[ordering.Key]]], order: Sequence[ordering.Key], start: int, size: int
) -> list[Any]:
    """Each arm, in its own order, gives as many records as could be on the page; the database puts them in one."""
    pk = arms[0][0].model._meta.pk.attname
    paths = [key.path for key in order if key.path != pk]
    places = {path: place for place, path in enumerate((pk, *paths), start=1)}
    selects = [pair for arm, own in arms if (pair := _arm_sql(arm, paths, own, start + size))]
    if not selects:
        return []
    union = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS arm" for sql, _parameters in selects)  # noqa: S608
    by = ", ".join(f"{places[key.path]} {key.direction}" for key in order)
    sql = f"{union} ORDER BY {by} LIMIT {int(size)} OFFSET {int(start)}"
    parameters = [value for _sql, parameters in selects for value in parameters]
    return [row[0] for row in fetched(arms[0][0].db, sql, parameters)]


def _arm_sql(arm: Any, paths: Sequence[str], order: Sequence[ordering.Key], limit: int) -> Any:
    if not _is_listed_whole(arm):
        return compiled(arm.order_by(*ordering.expressions(order)).values_list("pk", *paths), limit)
    pair = compiled(arm.order_by().values_list("pk", *paths))
    return (f"{pair[0]} OFFSET 0", pair[1]) if pair else None  # the planner does not look through an OFFSET
