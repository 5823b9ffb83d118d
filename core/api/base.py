"""What every view of the API has: who calls, in which language and time zone, and safe headers."""

import zoneinfo
from typing import Any

from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import APIView

from core.tokens import ApiToken


def accepted_language(header: str) -> str | None:
    """The first language of an Accept-Language header that we speak."""
    for language, _quality in parse_accept_lang_header(header.lower()):
        try:
            return translation.get_supported_language_variant(language)
        except LookupError:
            continue
    return None


class JsonAlways(BaseContentNegotiation):
    """There is one representation, and files are asked for with `?format=`; the Accept header decides nothing."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """The base of every view of the API."""

    http_method_names = ["get", "head", "post", "put", "patch"]
    content_negotiation_class: type[BaseContentNegotiation] = JsonAlways
    metadata_class = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        # Authentication happens inside, so the caller's language is known only there; rendered before it is undone.
        with translation.override(translation.get_language()), timezone.override(timezone.get_current_timezone()):
            response = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
            response.headers.setdefault("Content-Language", translation.get_language())
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        return response

    def perform_authentication(self, request: Any) -> None:
        super().perform_authentication(request)
        if isinstance(request.auth, ApiToken):
            self._speak_to(request)

    def _speak_to(self, request: Any) -> None:
        """A program reads in the language it asks for, else in that of the token's user; always in the user's time."""
        asked = accepted_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(asked or request.user.language)
        timezone.activate(zoneinfo.ZoneInfo(request.user.time_zone))
