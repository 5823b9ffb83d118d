"""What this app tells on timelines: where somebody was met, and which delegations came."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import timeline
from core.admin.links import record_url
from core.timeline import Entry
from crm.models import Lead, Organization, Person
from crm.timeline import shortened
from events.models import Event, Guest, Visit
from events.panels import attendance_badge

MEETINGS = timeline.kind("meetings", _("Events and visits"), "calendar", 30)


def guest_entry(guest: Guest) -> Entry:
    who = " · ".join(filter(None, (str(guest.person), guest.position_held, str(guest.organization or ""))))
    return Entry(str(guest.event), record_url(guest), detail=who, badge=attendance_badge(guest))


def visit_entry(visit: Visit) -> Entry:
    title = f"{visit.delegation} – {visit.organization}"
    return Entry(title, record_url(visit), detail=shortened(visit.heard), lang=visit.heard_language)


def _guests() -> Any:
    return Guest.objects.active().select_related("event", "person", "organization")


def _visits() -> Any:
    return Visit.objects.active().select_related("delegation", "organization")


@timeline.on_record(Organization, "guests", MEETINGS, moment="event__starts_on", entry=guest_entry)
def organization_guests(user: Any, record: Organization) -> Any:
    return _guests().filter(organization=record)


@timeline.on_record(Person, "guests", MEETINGS, moment="event__starts_on", entry=guest_entry)
def person_guests(user: Any, record: Person) -> Any:
    return _guests().filter(person=record)


@timeline.on_record(Lead, "guests", MEETINGS, moment="event__starts_on", entry=guest_entry)
def lead_guests(user: Any, record: Lead) -> Any:
    return _guests().filter(lead=record)


@timeline.on_record(Organization, "visits", MEETINGS, moment="held_on", entry=visit_entry)
def organization_visits(user: Any, record: Organization) -> Any:
    return _visits().filter(organization=record)


@timeline.on_record(Person, "visits", MEETINGS, moment="held_on", entry=visit_entry)
def person_visits(user: Any, record: Person) -> Any:
    """As host or as a member of the delegation; no join, which would repeat who was both."""
    links = [field.remote_field.through.objects.filter(person=record) for field in _people_of_visits()]
    return _visits().filter(Q(pk__in=links[0].values("visit")) | Q(pk__in=links[1].values("visit")))


def _people_of_visits() -> list[Any]:
    return [Visit._meta.get_field(name) for name in ("hosts", "delegates")]


@timeline.on_record(Lead, "visits", MEETINGS, moment="held_on", entry=visit_entry)
def lead_visits(user: Any, record: Lead) -> Any:
    return _visits().filter(lead=record)


@timeline.on_record(Event, "visits", MEETINGS, moment="held_on", entry=visit_entry)
def delegation_visits(user: Any, record: Event) -> Any:
    return _visits().filter(delegation=record)
