"""Admin lists whose records come from a FilterSet."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from core.admin.changelist import ResourceChangeList
from core.admin.scoped import ScopedAdmin
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
