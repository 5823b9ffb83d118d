"""Versions as ETags (RFC 9110): who changes a record says which version was read."""

from typing import Any

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from core.api.problems import PreconditionRequired
from core.records import StaleRecord


def etag(version: int) -> str:
    return f'"{version}"'


def _named(header: str) -> set[str]:
    """The ETags of a header; a proxy that compressed the answer may have made ours weak."""
    return {tag.removeprefix("W/") for tag in parse_etags(header)}


def require_match(request: Any, record: Any) -> None:
    """Raises PreconditionRequired without If-Match, StaleRecord where it names another version."""
    header = request.META.get("HTTP_IF_MATCH", "").strip()
    if not header:
        raise PreconditionRequired
    named = _named(header)
    if not named:
        raise ParseError(_('If-Match must be the ETag as it was sent, with its quotation marks, e.g. "3".'))
    if "*" not in named and etag(record.version) not in named:
        raise StaleRecord(record)


def is_known(request: Any, version: int) -> bool:
    """Whether If-None-Match says that the caller already has this version."""
    named = _named(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return "*" in named or etag(version) in named
