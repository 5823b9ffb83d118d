"""Every error of the API as a problem document (RFC 9457), whichever layer raised it."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.settings import api_settings

from core.bulk import BulkRefused
from core.records import StaleRecord

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
WHOLE = (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY)
RETRY_SECONDS = 2


@dataclass(frozen=True)
class Kind:
    """A kind of problem. Clients rely on its slug; the texts are in the reader's language."""

    slug: str
    status: int
    title: Any
    detail: Any


INVALID = Kind("invalid", 400, _("The request is not valid"), _("Some values cannot be accepted. Nothing was stored."))
MALFORMED = Kind("malformed", 400, _("The request cannot be read"), _("The request cannot be read."))
OUT_OF_RANGE = Kind(
    "out-of-range", 400, _("A value is out of range"), _("A value is too large to be stored. Nothing was stored.")
)
TOKEN_IN_ADDRESS = Kind(
    "token-in-address",
    400,
    _("Token in the address"),
    _(
        "This token was sent in an address, where logs and browsers keep it, so it counts as leaked and no longer "
        "works. Make a new one and send it as “Authorization: Bearer …”."
    ),
)
UNAUTHENTICATED = Kind(
    "unauthenticated", 401, _("Sign in first"), _("Send a token as “Authorization: Bearer …”, or sign in.")
)
FORBIDDEN = Kind("forbidden", 403, _("Not permitted"), _("You do not have the right to do this."))
NOT_FOUND = Kind("not-found", 404, _("Not found"), _("There is nothing at this address that you can reach."))
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, _("Method not allowed"), _("This address has no such method."))
IN_USE = Kind("in-use", 409, _("In use"), _("Other records refer to this one, so it stays."))
CONFLICT = Kind(
    "conflict", 409, _("Conflict"), _("Somebody else stored the same at the same moment. Read again, then repeat.")
)
MERGED = Kind(
    "merged",
    409,
    _("Merged into another record"),
    _("This record was merged into another one, whose id is “merged_into”. Use that one."),
)
STALE = Kind(
    "stale", 412, _("Changed in the meantime"), _("Somebody else changed this record. Read it again, then repeat.")
)
TOO_LARGE = Kind("too-large", 413, _("Too large"), _("The request is too large."))
UNSUPPORTED = Kind("unsupported-media-type", 415, _("Unsupported media type"), _("Send application/json."))
PRECONDITION_REQUIRED = Kind(
    "precondition-required",
    428,
    _("If-Match is missing"),
    _("Send the ETag of the record as you read it in the If-Match header, so that nobody's change is lost."),
)
KEY_REUSED = Kind(
    "idempotency-key-reused",
    422,
    _("Idempotency-Key used before"),
    _("This Idempotency-Key came before with another request. Nothing was done: send a new request with a new key."),
)
STILL_RUNNING = Kind(
    "still-running",
    409,
    _("Still running"),
    _("The first request with this Idempotency-Key is still being carried out. Repeat it in a moment."),
)
THROTTLED = Kind("throttled", 429, _("Too many requests"), _("Wait before you ask again."))
FAILED = Kind("failed", 500, _("Internal error"), _("Something went wrong. It has been logged under the X-Request-ID."))
BUSY = Kind("busy", 503, _("Busy"), _("The database is busy. Repeat the request in a moment."))

GENERAL = (MALFORMED, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, TOO_LARGE, UNSUPPORTED, THROTTLED)
BY_STATUS = {kind.status: kind for kind in GENERAL}


class InvalidParameters(ValidationError):
    """Query parameters that cannot be followed, keyed by parameter."""


class PreconditionRequired(exceptions.APIException):
    status_code = HTTPStatus.PRECONDITION_REQUIRED


