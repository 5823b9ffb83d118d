"""Panels of this app: what an officer has to do today, and a record's leads, talks and people."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access, figures
from core.admin.links import add_url, list_url, record_url
from core.admin.merging import merged_panel
from core.listing import shortlist, where_few
from core.panels import MOST_COUNTED, Badge, Panel, Row, always, on_record, on_today
from crm.models import Affiliation, Interaction, Lead, Organization, Person

SHOWN = 8
SHOWN_BESIDE = 5  # of what is not the reader's first concern
figures.measure(
    figures.Measure("leads", gettext_lazy("New leads"), Lead, "created_at", ("created_after", "created_before"), 10)
)
figures.measure(
    figures.Measure(
        "talks", gettext_lazy("Interactions"), Interaction, "starts_at", ("starts_after", "starts_before"), 20
    )
)
STAGE_TONES = {"new": "neutral", "contacted": "blue", "qualified": "blue", "converted": "green", "disqualified": "red"}


def day(value: Any) -> str:
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


def moment(value: Any) -> str:
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""


def due_cell(lead: Lead) -> Any:
    """The day of the next step, in red once it has passed."""
    overdue = lead.next_step_on and lead.next_step_on < timezone.localdate() and lead.stage not in Lead.ENDS
    return Badge(day(lead.next_step_on), "red") if overdue else day(lead.next_step_on)


def due_badge(lead: Lead) -> Badge | None:
    """When the next step of an open lead is due, seen from today; nothing where no day is set."""
    if lead.next_step_on is None:
        return None
    days = (lead.next_step_on - timezone.localdate()).days
    if days < 0:
        late = ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}
        return Badge(late, "red")
    if days == 0:
        return Badge(_("Due today"), "amber")
    return Badge(ngettext("In %(days)d day", "In %(days)d days", days) % {"days": days}, "blue")


def stage_badge(lead: Lead) -> Badge:
    return Badge(lead.get_stage_display(), STAGE_TONES[lead.stage])


def _lead_panel(request: Any, leads: Any, **panel: Any) -> Panel:
    shown, count = shortlist(leads.select_related("organization"), SHOWN, MOST_COUNTED)
    rows = [
        Row((lead.title, str(lead.organization), stage_badge(lead), lead.next_step, due_cell(lead)), record_url(lead))
        for lead in shown
    ]
    columns = (_("Lead"), _("Organization"), _("Stage"), _("Next step"), _("On"))
    return Panel(columns=columns, rows=rows, count=count, **panel)


def _short_lead_panel(
    leads: Any, heading: str, cell: Callable[[Lead], Any], size: int = SHOWN_BESIDE, **panel: Any
) -> Panel:
    """Leads with who works on them and one thing more."""
    # Joined with the few users, SQLite would go through all leads of each of them instead of the first in the order.
    shown, count = shortlist(leads.select_related("organization").prefetch_related("owner"), size, MOST_COUNTED)
    rows = [Row((lead.title, str(lead.organization), str(lead.owner), cell(lead)), record_url(lead)) for lead in shown]
    return Panel(columns=(_("Lead"), _("Organization"), _("Owner"), heading), rows=rows, count=count, **panel)


def works_on_leads(user: Any) -> bool:
    """Or watches over those who do."""
    return access.may(user, "change", Lead) or (access.may(user, "view", Lead) and access.sees_all(user))


@on_today(10)
def my_next_steps(request: Any) -> Panel | None:
    if not access.may(request.user, "change", Lead):
        return None
    leads = access.scoped(request.user, Lead).open().owned_by(request.user).filter(next_step_on__isnull=False)
    panel = _lead_panel(
        request,
        leads.order_by("next_step_on", "pk"),
        slug="my-next-steps",
        title=_("My next steps"),
        more_url=list_url(Lead, owner=request.user.pk, open="true", without_next_step="false"),
        empty=_("Nothing is planned. Give your leads a next step with a date."),
    )
    return None if access.sees_all(request.user) and not panel.rows else panel


@on_today(12)
def overdue_leads(request: Any) -> Panel | None:
    if not works_on_leads(request.user):
        return None
    leads = access.scoped(request.user, Lead).overdue(timezone.localdate())
    return _short_lead_panel(
        leads.order_by("next_step_on", "pk"),
        _("On"),
        due_cell,
        SHOWN,
        slug="overdue",
        title=_("Overdue at all stations") if access.sees_all(request.user) else _("Overdue at my stations"),
        more_url=list_url(Lead, overdue="true"),
        empty=_("Nothing is overdue."),
    )


@on_today(14)
def replies_due(request: Any) -> Panel | None:
    """New leads that nobody has answered, the oldest first."""
    if not works_on_leads(request.user):
        return None
    leads = access.scoped(request.user, Lead).active().filter(stage=Lead.Stage.NEW)
    return _short_lead_panel(
        leads.order_by("created_at", "pk"),
        _("Received on"),
        lambda lead: day(lead.received_on),
        slug="replies-due",
        title=_("Replies due"),
        more_url=list_url(Lead, stage=Lead.Stage.NEW.value),
        empty=_("Every lead has been answered."),
    )


@on_today(16, later=always)
def without_next_step(request: Any) -> Panel | None:
    """One's own; of everybody for those who look after all stations."""
    if not works_on_leads(request.user):
        return None
    leads, mine = access.scoped(request.user, Lead).without_next_step(), {}
    if not access.sees_all(request.user):
        leads, mine = leads.owned_by(request.user), {"owner": request.user.pk}
    return _short_lead_panel(
        leads.order_by("created_at", "pk"),
        _("Stage"),
        stage_badge,
        slug="without-next-step",
        title=_("Leads without a next step"),
        more_url=list_url(Lead, without_next_step="true", **mine),
        empty=_("Every lead has a next step."),
    )


