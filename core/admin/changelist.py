"""Admin lists filtered by the resource's FilterSet, so that list, export and API always speak of the same records."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, ChangeList
from django.contrib.admin.widgets import AdminDateWidget
from django.core.paginator import InvalidPage
from django.db.models import Prefetch
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.fields import BaseCSVField
from django_filters.widgets import BaseCSVWidget

from core import access, ordering
from core.admin.links import record_url
from core.admin.list_columns import entry_name
from core.admin.paginator import name_of
from core.admin.widgets import FilterSelect

VIEW_VAR, COLUMNS_VAR = "view", "columns"  # which saved view the list began as, and columns that differ from it
FRAME_PARAMETERS = (
    ALL_VAR, ORDER_VAR, PAGE_VAR, ERROR_FLAG, IS_POPUP_VAR, TO_FIELD_VAR, VIEW_VAR, COLUMNS_VAR,
)  # fmt: skip
ANY_YES_NO = (("", _("Any")), ("true", _("Yes")), ("false", _("No")))


class PagedChangeList(ChangeList):
    """A change list as fast on its last page as on its first."""

    model_admin: Any

    def get_results(self, request: Any) -> None:
        paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        try:
            self.page = paginator.page(self.page_num)
        except InvalidPage:
            raise IncorrectLookupParameters from None
        self.paginator, self.result_list = paginator, self.page.object_list
        self.result_count, self.full_result_count = paginator.count, None
        self.multi_page = self.page.has_other_pages()
        self.show_full_result_count, self.can_show_all, self.show_admin_actions = False, False, True

    def url_for_result(self, result: Any) -> str:
        return record_url(result)

    def get_ordering(self, request: Any, queryset: Any) -> list[Any]:
        """By the columns that were chosen; a relation by the name that it shows."""
        self._read_order_names()
        names = [self._shown(name_of(key)) for key in super().get_ordering(request, queryset)]
        # Django ends every order with `-pk`; an index goes the way of the column before it.
        chosen = [name for name in names if name not in ("pk", "-pk")] or names
        return ordering.expressions(ordering.keys(self.model, chosen))

    @property
    def order_names(self) -> list[str]:
        """The columns that the list was ordered by, as names; `-` before those that descend."""
        columns = self.get_ordering_field_columns() if ORDER_VAR in self.params else {}
        shown = {n: entry_name(entry) for n, entry in enumerate(self.list_display)}
        return [f"{'-' if way == 'desc' else ''}{shown[n]}" for n, way in columns.items() if n in shown]

    def _read_order_names(self) -> None:
        """Numbers for the names in `?o=-due.title`: a stored order holds for whichever columns are shown."""
        entries = [entry_name(entry) for entry in self.list_display]
        if (asked := self.params.get(ORDER_VAR)) is not None:
            parts = [text.rpartition("-") for text in str(asked).split(".")]
            self.params[ORDER_VAR] = ".".join(
                f"{sign}{entries.index(name) if name in entries else name}" for _rest, sign, name in parts
            )

    def _shown(self, name: str) -> str:
        if "__" in name or name in ("pk", "-pk"):
            return name
        target: Any = self.model._meta.get_field(name.removeprefix("-")).related_model
        return f"{name}__{target.display_paths[0]}" if hasattr(target, "display_paths") else name

    @property
    def page_links(self) -> list[dict[str, Any]]:
        """Page numbers with their addresses, and dots where some are left out."""
        here = self.page.number
        return [
            {"number": number, "current": number == here, "url": self._page_url(number) if number != here else ""}
            for number in self.paginator.numbers(self.page)
        ]

    @property
    def previous_url(self) -> str:
        return self._page_url(self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self._page_url(self.page.number + 1) if self.page.has_next() else ""

    def _page_url(self, number: Any) -> str:
        return self.get_query_string({PAGE_VAR: number}) if isinstance(number, int) else ""


class ResourceChangeList(PagedChangeList):
    """A change list whose records come from a FilterSet; invalid filters show their message and no records."""

    def get_queryset(self, request: Any, exclude_parameters: Any = None) -> Any:
        self.filter_specs, self.has_filters = [], False
        parameters, self.request_query = filter_parameters(request.GET), request.GET
        self.filterset = self.model_admin.filterset(parameters, queryset=self.root_queryset, request=request)
        self.filter_form = _dress(self.filterset, self.model_admin)
        self.active_filters = self._active_filters(request)
        self.has_active_filters = bool(self.active_filters)
        self.clear_all_filters_qs = self.get_query_string(remove=list(parameters))
        queryset = self.filterset.qs if self.filterset.is_valid() else self.root_queryset.none()
        queryset = self.apply_select_related(queryset).prefetch_related(*self._scoped_relations(request))
        return queryset.order_by(*self.get_ordering(request, queryset))

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        columns = getattr(self.model_admin, "list_columns", None)
        if columns is not None:
            self.result_list = list(self.result_list)
            columns.fill(request.user, self.result_list, [entry_name(entry) for entry in self.list_display])

    def _scoped_relations(self, request: Any) -> list[Prefetch]:
        page: Any = self.model_admin
        fields: Iterable[Any] = (self.model._meta.get_field(name) for name in page.list_scoped)
        return [Prefetch(field.name, access.scoped(request.user, field.related_model)) for field in fields]

    def _active_filters(self, request: Any) -> list[dict[str, str]]:
        """What the list is narrowed by, in words, each with the address of the list without it."""
        form = self.filter_form
        active: list[dict[str, str]] = []
        if not self.filterset.is_valid():
            return active
        for name, value in form.cleaned_data.items():
            if name == "search" or name not in request.GET or value in (None, "", []):
                continue
            query = request.GET.copy()
            for dropped in (name, PAGE_VAR):
                query.pop(dropped, None)
            label = str(form.fields[name].label or name)
            active.append({"label": label, "value": _words(form.fields[name], value), "remove_url": address_of(query)})
        return active

    @property
    def wrong_filters(self) -> list[dict[str, Any]]:
        """The filters that cannot be followed, each with its messages and the address of the list without it."""
        found = []
        for name, errors in self.filter_form.errors.items():
            query = self.request_query.copy()
            query.pop(name, None)
            label = str(self.filter_form.fields[name].label or name) if name in self.filter_form.fields else ""
            found.append({"label": label, "messages": errors, "remove_url": address_of(query)})
        return found


def filter_parameters(query: QueryDict) -> QueryDict:
    """The query without the parameters of the page's frame (page, order, popup)."""
    parameters = query.copy()
    for name in FRAME_PARAMETERS:
        parameters.pop(name, None)
    return parameters


