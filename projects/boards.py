"""The board of projects."""

from typing import Any

from django.db.models import OuterRef, Subquery

from core import boards
from core.boards import Board, Card, Sums
from core.currencies import short_amount
from projects.panels import investors_text, status_badge
from projects.projects import STAGE_FLOW, Project, ProjectAmount, Stage, Status

Kind = ProjectAmount.Kind
PLANNED = (Stage.NEGOTIATING, Stage.SITE_VISIT, Stage.SIGNING)


def kind_of(stage: str) -> Any:
    """Which amounts count in a stage: what is announced until a contract says more. Kinds are never added up with each
    other."""
    return Kind.ANNOUNCED if stage in PLANNED else Kind.CONTRACTED


def with_amount(projects: Any, stage: str) -> Any:
    """Adds `stage_amount` and `stage_currency`: the latest amount of that kind."""
    latest = ProjectAmount.objects.filter(project=OuterRef("pk"), kind=kind_of(stage)).order_by("-dated_on", "-pk")
    return projects.annotate(
        stage_amount=Subquery(latest.values("amount")[:1]), stage_currency=Subquery(latest.values("currency")[:1])
    )


def _amount(project: Project) -> str:
    kind = kind_of(project.stage)
    amounts = [amount for amount in project.amounts.all() if amount.kind == kind]
    return short_amount(amounts[-1].amount, amounts[-1].currency) if amounts else ""


def project_card(project: Project) -> Card:
    badges = () if project.status == Status.ACTIVE else (status_badge(project),)
    return Card(about=investors_text(project), amount=_amount(project), badges=badges)


boards.register(
    Board(
        model=Project,
        flow=STAGE_FLOW,
        card=project_card,
        order=lambda stage: ("-created_at",),
        sums=lambda stage: Sums("stage_amount", "stage_currency", kind_of(stage).label),
        prepare=with_amount,
        read_along=lambda found: found.select_related("owner").prefetch_related("investors__organization", "amounts"),
        tones=dict.fromkeys(Stage.values, "blue")
        | {stage.value: "neutral" for stage in PLANNED}
        | {Stage.PRODUCTION: "green", Stage.FULL_OUTPUT: "green"},
    )
)
