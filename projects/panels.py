"""Panels of this app: a zone's projects and contracts, an event's contracts, an organization's investments."""

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, figures
from core.admin.base import add_record_action
from core.admin.links import add_url, list_url, record_url
from core.listing import shortlist
from core.localized import joined
from core.panels import MOST_COUNTED, Badge, Panel, Row, on_record, on_today
from crm.models import Lead, Organization
from crm.panels import SHOWN, SHOWN_BESIDE, day, works_on_leads
from events.models import Event, Session
from projects.models import Batch, Contract, Project, Zone

figures.measure(
    figures.Measure(
        "projects", gettext_lazy("New projects"), Project, "created_at", ("created_after", "created_before"), 40
    )
)
figures.measure(
    figures.Measure(
        "contracts", gettext_lazy("Contracts signed"), Contract, "signed_on", ("signed_after", "signed_before"), 50
    )
)
PARTIES = ("parties__organization", "parties__person")
STATUS_TONES = {"active": "green", "on_hold": "amber", "lost": "red", "terminated": "red"}


def status_badge(project: Project) -> Badge:
    return Badge(project.get_status_display(), STATUS_TONES[project.status])


def _project_panel(request: Any, projects: Any, **panel: Any) -> Panel:
    shown, count = shortlist(projects.prefetch_related("investors__organization"), SHOWN, MOST_COUNTED)
    rows = [
        Row(
            (
                str(project),
                investors_text(project),
                project.get_stage_display(),
                status_badge(project),
            ),
            record_url(project),
        )
        for project in shown
    ]
    columns = (_("Project"), _("Investors"), _("Stage"), _("Status"))
    return Panel("projects", panel.pop("title", _("Projects")), columns, rows, count=count, **panel)


def investors_text(project: Project) -> str:
    return joined(investor.organization for investor in project.investors.all())


def _contract_panel(request: Any, contracts: Any, **panel: Any) -> Panel:
    contracts = contracts.prefetch_related(*PARTIES)
    rows = [
        Row((str(contract), parties(contract), day(contract.signed_on), amount(contract)), record_url(contract))
        for contract in contracts[:SHOWN]
    ]
    columns = (_("Contract"), _("Parties"), _("Signed on"), _("Amount"))
    return Panel("contracts", _("Contracts"), columns, rows, count=contracts.count(), **panel)


def parties(contract: Contract) -> str:
    return joined(contract.parties.all())


def amount(contract: Contract) -> str:
    if contract.contracted_amount is None:
        return ""
    amount = number_format(contract.contracted_amount, 0, force_grouping=True)
    return f"{contract.contracted_currency} {amount}"


@on_today(50, later=works_on_leads)
def projects_in_progress(request: Any) -> Panel | None:
    if not access.may(request.user, "view", Project):
        return None
    projects = access.scoped(request.user, Project).in_progress().order_by("-updated_at", "pk")
    return _project_panel(
        request,
        projects,
        title=_("Projects in progress"),
        more_url=list_url(Project, in_progress="true"),
        empty=_("No project is in progress."),
    )


@on_today(25, later=works_on_leads)
def contracts_without_document(request: Any) -> Panel | None:
    """Contracts cannot be verified before the document is on file."""
    if not access.may(request.user, "change", Contract):
        return None
    contracts = access.scoped(request.user, Contract).without_document().order_by("-pk")
    shown, count = shortlist(contracts.prefetch_related(*PARTIES), SHOWN_BESIDE, MOST_COUNTED)
    rows = [Row((str(c), parties(c), day(c.signed_on), amount(c)), record_url(c)) for c in shown]
    return Panel(
        "contracts-without-document",
        _("Contracts without a document"),
        (_("Contract"), _("Parties"), _("Signed on"), _("Amount")),
        rows,
        count=count,
        more_url=list_url(Contract, without_document="true"),
        empty=_("Every contract has its document on file."),
    )


@on_today(26, later=works_on_leads)
def contracts_to_record(request: Any) -> Panel | None:
    """Batches of which fewer contracts are on file than were announced."""
    if not access.may(request.user, "add", Contract):
        return None
    batches = access.scoped(request.user, Batch).active().with_recorded(request.user)
    missing = list(batches.filter(recorded__lt=F("announced_count")).order_by("-signed_on", "pk")[:SHOWN_BESIDE])
    rows = [Row((str(b), b.progress(request.user), day(b.signed_on)), record_url(b)) for b in missing]
    columns = (_("Batch"), _("Progress"), _("Signed on"))
    return Panel("contracts-to-record", _("Batches with contracts to record"), columns, rows) if rows else None


def _projects_of(request: Any, condition: dict[str, Any], filters: dict[str, Any]) -> Panel | None:
    if not access.may(request.user, "view", Project):
        return None
    projects = (
        access.scoped(request.user, Project).active().filter(**condition).distinct().order_by("-created_at", "pk")
    )
    return _project_panel(request, projects, more_url=list_url(Project, **filters), empty=_("No project yet."))


