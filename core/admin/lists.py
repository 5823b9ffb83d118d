"""Admin lists that are the lists of resources: their FilterSet, their exports."""

import copy
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from core import access, resources
from core.admin.changelist import ResourceChangeList, filter_parameters, query_string
from core.admin.import_frame import offered
from core.admin.links import add_url
from core.admin.scoped import ScopedAdmin
from core.exports import export_response
from core.imports.models import Import
from core.list_plan import MOST_COUNTED


class FilteredAdmin(ScopedAdmin):
    """An admin list whose records come from a FilterSet."""

    filterset: Any = None
    hidden_filters: ClassVar[tuple[str, ...]] = ()
    list_scoped: tuple[str, ...] = ()  # relations to restricted records on the list; out of reach, they look empty
    change_list_template = "admin/change_list.html"

    def shown_filters(self, filterset: Any) -> Iterable[str]:
        """The filters offered on the page; the others work through the address (and keep working in links)."""
        return [name for name in filterset.filters if not name.endswith("__in") and name not in self.hidden_filters]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ResourceChangeList]:
        return ResourceChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = dict(extra_context or {})
        if self.has_add_permission(request):
            context["add_url"] = reverse(self._page("add"))
        response: Any = super().changelist_view(request, context)
        shown = getattr(response, "context_data", None) or {}
        if (changelist := shown.get("cl")) is not None:
            shown.update(
                filter_form=changelist.filter_form,
                active_filters=changelist.active_filters,
                total=self._total(changelist),
            )
        return response

    def _total(self, changelist: Any) -> str:
        count, names = changelist.result_count, (self.opts.verbose_name, self.opts.verbose_name_plural)
        if changelist.paginator.is_open:
            shown = {"count": number_format(MOST_COUNTED), "names": names[1]}
            return gettext("More than %(count)s %(names)s") % shown
        return ngettext("%(count)s %(name)s", "%(count)s %(names)s", count) % {
            "count": number_format(count), "name": names[0], "names": names[1],
        }  # fmt: skip

    def _page(self, name: str) -> str:
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}"


class ResourceAdmin(FilteredAdmin):
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
        order = {ORDER_VAR: request.GET[ORDER_VAR]} if ORDER_VAR in request.GET else {}
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