@on_today(40, later=always)
def latest_interactions(request: Any) -> Panel | None:
    if not access.may(request.user, "view", Interaction):
        return None
    talks = (
        access.scoped(request.user, Interaction).active().filter(starts_at__lte=timezone.now()).order_by("-starts_at")
    )
    return _talk_panel(
        talks,
        SHOWN_BESIDE,
        slug="latest-interactions",
        title=_("Latest interactions"),
        more_url=list_url(Interaction),
        empty=_("No interaction is recorded yet."),
    )


def _talk_panel(talks: Any, size: int = SHOWN, **panel: Any) -> Panel:
    shown, count = shortlist(talks, size, MOST_COUNTED)
    rows = [Row((talk.subject, talk.get_kind_display(), moment(talk.starts_at)), record_url(talk)) for talk in shown]
    return Panel(columns=(_("Subject"), _("Kind"), _("Time")), rows=rows, count=count, **panel)


def _leads_of(request: Any, condition: dict[str, Any], initial: dict[str, Any]) -> Panel | None:
    if not access.may(request.user, "view", Lead):
        return None
    return _lead_panel(
        request,
        where_few(access.scoped(request.user, Lead).active(), **condition).order_by("-created_at", "pk"),
        slug="leads",
        title=str(capfirst(Lead._meta.verbose_name_plural)),
        more_url=list_url(Lead, **condition) if "organization" in condition else None,
        add_url=add_url(Lead, **initial) if access.may(request.user, "add", Lead) else None,
        add_label=_("Add lead"),
        empty=_("No lead yet."),
    )


@on_record(Organization, 10)
def organization_leads(request: Any, record: Organization) -> Panel | None:
    return _leads_of(request, {"organization": record.pk}, {"organization": record.pk})


@on_record(Person, 20)
def person_leads(request: Any, record: Person) -> Panel | None:
    post = record.affiliations.filter(ends_on__isnull=True).first()
    initial = {"contact": record.pk, **({"organization": post.organization_id} if post else {})}
    return _leads_of(request, {"contact": record.pk}, initial)


@on_record(Organization, 30)
def organization_people(request: Any, record: Organization) -> Panel | None:
    if not access.may(request.user, "view", Person):
        return None
    posts = Affiliation.objects.filter(organization=record, person__archived_at__isnull=True).select_related("person")
    rows = [
        Row((str(post.person), post.department, post.position, day(post.ends_on)), record_url(post.person))
        for post in posts[:SHOWN]
    ]
    return Panel(
        "people",
        _("People"),
        (_("Name"), _("Department"), _("Position"), _("Until")),
        rows,
        count=posts.count(),
        more_url=list_url(Person, organization=record.pk),
        add_url=add_url(Person) if access.may(request.user, "add", Person) else None,
        add_label=_("Add person"),
        empty=_("Nobody is known here yet."),
    )


on_record(Organization, 90)(merged_panel)
on_record(Person, 90)(merged_panel)
