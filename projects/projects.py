"""Investment projects: from negotiation to full output, or to an end."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import access
from core.currencies import AmountField, CurrencyField
from core.localized import Named
from core.records import Part, RecordQuerySet, list_index
from core.reference import refuse_retired
from core.stages import Change, Flow, Staged
from crm.stations import belongs_to_station, check_own_station, check_people


class Stage(models.TextChoices):
    NEGOTIATING = "negotiating", _("Negotiating")
    SITE_VISIT = "site_visit", _("Site visit")
    SIGNING = "signing", _("Preparing to sign")
    SIGNED = "signed", _("Signed")
    REGISTERED = "registered", _("Company registered")
    LAND = "land", _("Land granted")
    CONSTRUCTION = "construction", _("Under construction")
    COMPLETED = "completed", _("Completed")
    PRODUCTION = "production", _("In production")
    FULL_OUTPUT = "full_output", _("Full output")


class Status(models.TextChoices):
    ACTIVE = "active", _("Active")
    ON_HOLD = "on_hold", _("On hold")
    LOST = "lost", _("Lost")
    TERMINATED = "terminated", _("Terminated")


# A project may skip stages (rented premises need no land) and may be set back, which needs a reason.
STAGE_FLOW = Flow(
    field="stage",
    changes="stage_changes",
    moves={stage.value: tuple(other.value for other in Stage if other != stage) for stage in Stage},
)
ENDED = (Status.LOST, Status.TERMINATED)
NEEDED_AT_AN_END = {
    "lost_reason": _("Choose why the project ended."),
    "ended_on": _("Give the date on which it ended."),
}
STATUS_FLOW = Flow(
    field="status",
    changes="status_changes",
    moves={status.value: tuple(other.value for other in Status if other != status) for status in Status},
    reasoned=frozenset({Status.ON_HOLD, Status.LOST, Status.TERMINATED}),
    asks=dict.fromkeys(ENDED, ("lost_reason", "ended_on", "lost_to")),
    requires={Status.LOST: NEEDED_AT_AN_END, Status.TERMINATED: NEEDED_AT_AN_END},
    sequence=False,
)


class ProjectQuerySet(RecordQuerySet):
    def in_progress(self) -> "ProjectQuerySet":
        return self.active().exclude(status__in=ENDED)


class Project(Named, Staged):
    """An investment by one or more organizations. How far it is (stage) is apart from how it stands (status)."""

    Stage = Stage
    Status = Status

    zone = models.ForeignKey(
        "projects.Zone", models.PROTECT, verbose_name=_("zone"), related_name="projects", null=True, blank=True
    )
    station = models.ForeignKey(
        "crm.LiaisonStation", models.PROTECT, verbose_name=_("station"), related_name="projects"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), related_name="projects"
    )
    collaborators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("collaborators"), related_name="shared_projects", blank=True
    )
    lead = models.ForeignKey(
        "crm.Lead",
        models.PROTECT,
        verbose_name=_("lead it came from"),
        related_name="projects",
        null=True,
        blank=True,
    )
    sector = models.ForeignKey(
        "crm.Sector", models.PROTECT, verbose_name=_("sector"), related_name="projects", null=True, blank=True
    )
    jobs = models.PositiveIntegerField(_("jobs"), null=True, blank=True)
    stage = models.CharField(_("stage"), max_length=20, choices=Stage, default=Stage.NEGOTIATING, editable=False)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE, editable=False)
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = ProjectQuerySet.as_manager()

    reference_prefix = "P"
    searched_related = ("zone", "investors__organization")
    found_with = ("investors__organization",)
    flows = (STAGE_FLOW, STATUS_FLOW)

    class Meta(Staged.Meta):
        abstract = False
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ("-created_at", "-pk")
        indexes = [
            list_index("project_newest", "created_at"),
            list_index("project_newest_of_station", "station", "created_at"),
            list_index("project_newest_in_stage", "stage", "created_at"),
            list_index("project_updated", "updated_at"),
        ]

    def clean(self) -> None:
        super().clean()
        check_own_station(self)
        refuse_retired(self, "sector")

    def clean_links(self, name: str, chosen: Iterable[models.Model]) -> None:
        super().clean_links(name, chosen)
        check_people(self, name, chosen)


class ProjectStageChange(Change):
    """A move of a project from stage to stage."""

    record = models.ForeignKey(Project, models.CASCADE, verbose_name=_("project"), related_name="stage_changes")

    flow_field = "stage"

    class Meta(Change.Meta):
        abstract = False
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")

    def clean(self) -> None:
        super().clean()
        if self.from_value and self.record.status != Status.ACTIVE:
            message = _("Only an active project moves on. Set its status to active first.")
            raise ValidationError({"to": ValidationError(message, code="not_active")})


class ProjectStatusChange(Change):
    """A change of a project's status; a lost or terminated one says why, when and, if known, to which place."""

    record = models.ForeignKey(Project, models.CASCADE, verbose_name=_("project"), related_name="status_changes")
    lost_reason = models.ForeignKey(
        "crm.LostReason", models.PROTECT, verbose_name=_("lost reason"), related_name="+", null=True, blank=True
    )
    ended_on = models.DateField(_("date"), null=True, blank=True)
    lost_to = models.CharField(_("lost to (place)"), max_length=150, blank=True)

    flow_field = "status"

    class Meta(Change.Meta):
        abstract = False
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")

    def clean(self) -> None:
        super().clean()
        refuse_retired(self, "lost_reason")


