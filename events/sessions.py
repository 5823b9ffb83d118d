"""The programme of an event: what happened in which order, and who spoke."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import access
from core.localized import Titled
from core.records import Part, Record


class Session(Titled, Record):
    """One item of the programme. Its times are wall-clock times at the event's place."""

    class Kind(models.TextChoices):
        INTRODUCTION = "introduction", _("Introduction")
        SPEECH = "speech", _("Speech")
        UNVEILING = "unveiling", _("Unveiling")
        SIGNING = "signing", _("Signing ceremony")
        ROUND_TABLE = "round_table", _("Round table")
        EXPERIENCE = "experience_sharing", _("Experience sharing")
        TALKS = "talks", _("Business talks")
        RECEPTION = "reception", _("Reception")
        OTHER = "other", _("Other")

    event = models.ForeignKey("events.Event", models.PROTECT, verbose_name=_("event"), related_name="sessions")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.SPEECH)
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    held_on = models.DateField(_("day"), null=True, blank=True)
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)
    topics = models.TextField(_("topics"), blank=True, help_text=_("One a line."))
    announced_speakers = models.PositiveSmallIntegerField(
        _("announced speakers"), null=True, blank=True, help_text=_("How many were announced in all, named or not.")
    )
    unveils = models.ForeignKey(
        "crm.LiaisonStation",
        models.PROTECT,
        verbose_name=_("station unveiled"),
        related_name="unveiled_at",
        null=True,
        blank=True,
    )

    reference_prefix = "SE"
    searched = (*Titled.searched, "topics")
    searched_related = ("event",)
    found_with = ("event",)

    class Meta(Record.Meta):
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("event", "position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
                violation_error_message=_("The session ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(unveils__isnull=True) | Q(kind="unveiling"),
                name="session_only_unveiling_unveils",
                violation_error_message=_("Only a session of the kind “unveiling” unveils a station."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": ValidationError(_("The session ends before it starts."), code="order")})
        if self.unveils_id and self.kind != self.Kind.UNVEILING:
            message = _("Only a session of the kind “unveiling” unveils a station.")
            raise ValidationError({"unveils": ValidationError(message, code="not_unveiling")})
        self._check_day()

    def _check_day(self) -> None:
        event = self.event if self.event_id else None
        if event and self.held_on and not event.starts_on <= self.held_on <= event.ends_on:
            message = _("The event lasts from %(first)s to %(last)s; choose a day of it.")
            params = {"first": event.starts_on, "last": event.ends_on}
            raise ValidationError({"held_on": ValidationError(message, "outside", params)})


class SessionSpeaker(Part):
    """Somebody on stage, in the post held on that day."""

    class Role(models.TextChoices):
        SPEAKER = "speaker", _("Speaker")
        MODERATOR = "moderator", _("Moderator")
        PANELLIST = "panellist", _("Panellist")
        SIGNATORY = "signatory", _("Signatory")
        GUEST = "guest", _("Guest of honour")

    session = models.ForeignKey(Session, models.CASCADE, verbose_name=_("session"), related_name="speakers")
    person = models.ForeignKey("crm.Person", models.PROTECT, verbose_name=_("person"), related_name="speeches")
    organization = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("organization as of that day"),
        related_name="speakers",
        null=True,
        blank=True,
    )
    position_held = models.CharField(_("position as of that day"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.SPEAKER)

    whole = "session"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"],
                name="speaker_once_per_session",
                violation_error_message=_("This person is already listed for the session."),
            )
        ]

    def __str__(self) -> str:
        return str(self.person)


access.register(Session)
access.register_part(SessionSpeaker, "session")
