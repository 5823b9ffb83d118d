"""Leads: a company's interest in investing, from the first sign to a project or a no."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.currencies import AmountField, CurrencyField, check_amount
from core.records import RecordQuerySet, list_index
from core.reference import refuse_retired
from core.stages import Change, Flow, Staged
from crm.stations import belongs_to_station, check_own_station, check_people


class LeadQuerySet(RecordQuerySet):
    def open(self) -> "LeadQuerySet":
        """Leads that somebody still works on."""
        return self.active().exclude(stage__in=Lead.ENDS)

    def overdue(self, today: object) -> "LeadQuerySet":
        return self.open().filter(next_step_on__lt=today)

    def without_next_step(self) -> "LeadQuerySet":
        return self.open().filter(next_step_on__isnull=True)

    def owned_by(self, user: object) -> "LeadQuerySet":
        return self.filter(owner=user)


class Stage(models.TextChoices):
    NEW = "new", _("New")
    CONTACTED = "contacted", _("Contacted")
    QUALIFIED = "qualified", _("Qualified")
    CONVERTED = "converted", _("Converted")
    DISQUALIFIED = "disqualified", _("Disqualified")


STAGE_FLOW = Flow(
    field="stage",
    changes="stage_changes",
    moves={
        Stage.NEW: (Stage.CONTACTED, Stage.QUALIFIED, Stage.DISQUALIFIED),
        Stage.CONTACTED: (Stage.NEW, Stage.QUALIFIED, Stage.DISQUALIFIED),
        Stage.QUALIFIED: (Stage.CONTACTED, Stage.CONVERTED, Stage.DISQUALIFIED),
        Stage.DISQUALIFIED: (Stage.NEW, Stage.CONTACTED, Stage.QUALIFIED),
        Stage.CONVERTED: (),
    },
    by_rule=frozenset({Stage.CONVERTED}),
    reasoned=frozenset({Stage.DISQUALIFIED}),
    asks={Stage.DISQUALIFIED: ("lost_reason",)},
    requires={Stage.DISQUALIFIED: {"lost_reason": _("Choose why the lead is lost.")}},
    by_rule_message=_("A lead is converted by opening a project from it."),
)


class Lead(Staged):
    """An organization's interest, worked on by a station."""

    Stage = Stage
    ENDS = (Stage.CONVERTED, Stage.DISQUALIFIED)

    title = models.CharField(_("title"), max_length=255, help_text=_("What it is about, in a few words."))
    organization = models.ForeignKey(
        "crm.Organization", models.PROTECT, verbose_name=_("organization"), related_name="leads"
    )
    contact = models.ForeignKey(
        "crm.Person", models.PROTECT, verbose_name=_("contact"), related_name="leads", null=True, blank=True
    )
    station = models.ForeignKey("crm.LiaisonStation", models.PROTECT, verbose_name=_("station"), related_name="leads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), related_name="leads")
    collaborators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("collaborators"), related_name="shared_leads", blank=True
    )
    received_on = models.DateField(_("received on"), default=timezone.localdate)
    channel = models.ForeignKey(
        "crm.Channel", models.PROTECT, verbose_name=_("channel"), related_name="leads", null=True, blank=True
    )
    referrer = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("referred by"),
        related_name="referred_leads",
        null=True,
        blank=True,
    )
    referrer_person = models.ForeignKey(
        "crm.Person",
        models.PROTECT,
        verbose_name=_("referring person"),
        related_name="referred_leads",
        null=True,
        blank=True,
    )
    sector = models.ForeignKey(
        "crm.Sector", models.PROTECT, verbose_name=_("sector of interest"), related_name="leads", null=True, blank=True
    )
    interest_amount = AmountField(
        _("amount of interest"), help_text=_("In whole units of the currency, not in 万 or millions.")
    )
    interest_currency = CurrencyField(_("currency"))
    jobs = models.PositiveIntegerField(_("jobs"), null=True, blank=True)
    likelihood = models.PositiveSmallIntegerField(
        _("likelihood (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    stage = models.CharField(_("stage"), max_length=20, choices=Stage, default=Stage.NEW, editable=False)
    next_step = models.CharField(_("next step"), max_length=255, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = LeadQuerySet.as_manager()

    reference_prefix = "L"
    display_paths = ("title",)
    searched = ("title", "next_step", "notes")
    searched_related = ("organization", "contact")
    found_with = ("organization",)
    flows = (STAGE_FLOW,)

    class Meta(Staged.Meta):
        abstract = False
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ("-created_at", "-pk")
        indexes = [
            list_index("lead_newest", "created_at"),
            list_index("lead_newest_of_station", "station", "created_at"),
            list_index("lead_newest_of_owner", "owner", "created_at"),
            list_index("lead_newest_in_stage", "stage", "created_at"),
            list_index("lead_station_stage", "station", "stage", "created_at"),
            list_index("lead_next_step", "next_step_on", filled=True, also=("stage",)),
            list_index("lead_next_step_in_stage", "stage", "next_step_on", filled=True),
            list_index("lead_next_step_of_station", "station", "next_step_on", filled=True, also=("stage",)),
            list_index("lead_next_step_of_owner", "owner", "next_step_on", filled=True, also=("stage",)),
            list_index("lead_board_of_station", "station", "stage", "next_step_on", filled=True),
            list_index("lead_board_of_owner", "owner", "stage", "next_step_on", filled=True),
            list_index("lead_title", "title"),
            list_index("lead_received", "received_on"),
            list_index("lead_updated", "updated_at"),
            list_index("lead_amount", "interest_amount", filled=True),
            list_index("lead_likelihood", "likelihood", filled=True),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(likelihood__isnull=True) | Q(likelihood__lte=100),
                name="lead_likelihood_percent",
                violation_error_message=_("The likelihood is a percentage from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(interest_amount__isnull=True, interest_currency="")
                | Q(interest_amount__isnull=False) & ~Q(interest_currency=""),
                name="lead_amount_has_currency",
                violation_error_message=_("An amount needs its currency."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        check_amount(self, "interest")
        check_own_station(self)
        refuse_retired(self, "channel", "sector")

    def clean_links(self, name: str, chosen: Iterable[models.Model]) -> None:
        super().clean_links(name, chosen)
        check_people(self, name, chosen)


class LeadStageChange(Change):
    """A move of a lead from stage to stage."""

    record = models.ForeignKey(Lead, models.CASCADE, verbose_name=_("lead"), related_name="stage_changes")
    lost_reason = models.ForeignKey(
        "crm.LostReason", models.PROTECT, verbose_name=_("lost reason"), related_name="+", null=True, blank=True
    )

    flow_field = "stage"

    class Meta(Change.Meta):
        abstract = False
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")

    def clean(self) -> None:
        super().clean()
        refuse_retired(self, "lost_reason")


access.register(Lead, belongs_to_station("owner", "collaborators"))
access.register_part(LeadStageChange, "record")
