"""Per-request state: who acts (for stamps and audit), in which language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from core.request_context import acting

Handler = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str | None:
    """The address of the caller. X-Forwarded-For counts only as far as our own proxies wrote it (TRUSTED_PROXIES)."""
    proxies = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return request.META.get("REMOTE_ADDR")


class RequestContextMiddleware:
    """Stamps and audits everything written during the request with its user, address and id."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(request.user, client_address(request)) as context:
            request.liaison = context  # type: ignore[attr-defined]
            response = self.get_response(request)
            response["X-Request-ID"] = context.request_id
        return response


class UserPreferencesMiddleware:
    """Signed-in staff read in their own language and time zone; others as the browser asks (LocaleMiddleware)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)), translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", user.language)
        return response
