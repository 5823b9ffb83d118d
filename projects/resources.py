"""The lists of this app: one declaration each for the admin list, its exports and the API."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.columns import Column, Columns, changes, parts, record_columns
from core.resources import Resource, register
from projects import filters
from projects.contracts import progress_in_sql, progress_text, recorded_in_sql
from projects.models import (
    Batch,
    Contract,
    ContractParty,
    Project,
    ProjectAmount,
    ProjectInvestor,
    ProjectStageChange,
    ProjectStatusChange,
    Zone,
)

INVESTORS = parts(
    "investors", ProjectInvestor, Columns(ProjectInvestor, "id", "organization", "share_percent"), in_lists=True
)
AMOUNTS = parts(
    "amounts",
    ProjectAmount,
    Columns(
        ProjectAmount,
        "id", "kind", "amount", "currency", "dated_on", "as_written", "exchange_rate", "rate_source",
    ),
    in_lists=True,
)  # fmt: skip
PARTIES = parts(
    "parties",
    ContractParty,
    Columns(ContractParty, "id", "role", "organization", "person", "signatories"),
    in_lists=True,
)


def _recorded(user: Any, pks: Sequence[Any]) -> dict[Any, int]:
    return dict(Batch.objects.filter(pk__in=pks).with_recorded(user).values_list("pk", "recorded"))


def _progress(user: Any, pks: Sequence[Any]) -> dict[Any, str]:
    rows = Batch.objects.filter(pk__in=pks).with_recorded(user).values_list("pk", "recorded", "announced_count")
    return {pk: progress_text(user, recorded, announced) for pk, recorded, announced in rows}


zones = register(
    Resource(
        slug="zones",
        columns=record_columns(
            Zone,
            "name", "name_en", "name_zh", "name_ja", "other_names", "parent", "area_km2", "planner", "operator",
            "city", "launched_on", "source", "notes",
        ),
        filterset=filters.ZoneFilterSet,
        ordering=("name",),
        orderable=("area_km2", "created_at", "updated_at"),
    )
)  # fmt: skip

projects = register(
    Resource(
        slug="projects",
        columns=record_columns(
            Project,
            "name", "name_en", "name_zh", "name_ja", "stage", "status", "zone", "station", "owner", "collaborators",
            "lead", "sector", "jobs", INVESTORS, AMOUNTS, "notes",
            changes(ProjectStageChange), changes(ProjectStatusChange, "status_changes"),
        ),
        filterset=filters.ProjectFilterSet,
        orderable=("name", "updated_at"),
    )
)  # fmt: skip

contracts = register(
    Resource(
        slug="contracts",
        columns=record_columns(
            Contract,
            "number", "title", "title_en", "title_zh", "title_ja", "kind", PARTIES, "zone", "project", "station",
            "owner", "signed_on", "event", "batch", "contracted_amount", "contracted_currency", "file", "source",
            "notes",
        ),
        filterset=filters.ContractFilterSet,
        ordering=("-signed_on",),
        orderable=("title", "number", "contracted_amount", "created_at", "updated_at"),
    )
)  # fmt: skip

batches = register(
    Resource(
        slug="batches",
        columns=record_columns(
            Batch,
            "name", "name_en", "name_zh", "name_ja", "announced_count",
            Column("recorded_count", _("Recorded contracts"), "integer", load=_recorded, expression=recorded_in_sql),
            Column("progress", _("Progress"), load=_progress, expression=progress_in_sql),
            "session", "signed_on", "source", "notes",
        ),
        filterset=filters.BatchFilterSet,
        ordering=("-signed_on",),
        orderable=("name", "created_at", "updated_at"),
    )
)  # fmt: skip
