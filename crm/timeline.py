"""What this app tells on timelines: talks, and leads that came in."""

from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from core import timeline
from core.admin.links import record_url
from core.panels import Badge
from core.timeline import Entry
from crm.models import Interaction, Lead, Organization, Person
from crm.panels import stage_badge

TALKS = timeline.kind("talks", _("Interactions"), "chat", 10)
LEADS = timeline.kind("leads", _("Leads"), "lead", 20)
LONGEST = 320  # characters of minutes


def shortened(text: str) -> str:
    """As much of a text as a timeline shows."""
    return Truncator(text).chars(LONGEST)


def talk_entry(talk: Interaction) -> Entry:
    return Entry(
        talk.subject,
        record_url(talk),
        actor=str(talk.created_by or ""),
        detail=shortened(talk.minutes),
        lang=talk.minutes_language,
        badge=Badge(talk.get_kind_display()),
    )


def lead_entry(lead: Lead) -> Entry:
    return Entry(lead.title, record_url(lead), actor=str(lead.created_by or ""), badge=stage_badge(lead))


def talks() -> Any:
    return Interaction.objects.active().select_related("created_by")


def _leads() -> Any:
    return Lead.objects.active().select_related("created_by")


@timeline.on_record(Organization, "talks", TALKS, moment="starts_at", entry=talk_entry)
def organization_talks(user: Any, record: Organization) -> Any:
    return talks().filter(organizations=record)


@timeline.on_record(Person, "talks", TALKS, moment="starts_at", entry=talk_entry)
def person_talks(user: Any, record: Person) -> Any:
    return talks().filter(people=record)


@timeline.on_record(Lead, "talks", TALKS, moment="starts_at", entry=talk_entry)
def lead_talks(user: Any, record: Lead) -> Any:
    return talks().filter(lead=record)


@timeline.on_record(Organization, "leads", LEADS, moment="received_on", entry=lead_entry)
def organization_leads(user: Any, record: Organization) -> Any:
    return _leads().filter(organization=record)


@timeline.on_record(Person, "leads", LEADS, moment="received_on", entry=lead_entry)
def person_leads(user: Any, record: Person) -> Any:
    return _leads().filter(contact=record)
