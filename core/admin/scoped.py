"""Admin classes whose rights and records come from the access registry, for the page and for every choice on it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.forms import BaseInlineFormSet, ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core import access
from core.admin.changelist import PagedChangeList
from core.admin.form_errors import problems
from core.admin.forms import ScopedForm
from core.admin.links import record_url
from core.admin.navigation import Nav
from core.admin.paginator import ListPaginator
from core.admin.widgets import RecordSelect, RecordSelectMultiple
from core.choices import RecordsField
from core.history import readable


def _choices(db_field: Any, request: HttpRequest) -> Any:
    target = db_field.remote_field.model
    return access.scoped(request.user, target._default_manager.all())


def empty_unseen(request: HttpRequest, record: Any) -> None:
    """Empties the relations to restricted records that the reader does not reach. The record must not be saved then."""
    for field in record._meta.fields:
        target, pk = field.related_model, getattr(record, field.attname)
        if not (target and pk and access.registered(target) and access.is_restricted(target)):
            continue
        if not access.scoped(request.user, target).filter(pk=pk).exists():
            setattr(record, field.name, None)


def autocompleted(model: Any, site: Any) -> list[str]:
    """Relations whose target has many records and a list of its own here."""
    relations = (field for field in [*model._meta.fields, *model._meta.many_to_many] if field.is_relation)
    return [
        field.name
        for field in relations
        if field.editable and _is_typed(site._registry.get(field.remote_field.model), field)
    ]


def _is_typed(target: Any, field: Any) -> bool:
    # A select for several choices is awkward even when the list is short.
    return target is not None and bool(getattr(target, "long_list", False) or field.many_to_many)


class ScopedChoices(BaseModelAdmin[Any]):
    """Every relation on a form offers and accepts only records in the user's reach; long lists are chosen by typing."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", _choices(db_field, request))
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RecordSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", _choices(db_field, request))
        kwargs.setdefault("form_class", RecordsField)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RecordSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return autocompleted(self.model, self.admin_site)


class ScopedAdmin(ScopedChoices, admin.ModelAdmin):
    """Rights and records come from the access registry, for the page and for every choice on it."""

    nav: Nav | None = None
    nav_label: Any = ""
    long_list = True  # other forms choose from it by typing, not from a select
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = ListPaginator
    actions = None
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "add", self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "view", self.model)

    def _may(self, request: HttpRequest, action: str, obj: Any) -> bool:
        if obj is None or obj.pk is None:
            return access.may(request.user, action, self.model)
        cache = request.__dict__.setdefault("_record_rights", {})
        key = (action, self.model, obj.pk)
        if key not in cache:
            cache[key] = access.can(request.user, action, obj)
        return bool(cache[key])

    def get_queryset(self, request: HttpRequest) -> Any:
        return access.scoped(request.user, super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PagedChangeList]:
        return PagedChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return False  # lists are narrowed by search and FilterSets; `?last_login__gt=` would tell what no page shows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found = queryset.none() if "\x00" in search_term else queryset  # PostgreSQL refuses to look for it
        return super().get_search_results(request, found, search_term.replace("\x00", ""))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        record = super().get_object(request, object_id, from_field)
        if record is not None and not self.has_change_permission(request, record):
            empty_unseen(request, record)  # the page will show it without a form, straight from the record
        return record

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def has_history_permission(self, request: HttpRequest, record: Any) -> bool:
        return access.may_read_history(request.user, self.model) and self.has_view_permission(request, record)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        context["show_history"] = record is not None and self.has_history_permission(request, record)
        if context.get("errors"):
            context["problems"] = problems(context["adminform"].form, context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the audit log (core.audit) knows about the record, in words."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_history_permission(request, record):
            raise PermissionDenied
        pages = Paginator(readable(request.user, record), 50)
        page = pages.get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"), "record": record, "entries": page.object_list, "page_obj": page,
            "opts": self.opts, "record_url": record_url(record),
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_history.html", context)

    # The audit log (core.audit) records every change of every model; Django's own log would say it twice.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None


class PartFormSet(BaseInlineFormSet[Any, Any, Any]):
    """Django takes any id that the table has for a row of this record's, and then silently stores nothing."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        model: Any = self.model
        row = form.fields[model._meta.pk.name]
        if isinstance(row, ModelChoiceField):
            row.queryset = model._base_manager.filter(**{self.fk.name: self.instance.pk})


class PartInline(ScopedChoices, admin.TabularInline):
    """Parts of a record, edited on its page; rights are those of the record."""

    form = ScopedForm
    formset = PartFormSet
    extra = 0
    show_change_link = False

    def schemes_of(self, part: Any) -> Mapping[str, str]:
        """Fields that are links where the record is read, e.g. {"value": "tel:"}."""
        return {}

    def get_queryset(self, request: HttpRequest) -> Any:
        names = autocompleted(self.model, self.admin_site)
        many = [field.name for field in self.model._meta.many_to_many if field.name in names]
        single = [name for name in names if name not in many]
        return super().get_queryset(request).select_related(*single).prefetch_related(*many)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may(request.user, "view", self.parent_model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.pk is None:
            return access.may(request.user, "add", self.parent_model)
        return access.can(request.user, "change", obj)

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission
