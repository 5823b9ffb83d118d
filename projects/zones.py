"""Zones: where projects land."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import access
from core.hierarchy import refuse_cycle
from core.localized import Named
from core.records import Record


class Zone(Named, Record):
    """A cooperation zone or park. Shared by all staff."""

    other_names = models.TextField(
        _("other names"), blank=True, help_text=_("Further spellings found in documents, one a line.")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("part of"), related_name="children", null=True, blank=True
    )
    area_km2 = models.DecimalField(
        _("area (km²)"),
        max_digits=10,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.001"))],
    )
    planner = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("planned by"),
        related_name="planned_zones",
        null=True,
        blank=True,
    )
    operator = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("operated by"),
        related_name="operated_zones",
        null=True,
        blank=True,
    )
    city = models.CharField(_("city"), max_length=100, blank=True)
    launched_on = models.DateField(_("launched on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=255, blank=True, help_text=_("Where these data come from."))
    notes = models.TextField(_("notes"), blank=True)

    reference_prefix = "Z"
    searched = (*Named.searched, "other_names", "city")

    class Meta(Record.Meta):
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(area_km2__isnull=True) | models.Q(area_km2__gt=0),
                name="zone_area_positive",
                violation_error_message=_("The area must be more than zero."),
            )
        ]

    def clean(self) -> None:
        super().clean()
        refuse_cycle(self, _("A zone cannot be part of itself."))


access.register(Zone)
