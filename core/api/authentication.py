"""Who calls: a program with a token, or a member of staff with a session."""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.permissions import SAFE_METHODS

from core import throttle
from core.addresses import client_address, network, party
from core.request_context import current
from core.tokens import ApiToken

USE_NOTED_EVERY = datetime.timedelta(minutes=1)


def note_use(token: ApiToken, address: str | None) -> None:
    """At most one write a minute, however many requests come, and one when the address is another."""
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - USE_NOTED_EVERY and token.last_used_address == address:
        return
    recent = {"last_used_at__gte": now - USE_NOTED_EVERY, "last_used_address": address}
    ApiToken.objects.filter(pk=token.pk).exclude(**recent).update(last_used_at=now, last_used_address=address)


class Locked(Throttled):
    """Too many wrong tokens; REST framework's own exception would tell the wait in English."""

    def __init__(self, until: datetime.datetime) -> None:
        super().__init__(detail=throttle.locked_text(until))
        self.wait: int | None = throttle.seconds_until(until)


def token_of(request: Any, secret: str) -> ApiToken:
    """The token with this secret. Raises AuthenticationFailed, or Locked after too many unknown ones.

    During a lock a token still works where it was used before: one broken program must not stop its neighbours.
    """
    token, address = ApiToken.named(secret), party(request)
    is_known = token is not None and network(token.last_used_address) == address
    if not is_known and (until := throttle.tokens_locked_until(address)):
        raise Locked(until)
    if token is None:
        throttle.count_wrong_token(address)
    if token is None or not token.is_valid:
        raise AuthenticationFailed(_("This token is wrong, expired or revoked."), code="invalid_token")
    return token


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
        token = token_of(request, secret.strip().decode("latin-1"))
        note_use(token, client_address(request))
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
