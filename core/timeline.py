"""A record's timeline: all that happened with it, newest first, contributed by the apps and scoped to the reader.

A source gives the rows that concern a record and the moment of each; a page of the timeline takes as many rows from
each source as it could show and merges them. So a page costs one query a source and reads no more rows than that,
however long the record's life was, and the next page goes on after the last row of this one.

    timeline.kind("talks", _("Interactions"), "chat", 10)

    @timeline.on_record(Organization, "talks", "talks", moment="starts_at", entry=talk_entry)
    def organization_talks(user: Any, record: Organization) -> Any:
        return Interaction.objects.active().filter(organizations=record)
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import DateTimeField, F, Model, Q, QuerySet
from django.utils import timezone

from core import access
from core.panels import Badge

PAGE = 20
MOMENT = "timeline_moment"


@dataclass(frozen=True)
class Kind:
    """What readers filter by."""

    slug: str
    label: Any
    icon: str
    order: int


@dataclass(frozen=True)
class Change:
    """One value that was changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """What a row looks like. `lang` is the language of `detail` where the record knows it; `change` is the same for all
    that one request has stored."""

    title: str
    url: str = ""
    actor: str = ""
    detail: str = ""
    lang: str = ""
    badge: Badge | None = None
    changes: Sequence[Change] = ()
    file_name: str = ""
    file_url: str = ""
    change: str = ""


@dataclass(frozen=True)
class Shown:
    """An entry at its place. `on`: a day without a time. `is_ahead`: it is yet to come."""

    entry: Entry
    kind: Kind
    at: datetime.datetime
    on: datetime.date | None
    is_ahead: bool


@dataclass(frozen=True)
class Source:
    """`rows` answers those that the user reaches, None where there is nothing for this reader; `moment` is the path or
    expression of their day or time, rows without one are left out; `entries` makes an entry of each row of a page."""

    slug: str
    kind: str
    moment: Any
    rows: Callable[[Any, Any], QuerySet[Any] | None]
    entries: Callable[[Any, Any, list[Any]], Iterable[Entry]]


@dataclass(frozen=True)
class Page:
    entries: list[Shown]
    kinds: list[Kind]  # all that this reader can filter by
    kind: str
    before: str  # where this page begins; empty for the newest
    earlier: str  # where the next page begins; empty if this is the last


Provider = Callable[[Any], Iterable[Source]]  # (record)

_kinds: dict[str, Kind] = {}
_sources: dict[type[Model], list[Source]] = {}
_providers: list[Provider] = []


def kind(slug: str, label: Any, icon: str, order: int) -> str:
    _kinds[slug] = Kind(slug, label, icon, order)
    return slug


def on_record(
    model: type[Model], slug: str, kind: str, *, moment: Any, entry: Callable[[Any], Entry]
) -> Callable[[Any], Any]:
    """Decorator of a function `(user, record)` that answers the rows that concern a record of this model. Which of them
    the reader sees is not its business: the timeline asks `core.access`. `slug` names the source in addresses."""

    def add(rows_of: Callable[[Any, Any], QuerySet[Any]]) -> Callable[[Any, Any], QuerySet[Any]]:
        def rows(user: Any, record: Any) -> QuerySet[Any] | None:
            found = rows_of(user, record)
            return access.scoped(user, found) if access.may(user, "view", found.model) else None

        def entries(user: Any, record: Any, found: list[Any]) -> Iterator[Entry]:
            return (entry(row) for row in found)

        _sources.setdefault(model, []).append(Source(slug, kind, moment, rows, entries))
        return rows_of

    return add


def everywhere(provider: Provider) -> Provider:
    """Decorator of a function that answers sources for any record: those of the core itself."""
    _providers.append(provider)
    return provider


def sources_of(record: Model) -> list[Source]:
    """In the order in which rows of one moment are shown."""
    general = [source for provider in _providers for source in provider(record)]
    return sorted([*_sources.get(type(record), ()), *general], key=lambda source: source.slug)


