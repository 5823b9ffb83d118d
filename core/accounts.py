"""Staff accounts."""

import zoneinfo
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from core import access
from core.records import refuse_nul


@lru_cache(maxsize=1)
def time_zone_choices() -> tuple[tuple[str, str], ...]:
    """IANA zones that name a place, the everyday ones first."""
    everyday = ("Asia/Shanghai", "Asia/Tokyo", "UTC")
    places = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return tuple((zone, zone.replace("_", " ")) for zone in (*everyday, *(z for z in places if z not in everyday)))


class TimeZoneField(models.CharField[Any, Any]):
    """An IANA time zone name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        kwargs["choices"] = time_zone_choices
        super().__init__(*args, **kwargs)


class User(AbstractUser):
    """A member of staff. Names are one field: East Asian and Western orders do not fit first/last."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    time_zone = TimeZoneField(_("time zone"), default="Asia/Shanghai")
    work_country = CountryField(_("country of work"), blank=True)

    display_paths = ("full_name", "username")

    class Meta(AbstractUser.Meta):
        default_permissions = ("add", "change", "view", "export")
        ordering = ("username",)

    @staticmethod
    def display_from(full_name: str, username: str) -> str:
        return full_name or username

    def __str__(self) -> str:
        return self.display_from(self.full_name, self.username)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Who leaves the staff loses the tokens made as one of it; programs, which never were staff, keep theirs."""
        fields = kwargs.get("update_fields")
        with transaction.atomic():
            if self.pk and not self.is_staff and (fields is None or "is_staff" in fields):
                self._end_tokens_of_staff()
            super().save(*args, **kwargs)

    def _end_tokens_of_staff(self) -> None:
        if type(self)._base_manager.filter(pk=self.pk, is_staff=True).exists():
            for token in self.api_tokens.filter(revoked_at__isnull=True):
                token.revoke()

    def clean_fields(self, exclude: Any = None) -> None:
        refuse_nul(self)
        super().clean_fields(exclude=exclude)


# Their history tells rights and addresses, which colleagues do not see on the page either.
access.register(User, history="change")
