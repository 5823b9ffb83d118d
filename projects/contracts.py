"""Signed agreements, their parties, and the batches in which they are announced."""

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.currencies import AmountField, CurrencyField, check_amount
from core.database_text import TEXT, formatted
from core.files import upload_path, validate_document
from core.localized import Named, Titled
from core.records import Part, Record, RecordQuerySet
from crm.stations import belongs_to_station, check_own_station


class BatchQuerySet(RecordQuerySet):
    def with_recorded(self, user: Any) -> "BatchQuerySet":
        """Adds `recorded`: how many contracts of the batch are on file, of those that the user reaches. A number that
        counted the others would tell of records that are hidden everywhere else."""
        reached = access.scoped(user, Contract).active().values("pk")
        return self.annotate(recorded=Count("contracts", filter=Q(contracts__in=reached)))


class Batch(Named, Record):
    """Contracts announced together. Often more are announced than are named, so both numbers are kept."""

    announced_count = models.PositiveIntegerField(_("announced contracts"), null=True, blank=True)
    session = models.ForeignKey(
        "events.Session",
        models.PROTECT,
        verbose_name=_("signed at session"),
        related_name="batches",
        null=True,
        blank=True,
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=255, blank=True, help_text=_("Where these data come from."))
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = BatchQuerySet.as_manager()

    reference_prefix = "B"

    class Meta(Record.Meta):
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("-signed_on", "-pk")

    def clean(self) -> None:
        super().clean()
        if self.session is not None and self.session.kind != "signing":
            message = _("Choose a session of the kind “signing ceremony”.")
            raise ValidationError({"session": ValidationError(message, code="not_signing")})

    def progress(self, user: Any) -> str:
        """Of a batch from `with_recorded(user)`."""
        return progress_text(user, self.recorded, self.announced_count)  # type: ignore[attr-defined]


def progress_text(user: Any, recorded: int, announced: int | None) -> str:
    """`3 of 8 recorded`; who may not see the contracts of all stations is told that the 3 are not all there may be."""
    return _progress_form(user, announced is None) % {"recorded": recorded, "announced": announced}


def _progress_form(user: Any, is_alone: bool) -> str:
    form = _("%(recorded)s recorded") if is_alone else _("%(recorded)s of %(announced)s recorded")
    return str(form if access.sees_all(user) else _("%(progress)s (of those you can see)") % {"progress": form})


def recorded_in_sql(user: Any) -> Any:
    """`BatchQuerySet.with_recorded` as an expression of one batch."""
    contracts = access.scoped(user, Contract).active().filter(batch=OuterRef("pk")).order_by()
    return Coalesce(Subquery(contracts.values("batch").annotate(recorded=Count("pk")).values("recorded")), 0)


def progress_in_sql(user: Any) -> Any:
    """`progress_text` as an expression of one batch."""
    recorded = recorded_in_sql(user)
    alone = formatted(_progress_form(user, True), recorded=recorded)
    of_all = formatted(_progress_form(user, False), recorded=recorded, announced=F("announced_count"))
    return Case(When(announced_count__isnull=True, then=alone), default=of_all, output_field=TEXT)


class ContractQuerySet(RecordQuerySet):
    def without_document(self) -> "ContractQuerySet":
        """Current contracts of which no document is on file."""
        return self.active().filter(file="")


