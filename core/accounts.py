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
from core.database_text import first_filled
from core.records import refuse_nul
from core.request_context import current_address
from core.sessions import Session
from core.signins import SignIn, record


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


DECIDE_ACCESS = ("password", "is_active", "is_staff")


class User(AbstractUser):
    """A member of staff. Names are one field: East Asian and Western orders do not fit first/last."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    time_zone = TimeZoneField(_("time zone"), default="Asia/Shanghai")
    work_country = CountryField(_("country of work"), blank=True)
    list_settings = models.JSONField(default=dict, blank=True, editable=False)  # by list: `core.saved_views`

    display_paths = ("full_name", "username")

    class Meta(AbstractUser.Meta):
        default_permissions = ("add", "change", "view", "export")
        ordering = ("username",)

    @staticmethod
    def display_from(full_name: str, username: str) -> str:
        return full_name or username

    @staticmethod
    def display_in_sql(full_name: Any, username: Any) -> Any:
        return first_filled(full_name, username)

    def __str__(self) -> str:
        return self.display_from(self.full_name, self.username)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def clean_fields(self, exclude: Any = None) -> None:
        refuse_nul(self)
        super().clean_fields(exclude=exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores the account. A new password, deactivation and the end of staff rights end its sessions; who changes
        their own password gets a new one in the same request (`update_session_auth_hash`). Who leaves the staff loses
        the tokens as well; programs, which never were staff, keep theirs."""
        before = self._stored_access(kwargs.get("update_fields"))
        # At a login Django may renew the hash of the same password.
        is_new = getattr(self, "_password", None) is not None or not self.has_usable_password()
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new and before and before["password"] != self.password:
                record(SignIn.Kind.PASSWORD_CHANGED, self, address=current_address())
            if before and self._lost_access(before):
                Session.objects.filter(user=self).delete()
            if before and before["is_staff"] and not self.is_staff:
                self.api_tokens.all().revoke()

    def _stored_access(self, update_fields: Any) -> dict[str, Any] | None:
        if self._state.adding or (update_fields is not None and not {*DECIDE_ACCESS} & {*update_fields}):
            return None
        return User.objects.filter(pk=self.pk).values(*DECIDE_ACCESS).first()

    def _lost_access(self, before: dict[str, Any]) -> bool:
        lost = any(before[name] and not getattr(self, name) for name in ("is_active", "is_staff"))
        return lost or before["password"] != self.password


# Their history tells rights and addresses, which colleagues do not see on the page either.
access.register(User, history="change")
