"""How a list is seen: its saved views as tabs, the columns and density that the reader chose."""

from functools import cached_property
from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path, reverse

from core import access
from core.admin.changelist import COLUMNS_VAR, VIEW_VAR, address_of, filter_parameters
from core.admin.filtered import FilteredAdmin
from core.admin.list_columns import ListColumns
from core.choices import as_id
from core.filters import filter_names
from core.saved_views import Density, ListSettings, SavedView, normal_query, split


def view_address(base: str, view: SavedView) -> str:
    """The list as the view has it: its filters and order stand in the address, so that each can be taken away."""
    query = view.filters.copy()
    query[VIEW_VAR] = str(view.pk)
    if view.order:
        query[ORDER_VAR] = view.order.replace(",", ".")
    return base + address_of(query)


class ListState:
    """What one request shows of a list: which view, with which columns, how dense."""

    def __init__(self, request: HttpRequest, page: Any) -> None:
        self.request, self.page = request, page
        slug = page.resource.slug
        self.settings = ListSettings.of(request.user, slug)
        self.views = access.scoped(request.user, SavedView).of_list(slug).as_tabs(request.user)
        self.view = self._found(as_id(request.GET.get(VIEW_VAR, "")))
        self.opens = self._found(self.settings.opens)

    def _found(self, pk: Any) -> SavedView | None:
        return next((view for view in self.views if view.pk == pk), None) if pk else None

    @cached_property
    def columns(self) -> list[str]:
        """As the address says, else the view, else the reader's own choice, else those of the page."""
        known = self.page.list_columns.known
        stored = (self.request.GET.get(COLUMNS_VAR, ""), self.view.columns if self.view else "", self.settings.columns)
        found = (known(split(text)) for text in stored)
        return next((names for names in found if names), self.page.list_columns.own)

    @property
    def is_popup(self) -> bool:
        return IS_POPUP_VAR in self.request.GET

    def shown(self, changelist: Any) -> dict[str, Any]:
        """What the templates draw above the list."""
        user, view, base = self.request.user, self.view, reverse(self.page._page("changelist"))
        now = {
            "query": normal_query(known_filters(self.page, filter_parameters(self.request.GET))),
            "order": ",".join(changelist.order_names),
            "columns": ",".join(self.columns),
        }
        may_change = view is not None and access.can(user, "change", view)
        return {
            "now": {"list": self.page.resource.slug, **now},
            "tabs": [
                {"view": tab, "url": view_address(base, tab), "current": tab == view, "is_own": tab.user_id == user.pk}
                for tab in self.views
            ],
            "active": view,
            "is_changed": view is not None and not view.holds(now["query"], now["order"], now["columns"]),
            "may_change": may_change,
            "may_add": access.may(user, "add", SavedView),
            "opens": self.opens,
            "reset_url": view_address(base, view) if view else "",
            "lost": self._lost(),
        }

    def _lost(self) -> list[str]:
        """Filters of the view that the list no longer has."""
        known = filter_names(self.page.filterset)
        return [name for name in (self.view.filters if self.view else ()) if name not in known]


def known_filters(page: Any, parameters: QueryDict) -> QueryDict:
    known, found = filter_names(page.filterset), parameters.copy()
    for name in [name for name in found if name not in known]:
        del found[name]
    return found


class ListViews(FilteredAdmin):
    """Lists whose readers choose how they see them."""

    resource: Any

    @cached_property
    def list_columns(self) -> ListColumns:
        return ListColumns(self)

    def list_state(self, request: HttpRequest) -> ListState:
        states: dict[Any, ListState] = request.__dict__.setdefault("_list_states", {})
        if self.model not in states:
            states[self.model] = ListState(request, self)
        return states[self.model]

    def get_list_display(self, request: HttpRequest) -> Any:
        if IS_POPUP_VAR in request.GET:
            return self.list_display
        return self.list_columns.entries(self.list_state(request).columns)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.columns_view)
        return [path("columns/", view, name=self._page("columns").split(":")[1]), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_see = access.may(request.user, "view", self.model)
        if may_see and request.method == "GET" and not request.GET and (opens := self.list_state(request).opens):
            return HttpResponseRedirect(view_address(request.path, opens))
        response: Any = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if (changelist := shown.get("cl")) is not None and not self.list_state(request).is_popup:
            state = self.list_state(request)
            shown.update(
                views=state.shown(changelist),
                density=state.settings.density,
                column_choices=self.list_columns.choices(state.columns),
                densities=Density.choices,
                columns_url=reverse(self._page("columns")),
                list_query=request.GET.urlencode(),
                has_peek=hasattr(self, "peek_view"),
            )
        return response

    def columns_view(self, request: HttpRequest) -> HttpResponse:
        """Keeps the chosen columns and density. In a saved view the columns go into the address instead, until the
        view is saved with them."""
        if not access.may(request.user, "view", self.model):
            raise PermissionDenied
        back = QueryDict(request.POST.get("query", "")[:4000], mutable=True)
        if request.method == "POST":
            self._keep(request, back)
        return HttpResponseRedirect(reverse(self._page("changelist")) + address_of(back))

    def _keep(self, request: HttpRequest, back: QueryDict) -> None:
        chosen = [] if "usual" in request.POST else self.list_columns.known(request.POST.getlist("column"))
        density = request.POST.get("density")
        values = {"density": density} if density in Density.values else {}
        back.pop(PAGE_VAR, None)
        back.pop(COLUMNS_VAR, None)
        if ORDER_VAR in back:
            back[ORDER_VAR] = request.POST.get("order", "").replace(",", ".")
        if as_id(back.get(VIEW_VAR, "")):
            back[COLUMNS_VAR] = ",".join(chosen or self.list_columns.own)
        else:
            values["columns"] = "" if chosen == self.list_columns.own else ",".join(chosen)
        ListSettings.keep(request.user, self.resource.slug, **values)
