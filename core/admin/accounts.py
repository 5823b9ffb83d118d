"""Staff accounts, roles, API tokens and the logs."""

import datetime
from typing import Any

import auditlog.admin  # noqa: F401  registers its own page first, which ours then replaces
from auditlog.models import LogEntry
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.accounts import User
from core.admin.navigation import Nav, group
from core.admin.scoped import ScopedAdmin
from core.exports_log import ExportLog
from core.tokens import ApiToken

SYSTEM = group("system", gettext_lazy("System"), 99)


class StaffCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username",)


class StaffChangeForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class StaffAdmin(ScopedAdmin, UserAdmin):
    """Those who may change accounts see everything; others see who the colleagues are."""

    nav = Nav(SYSTEM, 10, "user")
    form = StaffChangeForm
    add_form = StaffCreationForm
    list_display = ("username", "full_name", "email", "language", "is_active")
    list_filter = ()
    search_fields = ("username", "full_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    autocomplete_fields = ()
    fieldsets = (
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("Person"), {"fields": ["full_name", "email", "language", "time_zone", "work_country"]}),
        (gettext_lazy("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = (
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        (gettext_lazy("Person"), {"fields": ["full_name", "email", "language", "time_zone", "work_country"]}),
        (gettext_lazy("Rights"), {"fields": ["is_staff", "groups"]}),
    )
    colleague_fieldsets = ((None, {"fields": ["username", "full_name", "email"]}),)
    readonly_fields = ("last_login", "date_joined")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Only superusers make superusers or touch them (their password, their tokens); otherwise the right to manage
        # accounts would be the right to everything.
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.label_from_instance = lambda role: _(role.name)
        return field

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"work_country": settings.HOME_COUNTRY, **super().get_changeform_initial_data(request)}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return self.colleague_fieldsets
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")


admin.site.unregister([Group, LogEntry])
access.register(Group)


@admin.register(Group)
class RoleAdmin(ScopedAdmin, GroupAdmin):
    nav = Nav(SYSTEM, 20, "key")
    long_list = False
    search_fields = ("name",)
    list_display = ("name_here",)
    filter_horizontal = ("permissions",)

    @admin.display(description=gettext_lazy("Role"), ordering="name")
    def name_here(self, role: Group) -> str:
        return _(role.name)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return []

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        kwargs["queryset"] = db_field.remote_field.model.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("user", "name", "scope", "may_export", "expires_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin):
    """Tokens are made here and shown once; afterwards only their beginning is known."""

    nav = Nav(SYSTEM, 30, "key")
    form = TokenForm
    list_display = ("name", "prefix", "user", "scope", "may_export", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # made and revoked, never edited

    def _may_revoke(self, request: HttpRequest, token: ApiToken) -> bool:
        return self._may(request, "change", token)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ["name", "scope", "may_export", "expires_at"]
        fields = ["user", *own] if request.user.has_perm("core.change_user") else own
        return fields if obj is None else ["user", *own, "prefix", "created_at", "last_used_at", "revoked_at"]

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
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", view, name="core_apitoken_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = self.get_object(request, str(pk))
        if token is None or request.method != "POST" or not self._may_revoke(request, token):
            raise PermissionDenied
        token.revoke()
        messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
        return HttpResponseRedirect(reverse("admin:core_apitoken_changelist"))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        token = kwargs.get("obj")
        if token is not None and token.revoked_at is None and self._may_revoke(request, token):
            url = reverse("admin:core_apitoken_revoke", args=[token.pk])
            context["actions"] = [{"label": _("Revoke"), "url": url, "tone": "red", "method": "post"}]
        return super().render_change_form(request, context, *args, **kwargs)


class LogAdmin(ScopedAdmin):
    """A log: read, never written."""

    list_per_page = 100

    def has_history_permission(self, request: HttpRequest, record: Any) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ExportLog)
class ExportLogAdmin(LogAdmin):
    nav = Nav(SYSTEM, 50, "export")
    list_display = ("started_at", "user_name", "resource", "format", "rows", "parameters")
    search_fields = ("user_name", "resource")
