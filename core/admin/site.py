"""The staff site: its frame (sidebar, languages) and its start page."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core import access, figures, panels
from core.admin import navigation
from core.admin.calendar import calendar_view, feed_page
from core.admin.design import design_view
from core.admin.figures import figures_view
from core.admin.palette import palette_view
from core.admin.scoped import ScopedAdmin
from core.admin.search import search_view
from core.admin.signins import StaffLoginForm, change_own_password, sessions_page

# Django's pages take any other method for GET, or for POST; nobody needs them, so they answer 405.
of_pages = require_http_methods(["GET", "HEAD", "POST"])


class PagesOfOthers(admin.ModelAdmin):
    """Mixin for pages that other packages register: who has no right to them learns of no id whether it exists."""

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset = super().get_queryset(request)
        return queryset if self.has_view_permission(request) else queryset.none()

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404


class LiaisonAdminSite(admin.AdminSite):
    site_title = site_header = "Liaison"
    index_title = _("Today")
    enable_nav_sidebar = True
    login_form = StaffLoginForm

    def get_urls(self) -> list[Any]:
        return [
            path("search/", self.admin_view(self.search), name="search"),
            path("palette/", require_safe(self.admin_view(self.palette)), name="palette"),
            path("design/", require_safe(self.admin_view(self.design)), name="design"),
            path("today/", require_safe(self.admin_view(self.today)), name="today"),
            path("figures/", require_safe(self.admin_view(self.figures, cacheable=True)), name="figures"),
            path("counts/", require_safe(self.admin_view(self.counts, cacheable=True)), name="counts"),
            path("sessions/", self.admin_view(self.sessions), name="sessions"),
            path("calendar/", self.admin_view(self.calendar), name="calendar"),
            path("calendar/feed/", self.admin_view(self.calendar_feed), name="calendar_feed"),
            *super().get_urls(),
        ]

    def search(self, request: HttpRequest) -> HttpResponse:
        return search_view(self, request)

    def palette(self, request: HttpRequest) -> HttpResponse:
        """Pages, actions and records for the command palette."""
        return palette_view(self, request)

    def design(self, request: HttpRequest) -> HttpResponse:
        """What pages are made of; for development and the demo."""
        return design_view(self, request)

    def today(self, request: HttpRequest) -> TemplateResponse:
        """What the start page fetches beside it; with `?part=1` without the frame."""
        context: dict[str, Any] = {"today_panels": panels.for_today(request, later=True)}
        if "part" in request.GET:
            return TemplateResponse(request, "admin/includes/today_panels.html", context)
        return TemplateResponse(request, "admin/today.html", {**self.each_context(request), **context})

    def figures(self, request: HttpRequest) -> HttpResponse:
        """The figures of the month."""
        return figures_view(self, request)

    def counts(self, request: HttpRequest) -> HttpResponse:
        """The numbers in the sidebar, fetched beside the page and kept by the browser for a minute."""
        response = JsonResponse(navigation.numbers(self, request))
        response["Cache-Control"] = "private, max-age=60"
        return response

    def sessions(self, request: HttpRequest) -> HttpResponse:
        """Where the reader is signed in."""
        return sessions_page(self, request, request.user)

    def calendar(self, request: HttpRequest) -> HttpResponse:
        return calendar_view(self, request)

    def calendar_feed(self, request: HttpRequest) -> HttpResponse:
        return feed_page(self, request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return change_own_password(self, request, extra_context or {})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        context["languages"] = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        if self.has_permission(request):
            context["nav_groups"] = navigation.sidebar(self, request)
            context["quick_adds"] = navigation.quick_adds(self, request)
            context["user_links"] = [{"label": _("Calendar on your phone"), "url": reverse("admin:calendar_feed")}]
        return context

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if admin_class is not None and not issubclass(admin_class, ScopedAdmin):
            admin_class = type(admin_class.__name__, (PagesOfOthers, admin_class), {})
        super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return of_pages(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return of_pages(super().login)(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        # The sidebar replaces the list by app; building both would double the work of every page.
        return super().get_app_list(request, app_label) if app_label else []

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {
            "today_panels": panels.for_today(request),
            "has_more": panels.has_later(request),
            "has_figures": bool(figures.offered(request.user)),
            "figures_first": access.sees_all(request.user),
            **(extra_context or {}),
        }
        return super().index(request, context)
