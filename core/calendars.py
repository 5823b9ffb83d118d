"""The calendar: what takes place or falls due when, contributed by the apps.

A source registers a kind of entries (`source`) as a function of who asks for which days; it reads them in a fixed
number of queries and answers at most MOST of them. The pages and the feed draw what they are given and know no
contributor.
"""

import datetime
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel.dates import get_timezone_location
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import access
from core.panels import Badge

MOST = 500  # entries of one kind in one view: nobody reads more, and a page stays a page
ALL, MINE = "all", "mine"
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """Who asks for the days from `first` to `last`. `whose` is ALL (what the reader reaches), MINE, or a narrowing that
    an app offers (`offer`)."""

    user: Any
    first: datetime.date
    last: datetime.date
    whose: str = ALL

    @property
    def moments(self) -> tuple[datetime.datetime, datetime.datetime]:
        """From the first moment of the first day to the first after the last, in the reader's time zone."""
        zone = timezone.get_current_timezone()
        midnight = datetime.time()
        return (
            datetime.datetime.combine(self.first, midnight, zone),
            datetime.datetime.combine(self.last + DAY, midnight, zone),
        )

    @property
    def nearby(self) -> tuple[datetime.date, datetime.date]:
        """The days with one more on each side: the clocks of another time zone may say so."""
        return self.first - DAY, self.last + DAY


@dataclass(frozen=True)
class Entry:
    """Something on whole days (`first` to `last`, which never shift), or from a moment on (`starts`) for a while."""

    record: Any
    title: str
    url: str
    first: datetime.date
    last: datetime.date
    starts: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    zone: str = ""  # where it takes place, if that is known
    about: str = ""
    place: str = ""
    badge: Badge | None = None
    is_cancelled: bool = False
    is_tentative: bool = False
    kind: str = ""

    @classmethod
    def timed(cls, starts: datetime.datetime, ends: datetime.datetime | None = None, **fields: Any) -> "Entry":
        """An entry with a time, on the day that the reader's calendar shows then."""
        day = timezone.localdate(starts)
        last = timezone.localdate(ends - datetime.timedelta(seconds=1)) if ends and ends > starts else day
        return cls(first=day, last=last, starts=starts, ends=ends, **fields)

    @property
    def uid(self) -> str:
        """The same in every file and year, and another for each installation."""
        record = self.record
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.kind} {record.pk} {record.created_at.isoformat()}"))

    @property
    def time(self) -> str:
        """`14:00–15:00` on the reader's clock; empty for whole days."""
        return _span(self.starts, self.ends, timezone.get_current_timezone()) if self.starts else ""

    @property
    def own_time(self) -> str:
        """`15:00–16:00 Tokyo`, where the clocks of its place say something else than the reader's."""
        if not (self.starts and self.zone):
            return ""
        zone = zoneinfo.ZoneInfo(self.zone)
        if self.starts.astimezone(zone).utcoffset() == timezone.localtime(self.starts).utcoffset():
            return ""
        return f"{_span(self.starts, self.ends, zone)} {place_of(self.zone)}"

    @property
    def order(self) -> tuple[bool, Any, str]:
        """On one day whole-day entries come first, the others by time."""
        return (self.starts is not None, self.starts or self.first, self.title)


def _span(starts: datetime.datetime, ends: datetime.datetime | None, zone: datetime.tzinfo) -> str:
    begin = f"{starts.astimezone(zone):%H:%M}"
    return f"{begin}–{ends.astimezone(zone):%H:%M}" if ends else begin


def place_of(zone: str) -> str:
    """The city that a time zone is named for, in the reader's language: `New York`, `纽约` for America/New_York."""
    locale = (get_language() or "en").replace("-", "_")
    return get_timezone_location(zone, locale=locale, return_city=True)


Read = Callable[[Asked], Sequence[Entry]]


@dataclass(frozen=True)
class Source:
    """A kind of entries: records of `model`, which the reader must have the right to view."""

    kind: str
    model: type[Model]
    label: Any
    tone: str
    order: int
    read: Read


_sources: dict[str, Source] = {}
_offers: dict[str, Any] = {ALL: _("All"), MINE: _("Mine")}


def source(kind: str, model: type[Model], label: Any, tone: str = "neutral", order: int = 50) -> Callable[[Read], Read]:
    """Decorator: contributes a kind of entries. `tone` as of badges (core.panels)."""

    def add(read: Read) -> Read:
        _sources[kind] = Source(kind, model, label, tone, order, read)
        return read

    return add


def offer(whose: str, label: Any) -> None:
    """Offers the reader another narrowing beside "mine", which the sources of the app understand."""
    _offers[whose] = label


def sources() -> list[Source]:
    return sorted(_sources.values(), key=lambda found: found.order)


def sources_for(user: Any) -> list[Source]:
    """The kinds of entries that the user has a right to, in order."""
    return [found for found in sources() if access.may(user, "view", found.model)]


def offers() -> dict[str, Any]:
    return dict(_offers)


def read(asked: Asked, wanted: Iterable[Source]) -> list[Entry]:
    """The entries of the asked days, in order."""
    found = [replace(entry, kind=one.kind) for one in wanted for entry in one.read(asked) if _within(entry, asked)]
    return sorted(found, key=lambda entry: (entry.first, entry.order))


def _within(entry: Entry, asked: Asked) -> bool:
    return entry.first <= asked.last and entry.last >= asked.first
