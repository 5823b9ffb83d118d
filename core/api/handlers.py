"""Answers where no view was reached or a view broke: problem documents under /api/, pages elsewhere (`config.urls`)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from core.api import problems


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.problem(problems.MALFORMED) if _is_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.problem(problems.FORBIDDEN) if _is_api(request) else defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.problem(problems.NOT_FOUND) if _is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    return problems.problem(problems.FAILED) if _is_api(request) else defaults.server_error(request)