class Contract(Titled, Record):
    """An agreement. Many have no amount at all."""

    class Kind(models.TextChoices):
        INVESTMENT = "investment_agreement", _("Investment agreement")
        COOPERATION = "cooperation_agreement", _("Cooperation agreement")
        STRATEGIC = "strategic_cooperation", _("Strategic cooperation agreement")
        MEMORANDUM = "memorandum", _("Memorandum of understanding")
        LAND = "land_agreement", _("Land agreement")
        OTHER = "other", _("Other")

    number = models.CharField(_("number"), max_length=50, blank=True, help_text=_("As on the document."))
    kind = models.CharField(_("kind"), max_length=30, choices=Kind, default=Kind.INVESTMENT)
    zone = models.ForeignKey(
        "projects.Zone", models.PROTECT, verbose_name=_("zone"), related_name="contracts", null=True, blank=True
    )
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, verbose_name=_("project"), related_name="contracts", null=True, blank=True
    )
    station = models.ForeignKey(
        "crm.LiaisonStation", models.PROTECT, verbose_name=_("station"), related_name="contracts"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("owner"),
        related_name="contracts",
        null=True,
        blank=True,
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    event = models.ForeignKey(
        "events.Event",
        models.PROTECT,
        verbose_name=_("signed at event"),
        related_name="contracts",
        null=True,
        blank=True,
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, verbose_name=_("batch"), related_name="contracts", null=True, blank=True
    )
    contracted_amount = AmountField(
        _("contracted amount"), help_text=_("In whole units of the currency. Leave empty if the agreement names none.")
    )
    contracted_currency = CurrencyField(_("currency"))
    file = models.FileField(
        _("document"),
        upload_to=upload_path("projects.contract"),
        validators=[validate_document],
        blank=True,
        max_length=255,
    )
    source = models.CharField(_("source"), max_length=255, blank=True, help_text=_("Where these data come from."))
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = ContractQuerySet.as_manager()

    reference_prefix = "C"
    searched = (*Titled.searched, "number")
    searched_related = ("parties__organization", "parties__person")
    found_with = ("parties__organization", "parties__person")

    class Meta(Record.Meta):
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ("-signed_on", "-pk")
        indexes = [models.Index(fields=["signed_on", "id"], name="contract_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "number"],
                condition=~Q(number=""),
                name="contract_number_once_per_station",
                violation_error_message=_("Another contract of this station already has this number."),
            ),
            models.CheckConstraint(
                condition=Q(contracted_amount__isnull=True, contracted_currency="")
                | Q(contracted_amount__isnull=False) & ~Q(contracted_currency=""),
                name="contract_amount_has_currency",
                violation_error_message=_("An amount needs its currency."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        check_amount(self, "contracted")
        check_own_station(self)
        if self.signed_on and self.signed_on > timezone.localdate() + datetime.timedelta(days=1):
            message = _("A contract cannot be signed in the future. Leave the date empty until it is signed.")
            raise ValidationError({"signed_on": ValidationError(message, code="future")})
        self._check_batch()

    def _check_batch(self) -> None:
        session = self.batch.session if self.batch_id and self.batch else None
        if session and self.event_id and session.event_id != self.event_id:
            message = _("This batch was signed at another event (%(event)s).")
            raise ValidationError({"batch": ValidationError(message, "other_event", {"event": session.event})})


class ContractParty(Part):
    """An organization or a person bound by a contract, and who signed for it."""

    class Role(models.TextChoices):
        INVESTOR = "investor", _("Investor")
        GOVERNMENT = "government", _("Government")
        OPERATOR = "operator", _("Zone operator")
        PARTNER = "partner", _("Partner")
        ASSOCIATION = "association", _("Association")
        WITNESS = "witness", _("Witness")

    contract = models.ForeignKey(Contract, models.CASCADE, verbose_name=_("contract"), related_name="parties")
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.INVESTOR)
    organization = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("organization"),
        related_name="contract_parties",
        null=True,
        blank=True,
    )
    person = models.ForeignKey(
        "crm.Person", models.PROTECT, verbose_name=_("person"), related_name="contract_parties", null=True, blank=True
    )
    signatories = models.ManyToManyField(
        "crm.Person", verbose_name=_("signatories"), related_name="signed_for", blank=True
    )

    whole = "contract"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=False, person__isnull=True)
                | Q(organization__isnull=True, person__isnull=False),
                name="contract_party_is_one",
                violation_error_message=_("A party is either an organization or a person."),
            )
        ]

    def __str__(self) -> str:
        return str(self.organization or self.person or "")

    def clean(self) -> None:
        super().clean()
        if bool(self.organization_id) == bool(self.person_id):
            message = _("A party is either an organization or a person.")
            raise ValidationError({"organization": ValidationError(message, code="one_of")})


access.register(Batch)
access.register(Contract, belongs_to_station("owner"))
access.register_part(ContractParty, "contract")
