"""Who signed in and out, from where, and who tried to: the log of sign-ins."""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access, browsers
from core.addresses import client_address
from core.request_context import current_user


class SignIn(models.Model):
    """One event. `user_name` outlives the account; it is empty where no account has the name that was typed.

    What was typed is not kept: people type their password into the wrong field.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        FAILED = "failed", _("Wrong password")
        LOCKED = "locked", _("Locked after too many wrong passwords")
        UNLOCKED = "unlocked", _("Lock lifted")
        SIGNED_OUT = "signed_out", _("Signed out")
        ENDED = "ended", _("Session ended")
        PASSWORD_CHANGED = "password_changed", _("Password changed")

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    kind = models.CharField(_("what happened"), max_length=20, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("user"), related_name="+", null=True
    )
    user_name = models.CharField(_("account"), max_length=150, blank=True)
    by_name = models.CharField(_("done by"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    user_agent = models.CharField(_("browser"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["user", "kind", "at"], name="signin_user_kind_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user_name or '?'}"


access.register(SignIn)


def record(kind: str, user: Any, *, address: str | None = None, user_agent: str = "") -> None:
    """Writes an event about `user` (None: no such account) down; by whom, if it was somebody else."""
    actor = current_user()
    SignIn.objects.create(
        kind=kind,
        user=user,
        user_name=user.get_username() if user else "",
        by_name=actor.get_username() if actor and actor != user else "",
        address=address,
        user_agent=user_agent,
    )


def record_request(kind: str, user: Any, request: HttpRequest) -> None:
    """The same, of what the caller does."""
    record(kind, user, address=client_address(request), user_agent=browsers.user_agent(request))


@receiver(user_logged_in, dispatch_uid="liaison-signed-in")
def signed_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    record_request(SignIn.Kind.SIGNED_IN, user, request)


@receiver(user_logged_out, dispatch_uid="liaison-signed-out")
def signed_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record_request(SignIn.Kind.SIGNED_OUT, user, request)
