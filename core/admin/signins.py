"""Signing in on the staff site: throttled forms, where somebody is signed in, what is locked."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import browsers, throttle
from core.accounts import User
from core.admin.links import change_url
from core.sessions import Session, digest, end
from core.signins import SignIn, record


class StaffLoginForm(AdminAuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            # The right password of an account that may not come in is answered, and counted, like a wrong one.
            credentials = {"username": user.get_username()}
            user_login_failed.send(sender=__name__, credentials=credentials, request=self.request)
            raise


class OwnPasswordForm(AdminPasswordChangeForm):
    """Checks the old password as a login does, so that it cannot be guessed here either."""

    def __init__(self, user: Any, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) != self.user:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old


def change_own_password(site: Any, request: HttpRequest, extra_context: dict[str, Any]) -> Any:
    """Django's page, with our form."""
    request.current_app = site.name
    view = PasswordChangeView.as_view(
        form_class=partial(OwnPasswordForm, request=request),
        success_url=reverse("admin:password_change_done"),
        extra_context={**site.each_context(request), **extra_context},
    )
    return view(request)


def _posted(request: HttpRequest, name: str) -> str:
    """A value as the database can be asked for it: PostgreSQL refuses NUL."""
    return request.POST.get(name, "").replace("\x00", "\ufffd")


def sessions_page(site: Any, request: HttpRequest, user: Any) -> HttpResponse:
    """The sessions of a user, oneself or somebody else: shown, and ended one by one or all but the reader's own.

    `POST` with `session=<its digest>`, or without to end all.
    """
    sessions, here = Session.of(user), digest(request.session.session_key or "")
    if request.method == "POST":
        chosen = _posted(request, "session")
        count = end(sessions.filter(pk=chosen) if chosen else sessions.exclude(pk=here))
        text = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", count)
        messages.success(request, text % {"count": count})
        return HttpResponseRedirect(request.path)
    own = user == request.user
    context = {
        **site.each_context(request),
        "title": _("Where you are signed in") if own else _("Signed-in sessions"),
        "own": own, "person": user, "person_url": None if own else change_url(user),
        "sessions": [(session, browsers.in_words(session.user_agent), session.pk == here) for session in sessions],
    }  # fmt: skip
    return TemplateResponse(request, "admin/sessions.html", context)


def locks_page(site: Any, request: HttpRequest) -> HttpResponse:
    """What is locked after too many wrong passwords. `POST` with `account`, `address` or both lifts a lock."""
    if request.method == "POST":
        name, address = _posted(request, "account"), _posted(request, "address")
        if throttle.lift(name, address):
            record(SignIn.Kind.UNLOCKED, User.objects.filter(username=name).first(), address=address or None)
            messages.success(request, _("The lock is lifted."))
        return HttpResponseRedirect(request.path)
    context = {
        **site.each_context(request),
        "title": _("Locked sign-ins"), "opts": User._meta, "locks": throttle.current_locks(),
    }  # fmt: skip
    return TemplateResponse(request, "admin/locks.html", context)