# -- places in it ------------------------------------------------------------------------------------------------------

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
TICK = datetime.timedelta(microseconds=1)
_PLACE = re.compile(r"(-?\d{1,18})\.([a-z][a-z_-]{0,40})\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A row's place: later moments first, then sources by name, then the younger row."""

    at: datetime.datetime
    slug: str
    pk: int

    @property
    def sorting(self) -> tuple[float, str, int]:
        return (-((self.at - EPOCH) // TICK), self.slug, -self.pk)

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // TICK}.{self.slug}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place in an address; None for anything else, which stands for the beginning."""
        if (found := _PLACE.fullmatch(text)) is None:
            return None
        try:
            at = EPOCH + int(found[1]) * TICK
            timezone.localtime(at)
        except (OverflowError, ValueError):
            return None
        return cls(at, found[2], int(found[3]))


def _beginning(day: datetime.date) -> datetime.datetime:
    """A day stands where it begins for the reader."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _after(source: Source, place: Place, of_days: bool) -> Q:
    """The rows of the source that come after the place."""
    bound: Any = place.at
    if of_days:
        bound = timezone.localtime(place.at).date()
        if _beginning(bound) < place.at:  # the whole day comes after it
            return Q(**{f"{MOMENT}__lte": bound})
    if source.slug == place.slug:
        return Q(**{f"{MOMENT}__lte": bound}) & ~Q(**{MOMENT: bound, "pk__gte": place.pk})
    return Q(**{f"{MOMENT}__{'lte' if source.slug > place.slug else 'lt'}": bound})


# -- pages -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    source: Source
    row: Any
    place: Place
    on: datetime.date | None


def _rows(source: Source, queryset: QuerySet[Any], place: Place | None, most: int) -> Iterator[_Row]:
    expression = F(source.moment) if isinstance(source.moment, str) else source.moment
    found = queryset.annotate(**{MOMENT: expression}).filter(**{f"{MOMENT}__isnull": False})
    of_days = not isinstance(found.query.annotations[MOMENT].output_field, DateTimeField)
    if place is not None:
        found = found.filter(_after(source, place, of_days))
    for row in found.order_by(f"-{MOMENT}", "-pk")[:most]:
        moment = getattr(row, MOMENT)
        at, on = (_beginning(moment), moment) if of_days else (moment, None)
        yield _Row(source, row, Place(at, source.slug, row.pk), on)


def page(user: Any, record: Model, *, kind: str = "", before: str = "", size: int = PAGE) -> Page:
    """A page of the record's timeline as this user sees it, of one kind or of all, from the place `before` on.

    A kind or place that does not exist is as good as none.
    """
    seen = [(source, rows) for source in sources_of(record) if (rows := source.rows(user, record)) is not None]
    kinds = sorted({_kinds[source.kind] for source, _rows in seen}, key=lambda each: each.order)
    kind = kind if kind in {each.slug for each in kinds} else ""
    place = Place.read(before)
    found = [row for source, rows in seen if kind in ("", source.kind) for row in _rows(source, rows, place, size + 1)]
    found.sort(key=lambda row: row.place.sorting)
    shown = list(islice(found, size))
    earlier = str(shown[-1].place) if len(found) > size else ""
    return Page(_entries(user, record, shown), kinds, kind, str(place or ""), earlier)


def _entries(user: Any, record: Model, shown: list[_Row]) -> list[Shown]:
    """Each source is asked once, for all of its rows on the page."""
    made: dict[Place, Entry] = {}
    for source in {id(row.source): row.source for row in shown}.values():
        own = [row for row in shown if row.source is source]
        entries = source.entries(user, record, [row.row for row in own])
        made |= {row.place: entry for row, entry in zip(own, entries, strict=True)}
    now, today = timezone.now(), timezone.localdate()
    ahead = [row.on > today if row.on else row.place.at > now for row in shown]
    return [
        Shown(made[row.place], _kinds[row.source.kind], row.place.at, row.on, is_ahead)
        for row, is_ahead in zip(shown, ahead, strict=True)
    ]
