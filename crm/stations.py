"""Liaison stations, who works there, and the scope of what belongs to a station."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from core import access
from core.accounts import TimeZoneField, User
from core.arms import AnyOf
from core.localized import Named
from core.records import Part, Record, RecordQuerySet
from core.request_context import current_user

ALL_STATIONS = "crm.all_stations"


class StationQuerySet(RecordQuerySet):
    def of(self, user: Any) -> "StationQuerySet":
        """The stations where the user works today."""
        today = timezone.localdate()
        current = StationMembership.objects.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=today),
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            user=user,
        )
        return self.filter(pk__in=current.values("station"))


class LiaisonStation(Named, Record):
    """An office of the agency near the companies: the head station at home and those abroad."""

    class Kind(models.TextChoices):
        HEAD = "head", _("Head station")
        LIAISON = "liaison", _("Liaison station")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.LIAISON)
    host = models.ForeignKey(
        "crm.Organization",
        models.PROTECT,
        verbose_name=_("host organization"),
        related_name="stations",
        null=True,
        blank=True,
    )
    country = CountryField(_("country"))
    city = models.CharField(_("city"), max_length=100, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    time_zone = TimeZoneField(_("time zone"))
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    territory = models.TextField(_("territory"), blank=True, help_text=_("Countries or regions that it looks after."))
    notes = models.TextField(_("notes"), blank=True)

    objects: ClassVar[Any] = StationQuerySet.as_manager()

    reference_prefix = "S"

    @property
    def detail(self) -> str:
        return self.city

    class Meta(Record.Meta):
        verbose_name = _("liaison station")
        verbose_name_plural = _("liaison stations")
        ordering = ("name", "pk")
        permissions = [("all_stations", _("Can see and edit the records of all stations"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(opened_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="station_closes_after_opening",
                violation_error_message=_("The station closes before it opens."),
            )
        ]

    def clean(self) -> None:
        super().clean()
        if self.opened_on and self.closed_on and self.closed_on < self.opened_on:
            raise ValidationError(
                {"closed_on": ValidationError(_("The station closes before it opens."), code="order")}
            )


class StationMembership(Part):
    """A member of staff works at a station, for a time."""

    class Role(models.TextChoices):
        HEAD = "head", _("Head of station")
        OFFICER = "officer", _("Officer")
        ASSISTANT = "assistant", _("Assistant")

    station = models.ForeignKey(LiaisonStation, models.CASCADE, verbose_name=_("station"), related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("user"), related_name="station_memberships"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OFFICER)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    whole = "station"

    class Meta(Part.Meta):
        abstract = False
        verbose_name = _("station member")
        verbose_name_plural = _("station members")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_start",
                violation_error_message=_("The membership ends before it starts."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": ValidationError(_("The membership ends before it starts."), "order")})


def own_stations(user: Any) -> StationQuerySet:
    """The open stations under which the user may file records."""
    stations: StationQuerySet = LiaisonStation.objects.active()
    return stations if user.has_perm(ALL_STATIONS) else stations.of(user)


def belongs_to_station(*people: str) -> access.Scope:
    """Scope of records with a `station`: its members, the people in the fields `people`, and all-stations staff."""

    def scope(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
        if user.has_perm(ALL_STATIONS):
            return queryset
        stations = LiaisonStation.objects.of(user).values_list("pk", flat=True)
        named = [_named(queryset.model, name, user) for name in people]

        def sides() -> list[Q]:
            return [*(Q(station=station) for station in stations), *named]

        return queryset.filter(AnyOf(reduce(or_, named, Q(station__in=stations)), sides))

    return scope


def _named(model: Any, name: str, user: Any) -> Q:
    field = model._meta.get_field(name)
    if not field.many_to_many:
        return Q(**{name: user})
    # A join would repeat rows for records with several people.
    links = field.remote_field.through.objects.filter(**{field.m2m_reverse_field_name(): user})
    return Q(pk__in=links.values(field.m2m_field_name()))


def check_own_station(record: Any) -> None:
    """Who decides where a record belongs: staff file records under stations where they work, and what only some reach
    is moved or handed over by those in charge of it, so that nobody takes it away from the others.

    Raises ValidationError at `station` and `owner`.
    """
    user = current_user()
    if user is None or user.has_perm(ALL_STATIONS):
        return
    stored = _stored(record)
    hidden_from_some = stored is not None and access.is_restricted(type(record))
    errors = {}
    if record.station_id and (stored is None or record.station_id != stored.station_id):
        if not _works_at(user, record.station_id):
            message = _("You do not work at this station. Choose one of your own.")
            errors["station"] = ValidationError(message, code="foreign_station")
        elif hidden_from_some and not _in_charge(user, stored):
            message = _("Only its owner and the people of its station move this record to another one.")
            errors["station"] = ValidationError(message, code="not_in_charge")
    if hidden_from_some and _owner(record) != _owner(stored) and not _in_charge(user, stored):
        message = _("Only its owner and the people of its station hand this record over.")
        errors["owner"] = ValidationError(message, code="not_in_charge")
    if errors:
        raise ValidationError(errors)


def check_people(record: Any, name: str, chosen: Iterable[Any]) -> None:
    """Who is named in a record sees it, so those in charge of it choose whom. Raises ValidationError at the field."""
    user = current_user()
    people: Any = record._meta.get_field(name).related_model
    if not record.pk or not issubclass(people, User) or user is None or user.has_perm(ALL_STATIONS):
        return
    shown = access.scoped(user, people).values("pk")
    before = set(getattr(record, name).filter(pk__in=shown).values_list("pk", flat=True))
    if before != {person.pk for person in chosen} and not _in_charge(user, _stored(record)):
        message = _("Only its owner and the people of its station choose who works on this record.")
        raise ValidationError({name: ValidationError(message, code="not_in_charge")})


def _stored(record: Any) -> Any:
    """The record as it is in the database, None if it is new."""
    return type(record)._base_manager.filter(pk=record.pk).first() if record.pk else None


def _works_at(user: Any, station: Any) -> bool:
    return LiaisonStation.objects.of(user).filter(pk=station).exists()


def _owner(record: Any) -> Any:
    return getattr(record, "owner_id", None)


def _in_charge(user: Any, stored: Any) -> bool:
    return _owner(stored) == user.pk or _works_at(user, stored.station_id)


access.lift_scopes(ALL_STATIONS)
access.register(LiaisonStation)
access.register_part(StationMembership, "station")
