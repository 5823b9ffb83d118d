"""What comes of meeting somebody: a lead, opened from the guest or the visit."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import Channel, Lead, Person
from events.guests import Guest
from events.visits import Visit


def open_lead(met: Guest | Visit, *, title: str, station: Any, owner: Any, **fields: Any) -> Lead:
    """Opens a lead for the organization that was met and links the two, in one transaction.

    The guest, or the first host of the visit, becomes its contact. Raises ValidationError if a lead has come of it
    already, or if nobody knows which organization the guest came from.
    """
    if met.lead_id is not None:
        raise ValidationError(_("A lead has already come of this."), code="has_lead")
    if met.organization is None:
        raise ValidationError(_("Say first which organization the guest comes from."), code="no_organization")
    with transaction.atomic():
        lead = Lead(
            title=title,
            organization=met.organization,
            contact=_contact(met),
            channel=_channel(met),
            station=station,
            owner=owner,
            is_sample=met.is_sample,
            **fields,
        )
        lead.full_clean()
        lead.save()
        met.lead = lead
        met.save()
    return lead


def _contact(met: Guest | Visit) -> Person | None:
    return met.person if isinstance(met, Guest) else met.hosts.first()


def _channel(met: Guest | Visit) -> Channel | None:
    event = met.event if isinstance(met, Guest) else met.delegation
    code = "delegation_visit" if event.kind.is_delegation else "promotion_event"
    found: Any = Channel.objects.in_use().filter(code=code).first()
    return found