class ProjectInvestor(Part):
    """An organization that invests in a project."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name=_("project"), related_name="investors")
    organization = models.ForeignKey(
        "crm.Organization", models.PROTECT, verbose_name=_("organization"), related_name="investments"
    )
    share_percent = models.DecimalField(
        _("share (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )

    whole = "project"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("investor")
        verbose_name_plural = _("investors")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["project", "organization"],
                name="investor_once_per_project",
                violation_error_message=_("This investor is already listed."),
            ),
            models.CheckConstraint(
                condition=models.Q(share_percent__isnull=True) | models.Q(share_percent__range=(0, 100)),
                name="investor_share_percent",
                violation_error_message=_("The share is a percentage from 0 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organization)


class ProjectAmount(Part):
    """An amount of a project, of one kind, as documented at one date. Kinds are never added up with each other."""

    class Kind(models.TextChoices):
        ANNOUNCED = "announced", _("Announced")
        CONTRACTED = "contracted", _("Contracted")
        PAID_IN = "paid_in", _("Paid in")
        VERIFIED = "verified", _("Verified")

    project = models.ForeignKey(Project, models.CASCADE, verbose_name=_("project"), related_name="amounts")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ANNOUNCED)
    amount = AmountField(_("amount"), null=False, blank=False)
    currency = CurrencyField(_("currency"), blank=False)
    dated_on = models.DateField(_("date"))
    as_written = models.CharField(
        _("as written"), max_length=100, blank=True, help_text=_("The amount and unit of the document, e.g. 3.5亿元.")
    )
    exchange_rate = models.DecimalField(
        _("exchange rate used"), max_digits=18, decimal_places=8, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.00000001"))],
        help_text=_("Yuan for one unit of the currency."),
    )  # fmt: skip
    rate_source = models.CharField(_("source of the rate"), max_length=150, blank=True)

    whole = "project"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("amount")
        verbose_name_plural = _("amounts")
        ordering = ("dated_on", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount} {self.currency}"

    def clean(self) -> None:
        super().clean()
        if self.exchange_rate is not None and not self.rate_source:
            message = _("Say where the exchange rate comes from.")
            raise ValidationError({"rate_source": ValidationError(message, "required")})


access.register(Project, belongs_to_station("owner", "collaborators"))
for _part in (ProjectInvestor, ProjectAmount):
    access.register_part(_part, "project")
for _change in (ProjectStageChange, ProjectStatusChange):
    access.register_part(_change, "record")
