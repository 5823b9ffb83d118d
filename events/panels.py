"""Panels of this app: upcoming events, an event's programme and guests, and where a company or person was met."""

from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, figures
from core.admin.links import add_url, list_url, record_url
from core.listing import shortlist
from core.localized import joined
from core.panels import MOST_COUNTED, Badge, Panel, Row, on_record, on_today
from crm.models import Lead, Organization, Person
from crm.panels import SHOWN, SHOWN_BESIDE, day, works_on_leads
from events.models import Event, Guest, Session, Visit

figures.measure(
    figures.Measure("events", gettext_lazy("Events"), Event, "starts_on", ("starts_after", "starts_before"), 30)
)
STATUS_TONES = {"planned": "neutral", "confirmed": "blue", "held": "green", "cancelled": "red"}
INVITATION_TONES = {"to_invite": "neutral", "invited": "blue", "accepted": "green", "declined": "red"}
ATTENDANCE_TONES = {"expected": "neutral", "attended": "green", "absent": "amber"}


def status_badge(event: Event) -> Badge:
    return Badge(event.get_status_display(), STATUS_TONES[event.status])


def invitation_badge(guest: Guest) -> Badge:
    return Badge(guest.get_invitation_display(), INVITATION_TONES[guest.invitation])


def attendance_badge(guest: Guest) -> Badge:
    return Badge(guest.get_attendance_display(), ATTENDANCE_TONES[guest.attendance])


def event_rows(events: Any) -> list[Row]:
    return [
        Row(
            (str(event), day(event.starts_on), event.city, status_badge(event)),
            record_url(event),
        )
        for event in events
    ]


def _event_columns() -> tuple[str, ...]:
    return (_("Event"), _("Begins"), _("City"), _("Status"))


@on_today(30)
def upcoming_events(request: Any) -> Panel | None:
    if not access.may(request.user, "view", Event):
        return None
    events = access.scoped(request.user, Event).upcoming(timezone.localdate()).order_by("starts_on", "pk")
    shown, count = shortlist(events, SHOWN, MOST_COUNTED)
    return Panel(
        "upcoming-events",
        _("Upcoming events"),
        _event_columns(),
        event_rows(shown),
        count=count,
        more_url=list_url(Event, upcoming="true"),
        add_url=add_url(Event) if access.may(request.user, "add", Event) else None,
        add_label=_("Add event"),
        empty=_("No event is planned."),
        first=access.may(request.user, "add", Event) and not access.sees_all(request.user),
    )


@on_today(35, later=works_on_leads)
def answers_awaited(request: Any) -> Panel | None:
    """Guests of coming events who have been invited and have not answered."""
    if not access.may(request.user, "change", Guest):
        return None
    guests = access.scoped(request.user, Guest).awaited(timezone.localdate()).order_by("event__starts_on", "pk")
    shown, count = shortlist(guests.select_related("person", "organization", "event"), SHOWN_BESIDE, MOST_COUNTED)
    rows = [
        Row((str(g.person), str(g.organization or ""), str(g.event), day(g.event.starts_on)), record_url(g))
        for g in shown
    ]
    return Panel(
        "answers-awaited",
        _("Invitations without an answer"),
        (_("Guest"), _("Organization"), _("Event"), _("Begins")),
        rows,
        count=count,
        more_url=list_url(Guest, awaited="true"),
        empty=_("Everybody has answered."),
    )


@on_record(Event, 10)
def programme(request: Any, record: Event) -> Panel | None:
    sessions = access.scoped(request.user, Session).active().filter(event=record).order_by("position", "pk")
    if record.kind.is_delegation and not sessions:
        return None
    rows = [
        Row((f"{session.position}. {session}", session.get_kind_display(), _speakers(session)), record_url(session))
        for session in sessions.prefetch_related("speakers__person")
    ]
    return Panel(
        "sessions",
        _("Programme"),
        (_("Session"), _("Kind"), _("Speakers")),
        rows,
        count=len(rows),
        more_url=list_url(Session, event=record.pk),
        add_url=add_url(Session, event=record.pk) if access.may(request.user, "add", Session) else None,
        add_label=_("Add session"),
        empty=_("The programme is empty."),
    )


