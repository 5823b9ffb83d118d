"""Hands out uploaded files to those who may see the record that a file belongs to."""

import logging
import mimetypes
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException

from core import access
from core.api import problems
from core.api.authentication import BearerAuthentication
from core.api.permissions import NO_EXPORT
from core.files import attachment, extension, file_fields
from core.tokens import ApiToken

logger = logging.getLogger(__name__)

TABLES = ("csv", "xlsx", "ods")  # to a program these are exports, wherever they come from


def _reader(request: HttpRequest) -> tuple[Any, ApiToken | None]:
    """The signed-in member of staff, or the user behind a token and the token. A token that is refused raises."""
    if request.user.is_authenticated and getattr(request.user, "is_staff", False):
        return request.user, None
    return BearerAuthentication().authenticate(request) or (None, None)


def _may_read(user: Any, name: str) -> bool:
    if "\x00" in name:  # PostgreSQL refuses to compare with it
        return False
    return any(
        access.scoped(user, model).filter(**{field: name}).exists()
        for model, field in file_fields().get(name.partition("/")[0], ())
    )


@require_safe
def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file. Unknown, missing and not yours are the same answer."""
    try:
        user, token = _reader(request)
    except APIException as error:
        return _refusal(error)
    if user is None:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    # The name must be one that a record holds, so no path of the caller's making ever reaches the file system.
    if not _may_read(user, name):
        raise Http404
    if token and not token.may_export and extension(name) in TABLES:
        return problems.problem(problems.FORBIDDEN, NO_EXPORT)
    try:
        file = default_storage.open(name)
    except FileNotFoundError as error:
        logger.exception("The file of a record is missing: %s", name)
        raise Http404 from error
    return _as_download(file, name.rpartition("/")[2])


def _refusal(error: APIException) -> HttpResponse:
    """What the API answers to the same token."""
    answer = problems.problem_response(error, {}) or HttpResponse(status=error.status_code)
    if answer.status_code == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _as_download(file: Any, filename: str) -> FileResponse:
    """Saved, never shown: what somebody uploaded must not run in our origin."""
    response = FileResponse(file, content_type=mimetypes.guess_type(filename)[0] or "application/octet-stream")
    response["Content-Disposition"] = attachment(filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
