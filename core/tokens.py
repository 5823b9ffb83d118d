"""Personal API tokens: shown once, stored only as a digest."""

import datetime
import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.records import Checked

LONGEST = datetime.timedelta(days=366)
MARK = "lsn_"  # lets secret scanners and people recognise a token


def digest(secret: str) -> str:
    """SHA-256 is enough: the secret has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(Checked):
    """Lets a program act as a user, within `scopes`, until it expires or is revoked."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("user"), related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What the token is for."))
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.READ)
    may_export = models.BooleanField(_("may export"), default=False)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def clean(self) -> None:
        super().clean()
        if self.expires_at and self.expires_at > (self.created_at or timezone.now()) + LONGEST:
            raise ValidationError(
                {"expires_at": ValidationError(_("A token is valid for at most one year."), "too_long")}
            )

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    def revoke(self) -> None:
        """The token no longer works; revoking it again keeps the first time."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save()

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
    def find(cls, secret: str) -> "ApiToken | None":
        token = cls.objects.select_related("user").filter(digest=digest(secret)).first()
        return token if token and token.is_valid else None


def own_tokens(user: Any, queryset: models.QuerySet[Any], action: str) -> models.QuerySet[Any]:
    """Everybody sees their own tokens; who may manage users sees all."""
    return queryset if user.has_perm("core.change_user") else queryset.filter(user=user)


access.register(ApiToken, own_tokens)
