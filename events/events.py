"""Promotion events and delegations, and the organizations that carry them."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from core import access
from core.accounts import TimeZoneField
from core.currencies import AmountField, CurrencyField, check_amount
from core.localized import Named
from core.records import Part, Record, RecordQuerySet
from core.reference import ReferenceItem, refuse_retired
from crm.stations import check_own_station


class EventKind(ReferenceItem):
    """A kind of event. `is_delegation` kinds are journeys with visits instead of a venue with sessions."""

    is_delegation = models.BooleanField(_("is a delegation"), default=False)

    class Meta(ReferenceItem.Meta):
        abstract = False
        verbose_name = _("event kind")
        verbose_name_plural = _("event kinds")


class EventQuerySet(RecordQuerySet):
    def delegations(self) -> "EventQuerySet":
        return self.filter(kind__is_delegation=True)

    def upcoming(self, today: object) -> "EventQuerySet":
        """What has not ended yet and is going to take place."""
        return self.active().filter(ends_on__gte=today).exclude(status=Event.Status.CANCELLED)


class Event(Named, Record):
    """An event or delegation. Shared by all staff. Its dates are days at its own place and never shift."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CONFIRMED = "confirmed", _("Confirmed")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.ForeignKey(EventKind, models.PROTECT, verbose_name=_("kind"), related_name="events")
    theme = models.CharField(_("theme"), max_length=255, blank=True, help_text=_("In its own language."))
    theme_en = models.CharField(_("English theme"), max_length=255, blank=True)
    theme_zh = models.CharField(_("Chinese theme"), max_length=255, blank=True)
    theme_ja = models.CharField(_("Japanese theme"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PLANNED)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    time_zone = TimeZoneField(_("time zone"), help_text=_("Of the place where it is held."))
    country = CountryField(_("country"), blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    venue = models.CharField(_("venue"), max_length=255, blank=True)
    station = models.ForeignKey(
        "crm.LiaisonStation", models.PROTECT, verbose_name=_("station"), related_name="events", null=True, blank=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("owner"),
        related_name="events",
        null=True,
        blank=True,
    )
    announced_guests = models.PositiveIntegerField(_("announced guests"), null=True, blank=True)
    announced_contracts = models.PositiveIntegerField(_("announced contracts"), null=True, blank=True)
    announced_amount = AmountField(_("announced amount"))
    announced_currency = CurrencyField(_("currency"))
    source = models.CharField(_("source"), max_length=255, blank=True, help_text=_("Where these data come from."))
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = EventQuerySet.as_manager()

    reference_prefix = "E"
    searched = (*Named.searched, "theme", "theme_en", "theme_zh", "theme_ja", "city", "venue")

    class Meta(Record.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-starts_on", "-pk")
        indexes = [models.Index(fields=["starts_on", "id"], name="event_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="event_ends_after_start",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(announced_amount__isnull=True, announced_currency="")
                | Q(announced_amount__isnull=False) & ~Q(announced_currency=""),
                name="event_amount_has_currency",
                violation_error_message=_("An amount needs its currency."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            message = _("The last day is before the first day.")
            raise ValidationError({"ends_on": ValidationError(message, code="order")})
        check_amount(self, "announced")
        check_own_station(self)
        refuse_retired(self, "kind")
        self._check_days_of_parts()

    def _check_days_of_parts(self) -> None:
        """Sessions and visits lie within the event; moving it must not leave some of them outside."""
        if not (self.pk and self.starts_on and self.ends_on):
            return
        outside = Q(held_on__lt=self.starts_on) | Q(held_on__gt=self.ends_on)
        if self.sessions.active().filter(outside).exists() or self.visits.active().filter(outside).exists():
            message = _("Sessions or visits are recorded on days outside of these dates. Move them first.")
            raise ValidationError({"ends_on": ValidationError(message, code="outside")})


class EventPartner(Part):
    """An organization that carries an event together with the agency."""

    class Role(models.TextChoices):
        HOST = "host", _("Host")
        CO_HOST = "co_host", _("Co-host")
        ORGANIZER = "organizer", _("Organizer")
        SUPPORTER = "supporter", _("Supporter")
        PLANNER = "planner", _("Planner")
        MEDIA = "media", _("Media partner")

    event = models.ForeignKey(Event, models.CASCADE, verbose_name=_("event"), related_name="partners")
    organization = models.ForeignKey(
        "crm.Organization", models.PROTECT, verbose_name=_("organization"), related_name="event_partnerships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.ORGANIZER)

    whole = "event"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["event", "organization", "role"],
                name="event_partner_once_per_role",
                violation_error_message=_("This partner is already listed in this role."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"


access.register(EventKind)
access.register(Event)
access.register_part(EventPartner, "event")
