"""Changing the language of the screens: for a member of staff a setting of the account, for others a cookie."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

ONE_YEAR = 365 * 24 * 3600


def _way_back(request: HttpRequest) -> str:
    """The page that the reader came from, if it is one of ours."""
    for address in (request.POST.get("next", ""), request.META.get("HTTP_REFERER", "")):
        if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
            return address
    return reverse("start")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """`language=ja`, and `next` for the page to return to."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest(_("This language is not available."), content_type="text/plain; charset=utf-8")
    user: Any = request.user
    if user.is_authenticated and user.language != language:
        user.language = language
        user.save(update_fields=["language"])
    response = HttpResponseRedirect(_way_back(request))
    # Also for staff, so that the login page after signing out is in the language they read.
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=ONE_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