def _contracts_of(request: Any, condition: dict[str, Any], filters: dict[str, Any], **panel: Any) -> Panel | None:
    if not access.may(request.user, "view", Contract):
        return None
    contracts = (
        access.scoped(request.user, Contract).active().filter(**condition).distinct().order_by("-signed_on", "pk")
    )
    panel.setdefault("empty", _("No contract yet."))
    return _contract_panel(request, contracts, more_url=list_url(Contract, **filters), **panel)


@on_record(Zone, 10)
def zone_contracts(request: Any, record: Zone) -> Panel | None:
    signed_here = access.scoped(request.user, Contract).filter(zone=record).values("batch")
    batches = access.scoped(request.user, Batch).active().filter(pk__in=signed_here).order_by("pk")
    counted = batches.with_recorded(request.user)
    note = "; ".join(f"{batch}: {batch.progress(request.user)}" for batch in counted[:3])
    return _contracts_of(
        request,
        {"zone": record.pk},
        {"zone": record.pk},
        note=note,
        add_url=add_url(Contract, zone=record.pk) if access.may(request.user, "add", Contract) else None,
        add_label=_("Add contract"),
    )


@on_record(Zone, 20)
def zone_projects(request: Any, record: Zone) -> Panel | None:
    return _projects_of(request, {"zone": record.pk}, {"zone": record.pk})


@on_record(Zone, 30)
def zone_parts(request: Any, record: Zone) -> Panel | None:
    zones = access.scoped(request.user, Zone).active().filter(parent=record)
    rows = [Row((str(zone), str(zone.area_km2 or "")), record_url(zone)) for zone in zones]
    return (
        Panel("parts", _("Parts of this zone"), (_("Zone"), _("Area (km²)")), rows, count=len(rows)) if rows else None
    )


@on_record(Batch, 10)
def batch_contracts(request: Any, record: Batch) -> Panel | None:
    initial = {"batch": record.pk, **({"event": record.session.event_id} if record.session else {})}
    return _contracts_of(
        request,
        {"batch": record.pk},
        {"batch": record.pk},
        note=Batch.objects.with_recorded(request.user).get(pk=record.pk).progress(request.user),
        add_url=add_url(Contract, **initial) if access.may(request.user, "add", Contract) else None,
        add_label=_("Add contract"),
    )


def _batch_panel(request: Any, batches: Any) -> Panel | None:
    rows = [
        Row((str(batch), batch.progress(request.user), day(batch.signed_on)), record_url(batch))
        for batch in batches.with_recorded(request.user)
    ]
    columns = (_("Batch"), _("Progress"), _("Signed on"))
    return Panel("batches", _("Batches"), columns, rows, count=len(rows)) if rows else None


@on_record(Event, 30)
def event_batches(request: Any, record: Event) -> Panel | None:
    return _batch_panel(request, access.scoped(request.user, Batch).active().filter(session__event=record))


@on_record(Session, 30)
def session_batches(request: Any, record: Session) -> Panel | None:
    return _batch_panel(request, access.scoped(request.user, Batch).active().filter(session=record))


@on_record(Event, 35)
def event_contracts(request: Any, record: Event) -> Panel | None:
    return _contracts_of(request, {"event": record.pk}, {"event": record.pk})


@on_record(Project, 10)
def project_contracts(request: Any, record: Project) -> Panel | None:
    initial = {
        "project": record.pk,
        "station": record.station_id,
        **({"zone": record.zone_id} if record.zone_id else {}),
    }
    return _contracts_of(
        request,
        {"project": record.pk},
        {"project": record.pk},
        add_url=add_url(Contract, **initial) if access.may(request.user, "add", Contract) else None,
        add_label=_("Add contract"),
    )


@on_record(Organization, 50)
def organization_projects(request: Any, record: Organization) -> Panel | None:
    panel = _projects_of(request, {"investors__organization": record.pk}, {"investor": record.pk})
    return panel if panel and panel.rows else None


@on_record(Organization, 55)
def organization_contracts(request: Any, record: Organization) -> Panel | None:
    panel = _contracts_of(request, {"parties__organization": record.pk}, {"party": record.pk})
    return panel if panel and panel.rows else None


@on_record(Lead, 10)
def lead_projects(request: Any, record: Lead) -> Panel | None:
    panel = _projects_of(request, {"lead": record.pk}, {"lead": record.pk})
    return panel if panel and panel.rows else None


def _convert_action(request: Any, lead: Lead) -> list[dict[str, Any]]:
    if lead.stage != Lead.Stage.QUALIFIED or lead.is_archived or not access.may(request.user, "add", Project):
        return []
    if not access.can(request.user, "change", lead):
        return []
    url = reverse("admin:projects_project_convert", args=[lead.pk])
    return [{"label": _("Open a project"), "url": url, "tone": "blue", "method": "get"}]


add_record_action(Lead, _convert_action)
