"""The base of every admin class of a business record.

Subclasses declare what the page shows; who sees what (`core.access`), which records a list holds (the FilterSet),
versions, archive, moves, history, exports and contributed panels come from here.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access, panels, resources
from core.admin.changelist import ResourceChangeList, filter_parameters, query_string
from core.admin.forms import ReasonForm, RecordForm, RestoreForm, ScopedForm, move_form
from core.admin.links import change_url
from core.admin.navigation import Nav
from core.admin.widgets import RecordSelect, RecordSelectMultiple
from core.choices import RecordsField
from core.exports import export_response
from core.history import readable
from core.records import Record, StaleRecord
from core.stages import Flow, Staged


class ScopedAdmin(admin.ModelAdmin):
    """Rights and records come from the access registry, for the page and for every choice on it."""

    nav: Nav | None = None
    nav_label: Any = ""
    long_list = True  # other forms choose from it by typing, not from a select
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
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

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found = queryset.none() if "\x00" in search_term else queryset  # PostgreSQL refuses to look for it
        return super().get_search_results(request, found, search_term.replace("\x00", ""))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        record = super().get_object(request, object_id, from_field)
        if record is not None and not self.has_change_permission(request, record):
            _empty_unseen(request, record)  # the page will show it without a form, straight from the record
        return record

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

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

    def has_history_permission(self, request: HttpRequest, record: Any) -> bool:
        return self.has_view_permission(request, record)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        context["show_history"] = record is not None and self.has_history_permission(request, record)
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
            "opts": self.opts, "record_url": change_url(record),
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_history.html", context)

    # The audit log (core.audit) records every change of every model; Django's own log would say it twice.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None


def _choices(db_field: Any, request: HttpRequest) -> Any:
    target = db_field.remote_field.model
    return access.scoped(request.user, target._default_manager.all())


def _empty_unseen(request: HttpRequest, record: Any) -> None:
    """Empties the relations to restricted records that the reader does not reach. The record must not be saved then."""
    for field in record._meta.fields:
        target = field.related_model
        if target and access.registered(target) and access.is_restricted(target) and getattr(record, field.attname):
            if not access.scoped(request.user, target).filter(pk=getattr(record, field.attname)).exists():
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


class PartInline(admin.TabularInline):
    """Parts of a record, edited on its page; rights are those of the record."""

    form = ScopedForm
    extra = 0
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> Any:
        names = autocompleted(self.model, self.admin_site)
        many = [field.name for field in self.model._meta.many_to_many if field.name in names]
        single = [name for name in names if name not in many]
        return super().get_queryset(request).select_related(*single).prefetch_related(*many)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return autocompleted(self.model, self.admin_site)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may(request.user, "view", self.parent_model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.pk is None:
            return access.may(request.user, "add", self.parent_model)
        return access.can(request.user, "change", obj)

    has_add_permission = has_change_permission  # type: ignore[assignment]
    has_delete_permission = has_change_permission

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


class ResourceAdmin(ScopedAdmin):
    """An admin list that is the list of a resource: its FilterSet, its exports."""

    hidden_filters: ClassVar[tuple[str, ...]] = ()
    list_scoped: tuple[str, ...] = ()  # relations to restricted records on the list; out of reach, they look empty
    change_list_template = "admin/change_list.html"
    search_fields = ("pk",)  # Django asks for one before it allows autocompletion; `get_search_results` does the search

    @property
    def resource(self) -> resources.Resource:
        return resources.for_model(self.model)

    def shown_filters(self, filterset: Any) -> Iterable[str]:
        """The filters offered on the page; the others work through the address (and keep working in links)."""
        return [name for name in filterset.filters if not name.endswith("__in") and name not in self.hidden_filters]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ResourceChangeList]:
        return ResourceChangeList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        bound = self.resource.filterset({"search": search_term}, queryset=queryset, request=request)
        return (bound.qs if bound.is_valid() else queryset.none()), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"export_links": self._export_links(request), **(extra_context or {})}
        if self.has_add_permission(request):
            context["add_url"] = reverse(self._page("add"))
        response = super().changelist_view(request, context)
        changelist = getattr(response, "context_data", {}).get("cl") if hasattr(response, "context_data") else None
        if changelist is not None:
            response.context_data.update(  # type: ignore[union-attr]
                filter_form=changelist.filter_form,
                active_filters=changelist.active_filters,
                total=self._total(changelist.result_count),
            )
        return response

    def _total(self, count: int) -> str:
        names = self.opts.verbose_name, self.opts.verbose_name_plural
        return ngettext("%(count)d %(name)s", "%(count)d %(names)s", count) % {
            "count": count, "name": names[0], "names": names[1],
        }  # fmt: skip

    def _page(self, name: str) -> str:
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _export_links(self, request: HttpRequest) -> list[dict[str, str]]:
        if not access.may(request.user, "export", self.model):
            return []
        address = reverse(self._page("export"))
        return [
            {"label": format.upper(), "url": address + query_string(request.GET, format=format)}
            for format in ("csv", "xlsx")
        ]

    def get_urls(self) -> list[Any]:
        return [path("export/", self.admin_site.admin_view(self.export_view), name=self._page("export").split(":")[1])] + (
            super().get_urls()
        )

    def export_view(self, request: HttpRequest) -> Any:
        """The records of the list as it is filtered now, as a file."""
        if not access.may(request.user, "export", self.model):
            raise PermissionDenied
        parameters = filter_parameters(request.GET)
        format, headers = parameters.pop("format", ["csv"])[-1], parameters.pop("headers", ["labels"])[-1]
        if format not in ("csv", "xlsx") or headers not in ("labels", "codes"):
            raise Http404
        try:
            queryset = self.resource.ordered(self.resource.filtered(request, parameters, "export"))
            return export_response(request, self.resource, queryset, self.resource.columns.listed(), format, headers)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(reverse(self._page("changelist")) + query_string(request.GET))


class RecordAdmin(ResourceAdmin):
    """The list and page of a business record."""

    form: type[forms.ModelForm] = RecordForm
    change_form_template = "admin/change_form.html"
    hidden_filters: ClassVar[tuple[str, ...]] = ("created_after", "created_before", "is_sample")
    save_on_top = False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.active().search(search_term), False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = [*super().get_fieldsets(request, obj)]
        names = [name for _title, options in fieldsets for name in options["fields"]]
        if "record_version" not in names and self._may(request, "change" if obj else "add", obj):
            title, options = fieldsets[-1]
            fieldsets[-1] = (title, {**options, "fields": [*options["fields"], "record_version"]})
        return fieldsets

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        fields = {field.name for field in self.opts.fields}
        if "owner" in fields:
            initial.setdefault("owner", request.user.pk)
        return initial

    def changeform_view(self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleRecord:
            # Saved by somebody else between our reading and writing: read again, and the form reports the conflict.
            request.__dict__.pop("_record_rights", None)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        context["conflict"] = getattr(context["adminform"].form, "conflict", None)
        if record is not None and record.pk and not context.get("is_popup"):
            context.update(
                record_header=self.header(request, record),
                stage_bars=self.stage_bars(request, record),
                actions=self.record_actions(request, record),
                panels=panels.for_record(request, record),
            )
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("Reference"), ordering="created_at")
    def number(self, record: Any) -> str:
        return record.reference

    # -- the head of a record's page ------------------------------------------------------------------------------

    def header(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        archived = None
        if record.is_archived:
            archived = {"at": record.archived_at, "by": record.archived_by or _("somebody"), "reason": record.archive_reason}
        return {
            "title": str(record),
            "subtitle": self.subtitle(record),
            "reference": record.reference,
            "badges": [panels.Badge(record.label_of(flow), "blue") for flow in getattr(record, "flows", ())],
            "is_sample": record.is_sample,
            "archived": archived,
        }

    def subtitle(self, record: Any) -> str:
        """The names that the title does not show."""
        stems = ("name", "name_en", "name_zh", "name_ja", "title", "title_en", "title_zh", "title_ja")
        paths = [path for path in stems if path in record.display_paths]
        names = dict.fromkeys(getattr(record, path) for path in paths)
        return " · ".join(name for name in names if name and name != str(record))

    def record_actions(self, request: HttpRequest, record: Any) -> list[dict[str, Any]]:
        """What can be done with the record besides editing it. Subclasses and other apps extend it."""
        actions = [action for make in _record_actions.get(self.model, ()) for action in make(request, record)]
        actions.append(self._action(gettext_lazy("History"), "history", record))
        if self._may(request, "archive", record):
            if record.is_archived:
                actions.append(self._action(gettext_lazy("Restore"), "restore", record))
            else:
                actions.append(self._action(gettext_lazy("Archive"), "archive", record, tone="red"))
        return actions

    def _action(self, label: Any, page: str, record: Any, tone: str = "neutral") -> dict[str, Any]:
        return {"label": label, "url": reverse(self._page(page), args=[record.pk]), "tone": tone, "method": "get"}

    def stage_bars(self, request: HttpRequest, record: Any) -> list[dict[str, Any]]:
        if not isinstance(record, Staged):
            return []
        allowed = self._may(request, "change", record) and not record.is_archived
        return [self._stage_bar(record, flow, allowed) for flow in record.flows]

    def _stage_bar(self, record: Staged, flow: Flow, allowed: bool) -> dict[str, Any]:
        field: Any = record._meta.get_field(flow.field)
        current = getattr(record, flow.field)
        targets = flow.targets(record) if allowed else []
        steps = []
        for value, label in field.choices:
            state = "current" if value == current else "end" if value in flow.reasoned else "todo"
            if state == "todo" and flow.sequence and flow.is_before(record, value):
                state = "done"
            step: dict[str, Any] = {"value": value, "label": label, "state": state, "url": None, "post_url": None}
            if value in targets:
                address = reverse(self._page("move"), args=[record.pk, flow.field, value])
                step["url" if flow.needs_reason(record, value) else "post_url"] = address
            steps.append(step)
        return {"field": flow.field, "label": capfirst(field.verbose_name), "steps": steps}

    # -- pages beside the form -----------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=self._page(name).split(":")[1])

        return [
            page("<int:pk>/archive/", self.archive_view, "archive"),
            page("<int:pk>/restore/", self.restore_view, "restore"),
            page("<int:pk>/move/<slug:field>/<slug:to>/", self.move_view, "move"),
            *super().get_urls(),
        ]

    def _reach(self, request: HttpRequest, pk: int, action: str) -> Any:
        """The record, if the user may do this to it; 404 where it is out of sight, 403 where only the right is missing."""
        record = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        if record is None:
            raise Http404
        if not self._may(request, action, record):
            raise PermissionDenied
        return record

    def _ask(self, request: HttpRequest, record: Any, form: forms.Form, title: str, submit: str, tone: str = "neutral") -> Any:
        context = {
            **self.admin_site.each_context(request),
            "title": title, "record": record, "form": form, "submit_label": submit, "tone": tone,
            "opts": self.opts, "cancel_url": change_url(record), "media": self.media + form.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_action.html", context)

    def _carry_out(self, request: HttpRequest, form: forms.Form, record: Any, act: Any, done: str) -> bool:
        """Runs `act` if the form is right; errors of the rule go to the form's fields."""
        if not form.is_valid():
            return False
        try:
            with transaction.atomic():
                act()
        except StaleRecord:
            form.add_error(None, _("Somebody else changed this record just now. Look at it again before you go on."))
            return False
        except ValidationError as error:
            _to_form(form, error)
            return False
        messages.success(request, done % {"record": record})
        return True

    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._reach(request, pk, "archive")
        form = ReasonForm(request.POST or None)
        done = _("“%(record)s” is archived. It is kept, and can be restored.")
        if request.method == "POST" and self._carry_out(
            request, form, record, lambda: record.archive(form.cleaned_data["reason"]), done
        ):
            return HttpResponseRedirect(change_url(record))
        return self._ask(request, record, form, _("Archive this record?"), _("Archive"), "red")

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._reach(request, pk, "restore")
        form = RestoreForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and self._carry_out(
            request, form, record, record.restore, _("“%(record)s” is back in the lists.")
        ):
            return HttpResponseRedirect(change_url(record))
        return self._ask(request, record, form, _("Restore this record?"), _("Restore"))

    def move_view(self, request: HttpRequest, pk: int, field: str, to: str) -> HttpResponse:
        record = self._reach(request, pk, "change")
        flow = next((flow for flow in getattr(record, "flows", ()) if flow.field == field), None)
        if flow is None or to not in flow.choices(record):
            raise Http404
        form = move_form(record, flow, request.user, to, request.POST if request.method == "POST" else None)
        label = dict(record._meta.get_field(field).choices)[to]
        if request.method == "POST" and self._carry_out(
            request, form, record, lambda: flow.move(record, to, **form.cleaned_data), _("“%(record)s” is moved on.")
        ):
            return HttpResponseRedirect(change_url(record))
        return self._ask(request, record, form, _("Move to “%(stage)s”") % {"stage": label}, _("Move"))


_record_actions: dict[Any, list[Any]] = {}


def add_record_action(model: type[Record], make: Any) -> None:
    """Contributes actions to the pages of a lower app's record: `make(request, record)` answers a list of
    {"label", "url", "tone", "method"}."""
    _record_actions.setdefault(model, []).append(make)


def _to_form(form: forms.Form, error: ValidationError) -> None:
    """Puts a rule's errors at the form's fields, those without a field at the top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
