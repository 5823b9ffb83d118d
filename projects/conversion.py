"""Converting a lead: it becomes a project, and says so."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.records import one_change
from crm.leads import STAGE_FLOW, Lead
from projects.projects import Project, ProjectInvestor

TAKEN_OVER = ("station", "sector", "jobs")


def convert(lead: Lead, *, owner: Any, name: str = "", **fields: Any) -> Project:
    """Opens a project from a qualified lead, in one transaction.

    The project takes over station, sector, jobs and the lead's organization as investor. Raises ValidationError if the
    lead is not qualified or archived.
    """
    if lead.stage != Lead.Stage.QUALIFIED:
        raise ValidationError(
            _("Only a qualified lead is converted. Move it to “qualified” first."), code="not_qualified"
        )
    with transaction.atomic(), one_change():
        project = Project(
            name=name or lead.title,
            lead=lead,
            station=lead.station,
            owner=owner,
            sector=lead.sector,
            jobs=lead.jobs,
            is_sample=lead.is_sample,
            **fields,
        )
        _check(project)
        project.save()
        project.collaborators.set(lead.collaborators.all())
        ProjectInvestor(project=project, organization=lead.organization).save()
        STAGE_FLOW.move(lead, Lead.Stage.CONVERTED, reason=project.reference, rule=True, changed_at=project.created_at)
    return project


def _check(project: Project) -> None:
    """Raises ValidationError for what is chosen here. What the lead brings along, nobody chooses now: who works on a
    lead of another station converts it too, and its sector may have been retired since."""
    try:
        project.full_clean()
    except ValidationError as error:
        if chosen := {name: found for name, found in error.error_dict.items() if name not in TAKEN_OVER}:
            raise ValidationError(chosen) from None
