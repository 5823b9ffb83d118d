"""Per-request state: who acts (for stamps and audit), in which language and time zone; and what no request may do."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from core.addresses import client_address
from core.api import problems
from core.request_context import acting
from core.tokens import SHAPE, ApiToken

Handler = Callable[[HttpRequest], HttpResponse]


# Nothing that a page of ours uses; a script that got in should not have it either.
UNUSED = "accelerometer camera display-capture geolocation gyroscope hid magnetometer microphone midi payment usb"
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED.split())


class HeadersMiddleware:
    """Security headers that Django's own middleware does not send."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class TokenInAddressMiddleware:
    """Refuses a request that has a token in its address, and revokes the token: addresses stay in the logs of proxies
    and in browsers' histories, so others may know it by now."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = SHAPE.findall(_decoded(f"{request.path} {request.META.get('QUERY_STRING', '')}"))
        if not seen:
            return self.get_response(request)
        with acting(address=client_address(request)):
            ApiToken.revoke_leaked(seen)
        if request.path.startswith("/admin/"):
            return render(request, "token_in_address.html", status=400)
        return problems.problem(problems.TOKEN_IN_ADDRESS)


def _decoded(address: str) -> str:
    """Twice: an address may hold another one, as in `?next=`."""
    return unquote_plus(unquote_plus(address))


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
