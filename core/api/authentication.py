"""Who calls: a program with a token, or a member of staff with a session."""

import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS

from core.request_context import current
from core.tokens import ApiToken

USE_NOTED_EVERY = datetime.timedelta(minutes=1)


def note_use(token: ApiToken) -> None:
    """At most one write a minute, however many requests come."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        unseen = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(unseen, pk=token.pk).update(last_used_at=now)


def only_reads(request: Any) -> bool:
    """A view may name POST actions that only read (e.g. matching names) in `reading_actions`."""
    view = (getattr(request, "parser_context", None) or {}).get("view")
    return request.method in SAFE_METHODS or getattr(view, "action", None) in getattr(view, "reading_actions", ())


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. Refuses writing with a read token here, so that no view can forget it."""

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = ApiToken.find(secret.strip().decode("latin-1"))
        if token is None:
            raise AuthenticationFailed(_("This token is wrong, expired or revoked."), code="invalid_token")
        note_use(token)
        if token.scope == ApiToken.Scope.READ and not only_reads(request):
            raise PermissionDenied(_("This token may only read."), code="read_only_token")
        if (context := current()) is not None:
            context.user = token.user
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class StaffSessionAuthentication(SessionAuthentication):
    """The session of the staff pages, with CSRF protection; only as long as the account is one of staff."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        user = getattr(request._request, "user", None)
        if not (user and user.is_authenticated and user.is_active and user.is_staff):
            return None
        self.enforce_csrf(request)
        return user, None
