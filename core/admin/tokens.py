"""API tokens on the staff site: made and shown once, recognised, revoked."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access
from core.accounts import User
from core.admin.links import change_url, list_url
from core.admin.navigation import SETTINGS, Nav
from core.admin.scoped import ScopedAdmin
from core.localized import joined
from core.tokens import ApiToken

SCOPES = {"read": gettext_lazy("read"), "write": gettext_lazy("write"), "export": gettext_lazy("export")}


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("user", "name", "scope", "may_export", "expires_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin):
    """Tokens are made here and shown once; afterwards only their beginning is known."""

    nav = Nav(SETTINGS, 130, "key")
    form = TokenForm
    list_display = ("name", "prefix", "user", "may_do", "expires_at", "last_used_at", "last_used_address", "state")
    list_select_related = ("user",)
    search_fields = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # made and revoked, never edited

    def _may_revoke(self, request: HttpRequest, token: ApiToken) -> bool:
        return self._may(request, "change", token)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ["name", "scope", "may_export", "expires_at"]
        if obj is None:
            return ["user", *own] if request.user.has_perm("core.change_user") else own
        used = ["last_used_at", "last_used_address"]
        return ["state", "user", "name", "prefix", "may_do", "created_at", "expires_at", *used, "revoked_at"]

    @admin.display(description=gettext_lazy("Scopes"))
    def may_do(self, token: ApiToken) -> str:
        return joined(str(SCOPES[scope]) for scope in token.scopes)

    @admin.display(description=gettext_lazy("State"))
    def state(self, token: ApiToken) -> str:
        return str(token.state.label)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not request.user.is_superuser:  # a token acts as its user
            kwargs["queryset"] = access.scoped(request.user, User.objects.filter(is_superuser=False))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk, "expires_at": timezone.now() + datetime.timedelta(days=90)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in ("scope", "may_export", "expires_at")}
        owner = form.cleaned_data.get("user") or request.user
        token, request._token_secret = ApiToken.issue(owner, form.cleaned_data["name"], **fields)  # type: ignore[attr-defined]
        obj.pk = token.pk
        obj.refresh_from_db()

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new token"), "token": obj, "secret": request._token_secret, "opts": self.opts,  # type: ignore[attr-defined]
        }  # fmt: skip
        response = TemplateResponse(request, "admin/token_created.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/revoke/", view(self.revoke_view), name="core_apitoken_revoke"),
            path("revoke-all/<int:user_pk>/", view(self.revoke_all_view), name="core_apitoken_revoke_all"),
            *super().get_urls(),
        ]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = self.get_object(request, str(pk))
        if token is None or request.method != "POST" or not self._may_revoke(request, token):
            raise PermissionDenied
        token.revoke()
        messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
        return HttpResponseRedirect(reverse("admin:core_apitoken_changelist"))

    def revoke_all_view(self, request: HttpRequest, user_pk: int) -> HttpResponse:
        """Asks, then revokes all tokens of a user: one's own, or those of somebody whose account one may change."""
        user = self._owner(request, user_pk)
        tokens = access.scoped(request.user, ApiToken, "change").filter(user=user).unrevoked()
        back = list_url(ApiToken) if user == request.user else change_url(user)
        if request.method == "POST":
            count = tokens.revoke()
            text = ngettext("%(count)d token no longer works.", "%(count)d tokens no longer work.", count)
            messages.success(request, text % {"count": count})
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revoke all tokens"), "form": forms.Form(), "opts": User._meta, "record": user, "tone": "red",
            "description": self._consequence(user, tokens.count()),
            "submit_label": _("Revoke all"), "cancel_url": back,
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_action.html", context)

    def _owner(self, request: HttpRequest, pk: int) -> User:
        """Raises PermissionDenied for accounts that the reader may not change, those that do not exist included."""
        accounts: Any = self.admin_site._registry[User]
        user = accounts.get_object(request, str(pk)) if pk < 2**63 else None
        if user is None or not access.may(request.user, "change", ApiToken):
            raise PermissionDenied
        if user != request.user and not accounts.has_change_permission(request, user):
            raise PermissionDenied
        return user

    def _consequence(self, user: User, count: int) -> str:
        text = ngettext(
            "%(count)d token of %(user)s will no longer work. Programs that use it stop until they get another one.",
            "%(count)d tokens of %(user)s will no longer work. Programs that use them stop until they get new ones.",
            count,
        )
        return text % {"count": count, "user": user}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = []
        if access.may(request.user, "change", ApiToken):
            url = reverse("admin:core_apitoken_revoke_all", args=[request.user.pk])
            links.append({"label": _("Revoke all of mine"), "url": url})
        return super().changelist_view(request, {"list_links": links, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        token = kwargs.get("obj")
        if token is not None and token.revoked_at is None and self._may_revoke(request, token):
            url = reverse("admin:core_apitoken_revoke", args=[token.pk])
            context["actions"] = [{"label": _("Revoke"), "url": url, "tone": "red", "method": "post"}]
        return super().render_change_form(request, context, *args, **kwargs)
