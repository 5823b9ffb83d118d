"""What this app contributes to the calendar: next steps that fall due, and interactions."""

import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import access, calendars
from core.admin.links import record_url
from core.calendars import MINE, MOST, Asked, Entry
from core.localized import joined
from crm.interactions import Interaction
from crm.leads import Lead
from crm.panels import stage_badge
from crm.stations import LiaisonStation

OURS = "ours"

calendars.offer(OURS, _("My stations"))


def narrowed(asked: Asked, records: Any, mine: Q, station: str = "station") -> Any:
    """The records that are the reader's own, or of the reader's stations, as is asked for."""
    if asked.whose == MINE:
        return records.filter(mine)
    if asked.whose == OURS:
        return records.filter(**{f"{station}__in": LiaisonStation.objects.of(asked.user).values("pk")})
    return records


@calendars.source("next-steps", Lead, _("Next steps"), "amber", 10)
def next_steps(asked: Asked) -> list[Entry]:
    leads = access.scoped(asked.user, Lead).open().filter(next_step_on__range=(asked.first, asked.last))
    leads = narrowed(asked, leads, Q(owner=asked.user)).select_related("organization").order_by("next_step_on", "pk")
    return [
        Entry(
            record=lead,
            title=lead.next_step or lead.title,
            about=joined([lead.title, lead.organization] if lead.next_step else [lead.organization]),
            url=record_url(lead),
            first=lead.next_step_on,
            last=lead.next_step_on,
            badge=stage_badge(lead),
        )
        for lead in leads[:MOST]
    ]


@calendars.source("interactions", Interaction, Interaction._meta.verbose_name_plural, "green", 20)
def interactions(asked: Asked) -> list[Entry]:
    talks = access.scoped(asked.user, Interaction).active().filter(starts_at__range=asked.moments)
    staff = Interaction.staff.through.objects.filter(user=asked.user).values("interaction")
    talks = narrowed(asked, talks, Q(pk__in=staff)).select_related("station").prefetch_related("organizations")
    return [
        Entry.timed(
            talk.starts_at,
            talk.starts_at + datetime.timedelta(minutes=talk.minutes_long) if talk.minutes_long else None,
            record=talk,
            title=talk.subject,
            about=joined(talk.organizations.all()),
            place=talk.place,
            url=record_url(talk),
            zone=talk.station.time_zone,
        )
        for talk in talks.order_by("starts_at", "pk")[:MOST]
    ]
