"""What every view of the API has: who calls, in which language and time zone, and safe headers."""

import zoneinfo
from functools import partial
from typing import Any

from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import APIView

from core.api.authentication import only_reads
from core.api.idempotency import key_of, once
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
    post: Any

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

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """After this the handler is looked up; here is where who calls and what they may is known."""
        super().initial(request, *args, **kwargs)
        post = getattr(self, "post", None) if request.method == "POST" else None
        if post is not None and not only_reads(request) and (key := key_of(request)) is not None:
            self.post = partial(self._post_once, key, post)

    def _post_once(self, key: str, post: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        return once(self, request, key, lambda: post(request, *args, **kwargs))

    def seen_now(self, body: Any) -> Any:
        """The body of a kept answer as the caller may see it now; it may have been written under other rights."""
        return body

    def perform_authentication(self, request: Any) -> None:
        super().perform_authentication(request)
        if isinstance(request.auth, ApiToken):
            self._speak_to(request)

    def _speak_to(self, request: Any) -> None:
        """A program reads in the language it asks for, else in that of the token's user; always in the user's time."""
        asked = accepted_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(asked or request.user.language)
        timezone.activate(zoneinfo.ZoneInfo(request.user.time_zone))
