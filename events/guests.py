"""Who is invited to an event, who came, and what came of it."""

import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import access
from core.records import Record, RecordQuerySet, list_index
from crm.people import Person


class GuestQuerySet(RecordQuerySet):
    def awaited(self, today: datetime.date) -> "GuestQuerySet":
        """Guests of coming events who have been invited and have not answered."""
        return self.active().filter(
            invitation=Guest.Invitation.INVITED,
            event__archived_at__isnull=True,
            event__ends_on__gte=today,
        )


class Guest(Record):
    """A person at an event, with the organization and post of that day (people change jobs, the list must not)."""

    class Role(models.TextChoices):
        VIP = "vip", _("Guest of honour")
        SPEAKER = "speaker", _("Speaker")
        PANELLIST = "panellist", _("Panellist")
        GUEST = "guest", _("Guest")
        DELEGATE = "delegate", _("Delegation member")
        MEDIA = "media", _("Media")
        STAFF = "staff", _("Staff")

    class Invitation(models.TextChoices):
        TO_INVITE = "to_invite", _("To be invited")
        INVITED = "invited", _("Invited")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    class Attendance(models.TextChoices):
        EXPECTED = "expected", _("Expected")
        ATTENDED = "attended", _("Attended")
        ABSENT = "absent", _("Absent")

    event = models.ForeignKey("events.Event", models.PROTECT, verbose_name=_("event"), related_name="guests")
    person = models.ForeignKey("crm.Person", models.PROTECT, verbose_name=_("person"), related_name="guest_at")
    organization = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("organization as of that day"),
        related_name="guests",
        null=True,
        blank=True,
    )
    position_held = models.CharField(_("position as of that day"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.GUEST)
    rank = models.PositiveSmallIntegerField(
        _("rank"), null=True, blank=True, help_text=_("Order of protocol; 1 comes first.")
    )
    invitation = models.CharField(_("invitation"), max_length=20, choices=Invitation, default=Invitation.TO_INVITE)
    attendance = models.CharField(_("attendance"), max_length=20, choices=Attendance, default=Attendance.EXPECTED)
    lead = models.ForeignKey(
        "crm.Lead", models.PROTECT, verbose_name=_("lead that came of it"), related_name="guests", null=True, blank=True
    )
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = GuestQuerySet.as_manager()

    reference_prefix = "G"
    display_paths = (
        "person__family_name", "person__given_name", "person__family_latin", "person__given_latin",
        "person__name_order",
    )  # fmt: skip
    searched = ("position_held", "notes")
    searched_related = ("person", "organization")
    found_with = ("organization", "event")

    class Meta(Record.Meta):
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        ordering = ("event", models.F("rank").asc(nulls_last=True), "pk")
        indexes = [list_index("guest_updated", "updated_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person"],
                name="guest_once_per_event",
                violation_error_message=_("This person is already on the guest list of the event."),
            )
        ]

    display_from = staticmethod(Person.display_from)
    display_in_sql = staticmethod(Person.display_in_sql)

    def __str__(self) -> str:
        return str(self.person)


access.register(Guest)