class KeyReused(exceptions.APIException):
    """An Idempotency-Key that came before with another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


class StillRunning(exceptions.APIException):
    """The first request with the same Idempotency-Key has not been answered yet."""

    status_code = HTTPStatus.CONFLICT


def problem(
    kind: Kind,
    detail: Any = "",
    errors: Iterable[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """A finished response, so that it does not depend on the renderers of a view. `more` are members of its own."""
    body: dict[str, Any] = {
        "type": f"urn:liaison:problem:{kind.slug}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": str(detail or kind.detail),
        **more,
    }
    if found := list(errors):
        body["errors"] = found
    return HttpResponse(orjson.dumps(body), status=kind.status, content_type=MEDIA_TYPE, headers=headers)


def _escaped(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _entries(detail: Any, where: str, pointer: str = "") -> Iterator[dict[str, str]]:
    """The leaves of nested error lists and dicts, each with its JSON pointer (RFC 6901)."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _entries(value, where, pointer if key in WHOLE else f"{pointer}/{_escaped(key)}")
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            yield from _entries(value, where, f"{pointer}/{index}" if nested else pointer)
    else:
        yield {"in": where, "pointer": pointer, "detail": str(detail), "code": str(getattr(detail, "code", "invalid"))}


def _as_details(error: ValidationError) -> Any:
    """Django's errors in the form of DRF's, which keep message and code together."""
    if hasattr(error, "error_dict"):
        return {field: [d for e in errors for d in _as_details(e)] for field, errors in error.error_dict.items()}
    return [
        exceptions.ErrorDetail(message, code=leaf.code or "invalid")
        for leaf in error.error_list
        for message in leaf.messages
    ]


def _invalid(error: Any) -> HttpResponse:
    where = "query" if isinstance(error, InvalidParameters) else "body"
    detail = _as_details(error) if isinstance(error, ValidationError) else error.detail
    return problem(INVALID, errors=_entries(detail, where))


def _bulk_refused(error: BulkRefused) -> HttpResponse:
    details = {n: _as_details(e) if isinstance(e, ValidationError) else e.detail for n, e in error.errors.items()}
    return problem(STALE if error.stale else INVALID, errors=_entries({"records": details}, "body"))


def _api_exception(error: exceptions.APIException) -> HttpResponse:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    kind = BY_STATUS.get(error.status_code) or Kind("failed", error.status_code, _("Failed"), "")
    said = str(error.detail)
    return problem(kind, "" if said == str(error.default_detail) else said, headers=headers)


def _out_of_range(error: Exception) -> HttpResponse:
    # A value that passed every check and that the database still refuses: worth a better check, never a 500.
    logger.warning("A value is out of range for the database", exc_info=error)
    return problem(OUT_OF_RANGE)


def _busy(error: Exception) -> HttpResponse:
    logger.error("The database did not answer in time", exc_info=error)
    return problem(BUSY, headers={"Retry-After": str(RETRY_SECONDS)})


_ANSWERS: tuple[tuple[Any, Any], ...] = (
    ((ValidationError, exceptions.ValidationError), _invalid),
    (BulkRefused, _bulk_refused),
    (PreconditionRequired, lambda error: problem(PRECONDITION_REQUIRED)),
    (KeyReused, lambda error: problem(KEY_REUSED)),
    (StillRunning, lambda error: problem(STILL_RUNNING, headers={"Retry-After": str(RETRY_SECONDS)})),
    (exceptions.APIException, _api_exception),
    (Http404, lambda error: problem(NOT_FOUND)),
    (PermissionDenied, lambda error: problem(FORBIDDEN, str(error))),
    (StaleRecord, lambda error: problem(STALE)),
    ((ProtectedError, RestrictedError), lambda error: problem(IN_USE)),
    (IntegrityError, lambda error: problem(CONFLICT)),
    ((DataError, OverflowError), _out_of_range),
    (OperationalError, _busy),
    (RequestDataTooBig, lambda error: problem(TOO_LARGE)),
    (SuspiciousOperation, lambda error: problem(MALFORMED)),
)


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. None for the unexpected: Django then logs it and calls `handler500`."""
    for classes, answer in _ANSWERS:
        if isinstance(error, classes):
            response: HttpResponse = answer(error)
            return response
    return None