def _speakers(session: Session) -> str:
    names = joined(speaker.person for speaker in session.speakers.all())
    if session.announced_speakers:
        named = session.speakers.all()
        count = _("%(named)s of %(announced)s named") % {"named": len(named), "announced": session.announced_speakers}
        return joined([names, count]) if names else count
    return names


@on_record(Event, 20)
def guest_list(request: Any, record: Event) -> Panel | None:
    guests = access.scoped(request.user, Guest).active().filter(event=record).select_related("person", "organization")
    rows = [
        Row(
            (
                str(guest.person),
                str(guest.organization or ""),
                guest.get_role_display(),
                invitation_badge(guest),
                attendance_badge(guest),
            ),
            record_url(guest),
        )
        for guest in guests[:SHOWN]
    ]
    return Panel(
        "guests",
        _("Guests"),
        (_("Name"), _("Organization"), _("Role"), _("Invitation"), _("Attendance")),
        rows,
        count=guests.count(),
        more_url=list_url(Guest, event=record.pk),
        add_url=add_url(Guest, event=record.pk) if access.may(request.user, "add", Guest) else None,
        add_label=_("Add guest"),
        empty=_("Nobody is on the guest list."),
    )


def _visits(visits: Any, named_for: str, **panel: Any) -> Panel:
    """`named_for` is what tells the rows apart where they stand: the delegation or the organization."""
    rows = [
        Row((str(getattr(visit, named_for)), day(visit.held_on), visit.heard[:80]), record_url(visit))
        for visit in visits.select_related("organization", "delegation")[:SHOWN]
    ]
    field: Any = Visit._meta.get_field(named_for)
    columns = (capfirst(field.verbose_name), _("Day"), _("What was heard"))
    return Panel("visits", _("Visits"), columns, rows, count=visits.count(), **panel)


@on_record(Event, 15)
def delegation_visits(request: Any, record: Event) -> Panel | None:
    if not record.kind.is_delegation:
        return None
    visits = access.scoped(request.user, Visit).active().filter(delegation=record).order_by("held_on", "position", "pk")
    return _visits(
        visits,
        "organization",
        more_url=list_url(Visit, delegation=record.pk),
        add_url=add_url(Visit, delegation=record.pk) if access.may(request.user, "add", Visit) else None,
        add_label=_("Add visit"),
        empty=_("No visit is recorded yet."),
    )


@on_record(Organization, 40)
def organization_visits(request: Any, record: Organization) -> Panel | None:
    visits = access.scoped(request.user, Visit).active().filter(organization=record).order_by("-held_on", "pk")
    return _visits(visits, "delegation", more_url=list_url(Visit, organization=record.pk)) if visits else None


@on_record(Organization, 45)
def organization_guests(request: Any, record: Organization) -> Panel | None:
    return _guest_panel(request, {"organization": record.pk})


@on_record(Person, 45)
def person_guests(request: Any, record: Person) -> Panel | None:
    return _guest_panel(request, {"person": record.pk})


@on_record(Lead, 45)
def lead_guests(request: Any, record: Lead) -> Panel | None:
    return _guest_panel(request, {"lead": record.pk})


def _guest_panel(request: Any, condition: dict[str, Any]) -> Panel | None:
    """Where somebody was met; nothing where nobody was."""
    guests = access.scoped(request.user, Guest).active().filter(**condition).select_related("person", "event")
    rows = [
        Row(
            (
                str(guest.event),
                day(guest.event.starts_on),
                str(guest.person),
                attendance_badge(guest),
            ),
            record_url(guest),
        )
        for guest in guests.order_by("-event__starts_on", "pk")[:SHOWN]
    ]
    if not rows:
        return None
    columns = (_("Event"), _("Day"), _("Name"), _("Attendance"))
    return Panel(
        "met-at", _("Met at events"), columns, rows, count=guests.count(), more_url=list_url(Guest, **condition)
    )


@on_record(Lead, 46)
def lead_visits(request: Any, record: Lead) -> Panel | None:
    visits = access.scoped(request.user, Visit).active().filter(lead=record).order_by("-held_on", "pk")
    return _visits(visits, "delegation") if visits else None
