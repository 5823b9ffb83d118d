"""Staff accounts, roles and the logs."""

from typing import Any

import auditlog.admin  # noqa: F401  registers its own page first, which ours then replaces
from auditlog.models import LogEntry
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.accounts import User
from core.admin.navigation import SETTINGS, Nav
from core.admin.scoped import ScopedAdmin
from core.admin.signins import locks_page, sessions_page
from core.browsers import in_words
from core.signins import SignIn
from core.throttle import is_locked


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

    nav = Nav(SETTINGS, 110, "user")
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

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("locks/", view(self.locks_view), name="core_user_locks"),
            path("<int:pk>/sessions/", view(self.sessions_view), name="core_user_sessions"),
            *super().get_urls(),
        ]

    def sessions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.get_object(request, str(pk)) if pk < 2**63 else None
        if user is None:
            raise Http404
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        return sessions_page(self.admin_site, request, user)

    def locks_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return locks_page(self.admin_site, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = []
        if self.has_change_permission(request):
            links.append({"label": _("Locked sign-ins"), "url": reverse("admin:core_user_locks")})
        return super().changelist_view(request, {"list_links": links, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        user = kwargs.get("obj")
        if user is not None and self.has_change_permission(request, user):
            context["actions"] = self._actions(user)
        return super().render_change_form(request, context, *args, **kwargs)

    def _actions(self, user: User) -> list[dict[str, Any]]:
        actions = [
            {"label": _("Signed-in sessions"), "url": reverse("admin:core_user_sessions", args=[user.pk])},
            {"label": _("History"), "url": reverse("admin:core_user_history", args=[user.pk])},
            {"label": _("Revoke all tokens"), "url": reverse("admin:core_apitoken_revoke_all", args=[user.pk])},
        ]
        if is_locked(user.username):
            actions.append({"label": _("Lift the lock"), "url": reverse("admin:core_user_locks"), "tone": "red"})
        return actions


admin.site.unregister([Group, LogEntry])
access.register(Group)


@admin.register(Group)
class RoleAdmin(ScopedAdmin, GroupAdmin):
    nav = Nav(SETTINGS, 120, "key")
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


class LogAdmin(ScopedAdmin):
    """A log: read, never written."""

    list_per_page = 100

    def has_history_permission(self, request: HttpRequest, record: Any) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SignIn)
class SignInAdmin(LogAdmin):
    nav = Nav(SETTINGS, 140, "lock")
    list_display = ("at", "kind", "user_name", "address", "browser", "by_name")
    search_fields = ("user_name", "address", "by_name")
    fields = ("at", "kind", "user_name", "address", "browser", "by_name")

    @admin.display(description=gettext_lazy("Browser"))
    def browser(self, event: SignIn) -> str:
        return in_words(event.user_agent) if event.user_agent else ""
