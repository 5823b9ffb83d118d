"""Meetings, calls and visits with organizations and people, and their minutes."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.localized import RecordLanguage
from core.records import Record, list_index
from crm.stations import belongs_to_station, check_own_station, check_people


class Interaction(Record):
    """A talk with people outside the agency."""

    class Kind(models.TextChoices):
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        CALL = "call", _("Phone call")
        ONLINE = "online_meeting", _("Online meeting")
        EMAIL = "email", _("E-mail")
        MEAL = "meal", _("Business meal")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.MEETING)
    subject = models.CharField(_("subject"), max_length=255)
    starts_at = models.DateTimeField(_("time"), default=timezone.now)
    minutes_long = models.PositiveSmallIntegerField(_("length in minutes"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=255, blank=True)
    station = models.ForeignKey(
        "crm.LiaisonStation", models.PROTECT, verbose_name=_("station"), related_name="interactions"
    )
    lead = models.ForeignKey(
        "crm.Lead", models.PROTECT, verbose_name=_("lead"), related_name="interactions", null=True, blank=True
    )
    organizations = models.ManyToManyField(
        "crm.Organization", verbose_name=_("organizations"), related_name="interactions", blank=True
    )
    people = models.ManyToManyField(
        "crm.Person", verbose_name=_("people on their side"), related_name="interactions", blank=True
    )
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("people on our side"), related_name="interactions", blank=True
    )
    minutes = models.TextField(_("minutes"), blank=True)
    minutes_language = models.CharField(
        _("language of the minutes"), max_length=10, choices=RecordLanguage, blank=True, default=""
    )

    reference_prefix = "I"
    display_paths = ("subject",)
    searched = ("subject", "place", "minutes")
    searched_related = ("organizations", "people")
    found_with = ("organizations",)

    class Meta(Record.Meta):
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        ordering = ("-starts_at", "-pk")
        indexes = [
            list_index("interaction_latest", "starts_at"),
            list_index("interaction_station", "station", "starts_at"),
            list_index("interaction_updated", "updated_at"),
        ]

    def clean(self) -> None:
        super().clean()
        check_own_station(self)

    def clean_links(self, name: str, chosen: Iterable[models.Model]) -> None:
        super().clean_links(name, chosen)
        check_people(self, name, chosen)


access.register(Interaction, belongs_to_station("staff"))
