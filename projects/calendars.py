"""What this app contributes to the calendar: signings."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import access, calendars
from core.admin.links import record_url
from core.calendars import MOST, Asked, Entry
from core.localized import joined
from crm.calendars import narrowed
from projects.contracts import Contract


@calendars.source("contracts", Contract, _("Contracts signed"), "neutral", 60)
def contracts(asked: Asked) -> list[Entry]:
    found = access.scoped(asked.user, Contract).active().filter(signed_on__range=(asked.first, asked.last))
    found = narrowed(asked, found, Q(owner=asked.user))
    found = found.prefetch_related("parties__organization", "parties__person").order_by("signed_on", "pk")
    return [
        Entry(
            record=contract,
            title=str(contract),
            about=joined(contract.parties.all()),
            url=record_url(contract),
            first=contract.signed_on,
            last=contract.signed_on,
        )
        for contract in found[:MOST]
    ]
