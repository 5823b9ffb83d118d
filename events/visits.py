"""The stops of a delegation: whom it met and what it heard."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import access
from core.localized import RecordLanguage, localized, localized_in_sql
from core.records import Record


class Visit(Record):
    """A delegation's visit to an organization."""

    delegation = models.ForeignKey("events.Event", models.PROTECT, verbose_name=_("delegation"), related_name="visits")
    organization = models.ForeignKey(
        "crm.Organization", models.PROTECT, verbose_name=_("organization"), related_name="visits"
    )
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    held_on = models.DateField(_("day"), null=True, blank=True)
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=255, blank=True)
    hosts = models.ManyToManyField("crm.Person", verbose_name=_("hosts"), related_name="visits_received", blank=True)
    delegates = models.ManyToManyField(
        "crm.Person", verbose_name=_("delegation members"), related_name="visits_made", blank=True
    )
    heard = models.TextField(
        _("what was heard"), blank=True, help_text=_("Needs, plans and concerns that the organization told us.")
    )
    heard_language = models.CharField(
        _("language of the record"), max_length=10, choices=RecordLanguage, blank=True, default=""
    )
    lead = models.ForeignKey(
        "crm.Lead", models.PROTECT, verbose_name=_("lead that came of it"), related_name="visits", null=True, blank=True
    )

    reference_prefix = "V"
    display_paths = (
        "organization__name", "organization__name_en", "organization__name_zh", "organization__name_ja",
    )  # fmt: skip
    searched = ("place", "heard")
    searched_related = ("organization", "delegation")
    found_with = ("delegation",)

    class Meta(Record.Meta):
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("delegation", "held_on", "position", "pk")

    display_from = staticmethod(localized)
    display_in_sql = staticmethod(localized_in_sql)

    def __str__(self) -> str:
        return str(self.organization)

    def clean(self) -> None:
        super().clean()
        event = self.delegation if self.delegation_id else None
        if event and not event.kind.is_delegation:
            message = _("Visits belong to a delegation; this event is of another kind.")
            raise ValidationError({"delegation": ValidationError(message, code="not_a_delegation")})
        if event and self.held_on and not event.starts_on <= self.held_on <= event.ends_on:
            message = _("The delegation lasts from %(first)s to %(last)s; choose a day of it.")
            params = {"first": event.starts_on, "last": event.ends_on}
            raise ValidationError({"held_on": ValidationError(message, "outside", params)})


access.register(Visit)
