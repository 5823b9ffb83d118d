"""Admin lists that are the lists of resources: their FilterSet, their exports."""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from core import access, resources
from core.admin.changelist import COLUMNS_VAR, VIEW_VAR, filter_parameters, query_string
from core.admin.import_frame import offered
from core.admin.links import add_url
from core.admin.list_views import ListViews
from core.exports import export_response
from core.imports.models import Import


class ResourceAdmin(ListViews):
    """An admin list that is the list of a resource: its FilterSet, its exports."""

    search_fields = ("pk",)  # Django asks for one before it allows autocompletion; `get_search_results` does the search

    @property
    def resource(self) -> resources.Resource:
        return resources.for_model(self.model)

    @property
    def filterset(self) -> Any:
        return self.resource.filterset

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        bound = self.filterset({"search": search_term}, queryset=queryset, request=request)
        return (bound.qs if bound.is_valid() else queryset.none()), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        links = {"export_links": self._export_links(request), "import_url": self._import_url(request)}
        return super().changelist_view(request, {**links, **(extra_context or {})})

    def _export_links(self, request: HttpRequest) -> list[dict[str, str]]:
        if not access.may(request.user, "export", self.model):
            return []
        address = reverse(self._page("export"))
        # All columns go into the file, whatever the page shows; the order is told by the columns that it does show.
        order = {name: request.GET[name] for name in (VIEW_VAR, COLUMNS_VAR, ORDER_VAR) if request.GET.get(name)}
        return [
            {"label": kind.upper(), "url": address + query_string(request.GET, **order, format=kind)}
            for kind in ("csv", "xlsx")
        ]

    def _import_url(self, request: HttpRequest) -> str:
        """Where files of such records are brought in, if they can be and the reader may."""
        slug = self.resource.slug
        return add_url(Import, kind=slug) if slug in {kind.slug for kind in offered(request.user)} else ""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name=self._page("export").split(":")[1]), *super().get_urls()]

    def _ordered_as_seen(self, request: HttpRequest, queryset: Any) -> Any:
        """In the order that was chosen by the headings of the list, else in that of the resource."""
        if ORDER_VAR not in request.GET:
            return self.resource.ordered(queryset)
        seen: Any = copy.copy(request)
        seen.GET = request.GET.copy()
        for name in ("format", "headers", PAGE_VAR, ALL_VAR):
            seen.GET.pop(name, None)
        return queryset.order_by(*self.get_changelist_instance(seen).queryset.query.order_by)

    def export_view(self, request: HttpRequest) -> Any:
        """The records of the list as it is filtered now, as a file."""
        if not access.may(request.user, "export", self.model):
            raise PermissionDenied
        parameters = filter_parameters(request.GET)
        kind, headers = parameters.pop("format", ["csv"])[-1], parameters.pop("headers", ["labels"])[-1]
        if kind not in ("csv", "xlsx") or headers not in ("labels", "codes"):
            raise Http404
        try:
            queryset = self._ordered_as_seen(request, self.resource.filtered(request, parameters, "export"))
            return export_response(request, self.resource, queryset, self.resource.columns.listed(), kind, headers)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(reverse(self._page("changelist")) + query_string(request.GET))
