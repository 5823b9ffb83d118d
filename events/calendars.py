"""What this app contributes to the calendar: events and delegations, their sessions and visits."""

import datetime
import zoneinfo
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from core import access, calendars
from core.admin.links import record_url
from core.calendars import MOST, Asked, Entry
from core.localized import joined
from crm.calendars import narrowed
from events.events import Event
from events.sessions import Session
from events.visits import Visit


def _where(event: Event) -> dict[str, Any]:
    return {
        "is_cancelled": event.status == Event.Status.CANCELLED,
        "is_tentative": event.status == Event.Status.PLANNED,
    }


@calendars.source("events", Event, Event._meta.verbose_name_plural, "blue", 30)
def events(asked: Asked) -> list[Entry]:
    found = access.scoped(asked.user, Event).active().filter(starts_on__lte=asked.last, ends_on__gte=asked.first)
    found = narrowed(asked, found, Q(owner=asked.user)).select_related("kind").order_by("starts_on", "pk")
    return [
        Entry(
            record=event,
            title=str(event),
            about=str(event.kind),
            place=joined(word for word in (event.venue, event.city) if word),
            url=record_url(event),
            first=event.starts_on,
            last=event.ends_on,
            **_where(event),
        )
        for event in found[:MOST]
    ]


def _on_its_day(record: Any, event: Event, **fields: Any) -> Entry:
    """An item of an event's programme; its clock is that of the event's place."""
    day = record.held_on or event.starts_on
    common = {"record": record, "url": record_url(record), **_where(event), **fields}
    if record.starts_at is None:
        return Entry(first=day, last=day, **common)
    zone = zoneinfo.ZoneInfo(event.time_zone)
    until = getattr(record, "ends_at", None)
    return Entry.timed(
        datetime.datetime.combine(day, record.starts_at, zone),
        datetime.datetime.combine(day, until, zone) if until else None,
        zone=event.time_zone,
        **common,
    )


@calendars.source("sessions", Session, Session._meta.verbose_name_plural, "blue", 40)
def sessions(asked: Asked) -> list[Entry]:
    # A session without a day of its own is on the programme of the first day; one without a time would only repeat it.
    found = access.scoped(asked.user, Session).active().filter(event__archived_at__isnull=True)
    found = found.annotate(day=Coalesce("held_on", F("event__starts_on"))).filter(day__range=asked.nearby)
    found = found.filter(Q(starts_at__isnull=False) | Q(held_on__isnull=False))
    found = narrowed(asked, found, Q(event__owner=asked.user), "event__station").select_related("event")
    return [
        _on_its_day(session, session.event, title=str(session), about=str(session.event), place=session.event.venue)
        for session in found.order_by("day", "starts_at", "pk")[:MOST]
    ]


@calendars.source("visits", Visit, Visit._meta.verbose_name_plural, "green", 50)
def visits(asked: Asked) -> list[Entry]:
    found = access.scoped(asked.user, Visit).active().filter(held_on__range=asked.nearby)
    found = found.filter(delegation__archived_at__isnull=True).select_related("delegation", "organization")
    found = narrowed(asked, found, Q(delegation__owner=asked.user), "delegation__station")
    return [
        _on_its_day(visit, visit.delegation, title=str(visit), about=str(visit.delegation), place=visit.place)
        for visit in found.order_by("held_on", "starts_at", "pk")[:MOST]
    ]