def address_of(query: QueryDict) -> str:
    """The query of an address of the list. An empty one would open the reader's own view of it."""
    return "?" + (query.urlencode() or f"{VIEW_VAR}=")


def query_string(query: QueryDict, **extra: str) -> str:
    parameters = filter_parameters(query)
    return "?" + "&".join(part for part in (parameters.urlencode(), urlencode(extra)) if part)


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return str(dict(ANY_YES_NO)["true" if value else "false"])
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return ", ".join(_words(field, item) for item in value)
    # Asking a relation for its choices would read every record there is.
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)


class HiddenList(BaseCSVWidget, forms.HiddenInput):
    """Several values in one hidden input, comma separated as in the address."""

    surrogate = forms.HiddenInput


def _hidden(field: forms.Field) -> forms.Widget:
    if isinstance(field, forms.ModelMultipleChoiceField):
        return forms.MultipleHiddenInput()
    return HiddenList() if isinstance(field, BaseCSVField) else forms.HiddenInput()


def _dress(filterset: Any, model_admin: Any) -> forms.Form:
    """Widgets for people: autocompletes for long lists, date pickers, and no raw input for `__in` parameters."""
    form = filterset.form
    for name, field in form.fields.items():
        if name.endswith("__in") or name not in (*model_admin.shown_filters(filterset), "search"):
            field.widget = _hidden(field)
        elif isinstance(field, forms.NullBooleanField):
            field.widget.choices = ANY_YES_NO
        elif isinstance(field, forms.DateField | forms.DateTimeField):
            field.widget = AdminDateWidget()
        elif isinstance(field, forms.ModelChoiceField):
            _autocomplete(field, filterset.filters[name], model_admin)
    return form


def _autocomplete(field: forms.ModelChoiceField, filter_: Any, model_admin: Any) -> None:
    """A select that asks the server while typing, where the target has an admin list that is searched."""
    target = model_admin.admin_site._registry.get(field.queryset.model)  # type: ignore[union-attr]
    if target is None or not getattr(target, "long_list", False):
        return
    model_field = get_fields_from_path(model_admin.model, filter_.field_name)[-1]
    choices = field.choices
    field.widget = FilterSelect(model_field, model_admin.admin_site, choices=choices)
    field.widget.is_required = False
