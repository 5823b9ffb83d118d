"""The calendar's page: a month, a week, or the days ahead one after the other."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import calendars
from core.calendar_feed import CalendarFeed
from core.calendars import ALL, DAY, MOST, Asked, Entry, Source
from core.dates import FIRST_YEAR, LAST_YEAR

MONTH, WEEK, AGENDA = "month", "week", "agenda"
VIEWS = {MONTH: gettext_lazy("Month"), WEEK: gettext_lazy("Week"), AGENDA: gettext_lazy("Agenda")}
AGENDA_DAYS = 30
IN_A_CELL = 4  # entries of a day that a month shows; the others are a click away
EARLIEST, LATEST = datetime.date(FIRST_YEAR, 2, 1), datetime.date(LAST_YEAR, 11, 30)


@dataclass(frozen=True)
class Stretch:
    """The days of a view around one day. Weeks begin on Monday, wherever the reader is."""

    view: str
    day: datetime.date

    @property
    def first(self) -> datetime.date:
        if self.view == AGENDA:
            return self.day
        start = self.day.replace(day=1) if self.view == MONTH else self.day
        return start - start.weekday() * DAY

    @property
    def last(self) -> datetime.date:
        if self.view == AGENDA:
            return self.first + (AGENDA_DAYS - 1) * DAY
        if self.view == WEEK:
            return self.first + 6 * DAY
        end = self.next - DAY
        return end + (6 - end.weekday()) * DAY

    @property
    def next(self) -> datetime.date:
        if self.view == MONTH:
            return (self.day.replace(day=28) + 4 * DAY).replace(day=1)
        return self.day + (7 if self.view == WEEK else AGENDA_DAYS) * DAY

    @property
    def previous(self) -> datetime.date:
        if self.view == MONTH:
            return (self.day.replace(day=1) - DAY).replace(day=1)
        return self.day - (7 if self.view == WEEK else AGENDA_DAYS) * DAY

    @property
    def title(self) -> str:
        if self.view == MONTH:
            return date_format(self.day, "YEAR_MONTH_FORMAT")
        return f"{date_format(self.first)} – {date_format(self.last)}"

    @property
    def days(self) -> list[datetime.date]:
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]


def calendar_view(site: Any, request: HttpRequest) -> HttpResponse:
    """`?view=`, `?on=` (any day of the stretch), `?kind=` (several), `?whose=`; what makes no sense is the default."""
    stretch, asked, sources = _stretch(request), _asked(request), calendars.sources_for(request.user)
    kinds = {kind for kind in request.GET.getlist("kind") if kind in {one.kind for one in sources}}
    shown = [one for one in sources if not kinds or one.kind in kinds]
    entries = calendars.read(asked, shown)
    links = _Links(stretch, asked.whose, sorted(kinds))
    context = {
        **site.each_context(request),
        "title": _("Calendar"), "stretch": stretch, "days": _days(stretch, entries, links),
        "weekdays": [date_format(day, "D") for day in stretch.days[:7]],
        "views": links.views(), "kinds": links.kinds(sources), "whose": links.offers(), "links": links,
        "cut": _cut(entries, shown), "cut_at": MOST, "zone": calendars.place_of(timezone.get_current_timezone_name()),
        "is_filtered": bool(kinds) or asked.whose != ALL, "feed_url": reverse("admin:calendar_feed"),
    }  # fmt: skip
    return TemplateResponse(request, "admin/calendar.html", context)


def _stretch(request: HttpRequest) -> Stretch:
    view = request.GET.get("view")
    try:
        day = parse_date(request.GET.get("on", "")) or timezone.localdate()
    except ValueError:
        day = timezone.localdate()
    return Stretch(view if view in VIEWS else MONTH, min(max(day, EARLIEST), LATEST))


def _asked(request: HttpRequest) -> Asked:
    stretch, whose = _stretch(request), request.GET.get("whose", ALL)
    return Asked(request.user, stretch.first, stretch.last, whose if whose in calendars.offers() else ALL)


def _cut(entries: list[Entry], sources: list[Source]) -> list[Any]:
    """The kinds of which there may be more than were read."""
    return [one.label for one in sources if sum(entry.kind == one.kind for entry in entries) >= MOST]


class _Links:
    """Addresses of the page with one thing changed."""

    def __init__(self, stretch: Stretch, whose: str, kinds: list[str]) -> None:
        self.stretch, self.whose, self.chosen = stretch, whose, kinds

    def to(self, **changed: Any) -> str:
        now = {"view": self.stretch.view, "on": self.stretch.day, "whose": self.whose, "kind": self.chosen, **changed}
        said: dict[str, Any] = {name: value for name, value in now.items() if value and (name, value) != ("whose", ALL)}
        return "?" + urlencode(said, doseq=True)

    def views(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": self.to(view=view), "current": view == self.stretch.view, "key": view[0]}
            for view, label in VIEWS.items()
        ]

    def offers(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": self.to(whose=whose), "current": whose == self.whose}
            for whose, label in calendars.offers().items()
        ]

    def kinds(self, sources: list[Source]) -> list[dict[str, Any]]:
        """Each kind, shown or not; its link shows it or takes it away. All of them is the same as none chosen."""
        every, found = {one.kind for one in sources}, []
        now = set(self.chosen) or every
        for one in sources:
            after = now ^ {one.kind}
            url = self.to(kind=[] if after in (every, set()) else sorted(after))
            found.append({"label": one.label, "tone": one.tone, "shown": one.kind in now, "url": url})
        return found

    @property
    def previous(self) -> str:
        return self.to(on=self.stretch.previous)

    @property
    def next(self) -> str:
        return self.to(on=self.stretch.next)

    @property
    def today(self) -> str:
        return self.to(on="")

    def day(self, day: datetime.date) -> str:
        return self.to(view=AGENDA, on=day)


def _days(stretch: Stretch, entries: list[Entry], links: _Links) -> list[dict[str, Any]]:
    today, tones = timezone.localdate(), {one.kind: one for one in calendars.sources()}
    found = []
    for day in stretch.days:
        own = sorted((entry for entry in entries if entry.first <= day <= entry.last), key=lambda entry: entry.order)
        found.append({
            "date": day, "is_today": day == today, "url": links.day(day),
            "is_outside": stretch.view == MONTH and day.month != stretch.day.month,
            "entries": [{"entry": entry, "source": tones[entry.kind], "goes_on": entry.first < day} for entry in own],
            "hidden": max(0, len(own) - IN_A_CELL) if stretch.view == MONTH else 0,
        })  # fmt: skip
    return found


def feed_page(site: Any, request: HttpRequest) -> HttpResponse:
    """The reader's own feed: whether there is one, and `do=renew` or `do=revoke`. The address is shown once."""
    address = ""
    if request.method == "POST" and request.POST.get("do") == "revoke":
        CalendarFeed.revoke(request.user)
        messages.success(request, _("The calendar address no longer works."))
        return HttpResponseRedirect(reverse("admin:calendar_feed"))
    if request.method == "POST" and request.POST.get("do") == "renew":
        secret = CalendarFeed.renew(request.user)
        address = request.build_absolute_uri(reverse("calendar-feed", args=[secret]))
    context = {
        **site.each_context(request),
        "title": _("Calendar on your phone"), "address": address, "calendar_url": reverse("admin:calendar"),
        "feed": getattr(request.user, "calendar_feed", None),
    }  # fmt: skip
    response = TemplateResponse(request, "admin/calendar_feed.html", context)
    response["Cache-Control"] = "no-store"
    return response
