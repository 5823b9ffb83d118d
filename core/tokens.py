"""Personal API tokens: shown once, stored only as a digest."""

import datetime
import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.records import Checked

LONGEST = datetime.timedelta(days=366)
MARK = "lsn_"  # lets secret scanners and people recognise a token
SHAPE = re.compile(rf"{MARK}[\w-]{{43}}", re.ASCII)


def digest(secret: str) -> str:
    """SHA-256 is enough: the secret has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def unrevoked(self) -> "ApiTokenQuerySet":
        return self.filter(revoked_at__isnull=True)

    @transaction.atomic
    def revoke(self) -> int:
        """Revokes each of them and answers how many there were; one by one, so that each is in the history."""
        tokens = list(self.unrevoked().select_for_update())
        for token in tokens:
            token.revoke()
        return len(tokens)


class ApiToken(Checked):
    """Lets a program act as a user, within `scopes`, until it expires or is revoked."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")
        LEAKED = "leaked", _("Revoked: was sent in an address")
        RESTING = "resting", _("Resting: the account is not active")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("user"), related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What the token is for."))
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.READ)
    may_export = models.BooleanField(
        _("may export"), default=False, help_text=_("Whole lists as CSV or XLSX, and tables among the documents.")
    )
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    last_used_address = models.GenericIPAddressField(_("last used from"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    leaked = models.BooleanField(_("was sent in an address"), default=False, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def clean(self) -> None:
        super().clean()
        if not self.expires_at:
            return
        if self.expires_at > (self.created_at or timezone.now()) + LONGEST:
            raise ValidationError(
                {"expires_at": ValidationError(_("A token is valid for at most one year."), "too_long")}
            )
        if self._state.adding and self.expires_at <= timezone.now():
            raise ValidationError({"expires_at": ValidationError(_("This time has passed already."), "past")})

    @property
    def is_valid(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def state(self) -> "ApiToken.State":
        if self.revoked_at is not None:
            return self.State.LEAKED if self.leaked else self.State.REVOKED
        if self.expires_at <= timezone.now():
            return self.State.EXPIRED
        return self.State.ACTIVE if self.user.is_active else self.State.RESTING

    @property
    def scopes(self) -> list[str]:
        """What it may do, as `read`, `write` and `export`. Reading is always part of it: a program that writes gets
        the stored record as its answer."""
        may = {"read": True, "write": self.scope == self.Scope.WRITE, "export": self.may_export}
        return [scope for scope, granted in may.items() if granted]

    def revoke(self, *, leaked: bool = False) -> None:
        """From now on it no longer works. The first time stays."""
        if self.revoked_at is None:
            self.revoked_at, self.leaked = timezone.now(), leaked
            self.save(update_fields=["revoked_at", "leaked"])

    @classmethod
    def issue(cls, user: Any, name: str, **fields: Any) -> tuple["ApiToken", str]:
        """Stores a new token and returns it with its secret, which cannot be had again."""
        secret = MARK + secrets.token_urlsafe(32)
        fields.setdefault("expires_at", timezone.now() + datetime.timedelta(days=90))
        token = cls(user=user, name=name, prefix=secret[:10], digest=digest(secret), **fields)
        token.full_clean()
        token.save()
        return token, secret

    @classmethod
    def named(cls, secret: str) -> "ApiToken | None":
        """The token with this secret, whether or not it still works."""
        return cls.objects.select_related("user").filter(digest=digest(secret)).first()

    @classmethod
    def find(cls, secret: str) -> "ApiToken | None":
        token = cls.named(secret)
        return token if token and token.is_valid else None

    @classmethod
    def revoke_leaked(cls, secrets: Iterable[str]) -> None:
        """Revokes those that were seen where others can read them."""
        for token in cls.objects.select_related("user").filter(digest__in=[digest(secret) for secret in secrets]):
            token.revoke(leaked=True)


def own_tokens(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
    """Everybody sees their own tokens; who may manage users sees all."""
    return queryset if user.has_perm("core.change_user") else queryset.filter(user=user)


access.register(ApiToken, own_tokens)
