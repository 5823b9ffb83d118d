"""What this app tells on timelines: projects that were opened, contracts that were signed, with their files."""

from pathlib import PurePosixPath
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, timeline
from core.admin.links import record_url
from core.timeline import Entry
from crm.models import Lead, Organization, Person
from crm.timeline import TALKS, talk_entry, talks
from events.models import Event
from projects.models import Batch, Contract, ContractParty, Project, ProjectInvestor, Zone
from projects.panels import amount, parties, status_badge

PROJECTS = timeline.kind("projects", gettext_lazy("Projects"), "project", 40)
CONTRACTS = timeline.kind("contracts", gettext_lazy("Contracts and files"), "contract", 50)


def project_entry(project: Project) -> Entry:
    title = _("Project opened: %(name)s") % {"name": project}
    return Entry(title, record_url(project), actor=str(project.created_by or ""), badge=status_badge(project))


def contract_entry(contract: Contract) -> Entry:
    told = " · ".join(filter(None, (parties(contract), amount(contract))))
    name, url = (PurePosixPath(str(contract.file.name)).name, contract.file.url) if contract.file else ("", "")
    return Entry(
        _("Contract signed: %(title)s") % {"title": contract},
        record_url(contract),
        detail=told,
        file_name=name,
        file_url=url,
    )


def _projects() -> Any:
    return Project.objects.active().select_related("created_by")


def _contracts() -> Any:
    return Contract.objects.active().prefetch_related("parties__organization", "parties__person")


@timeline.on_record(Project, "talks", TALKS, moment="starts_at", entry=talk_entry)
def project_talks(user: Any, record: Project) -> Any:
    """Those about the lead that it came from, as far as the reader sees that lead."""
    return talks().filter(lead__in=access.scoped(user, Lead).filter(projects=record).values("pk"))


@timeline.on_record(Lead, "projects", PROJECTS, moment="created_at", entry=project_entry)
def lead_projects(user: Any, record: Lead) -> Any:
    return _projects().filter(lead=record)


@timeline.on_record(Zone, "projects", PROJECTS, moment="created_at", entry=project_entry)
def zone_projects(user: Any, record: Zone) -> Any:
    return _projects().filter(zone=record)


@timeline.on_record(Organization, "projects", PROJECTS, moment="created_at", entry=project_entry)
def organization_projects(user: Any, record: Organization) -> Any:
    return _projects().filter(pk__in=ProjectInvestor.objects.filter(organization=record).values("project"))


@timeline.on_record(Organization, "contracts", CONTRACTS, moment="signed_on", entry=contract_entry)
def organization_contracts(user: Any, record: Organization) -> Any:
    return _contracts().filter(pk__in=ContractParty.objects.filter(organization=record).values("contract"))


@timeline.on_record(Person, "contracts", CONTRACTS, moment="signed_on", entry=contract_entry)
def person_contracts(user: Any, record: Person) -> Any:
    """As a party, or as who signed for one."""
    signed = ContractParty.signatories.through.objects.filter(person=record).values("contractparty")
    own = ContractParty.objects.filter(Q(person=record) | Q(pk__in=signed))
    return _contracts().filter(pk__in=own.values("contract"))


@timeline.on_record(Project, "contracts", CONTRACTS, moment="signed_on", entry=contract_entry)
def project_contracts(user: Any, record: Project) -> Any:
    return _contracts().filter(project=record)


@timeline.on_record(Zone, "contracts", CONTRACTS, moment="signed_on", entry=contract_entry)
def zone_contracts(user: Any, record: Zone) -> Any:
    return _contracts().filter(zone=record)


@timeline.on_record(Event, "contracts", CONTRACTS, moment="signed_on", entry=contract_entry)
def event_contracts(user: Any, record: Event) -> Any:
    return _contracts().filter(event=record)


@timeline.on_record(Batch, "contracts", CONTRACTS, moment="signed_on", entry=contract_entry)
def batch_contracts(user: Any, record: Batch) -> Any:
    return _contracts().filter(batch=record)
