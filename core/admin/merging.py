"""Merging on the staff site: the choice of the other record, the page that shows what would happen, and undoing it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, resources
from core.admin import facts
from core.admin.bulk import BulkPages
from core.admin.links import change_url, list_url, record_url
from core.admin.widgets import RecordSelect
from core.choices import as_id
from core.filters import filter_names
from core.merge_moves import Relation
from core.merges import Merge, numbered, with_merged
from core.merging import ITSELF, Choice, Move, Preview, may_merge, merge
from core.panels import Panel, Row
from core.records import Part, StaleRecord
from core.unmerging import obstacles, unmerge

CHANGED = gettext_lazy("One of the two was changed since you looked. This is how they are now: look again, then merge.")
GONE = gettext_lazy("The other record is not there any more.")
TICK_TWO = gettext_lazy("Tick exactly two records to merge them.")


def merge_url(kept: Any, other: Any = None) -> str:
    """Where merging is looked at; without another record, where that is chosen."""
    address = reverse(f"admin:{kept._meta.app_label}_{kept._meta.model_name}_merge", args=[kept.pk])
    return f"{address}?{urlencode({'with': other.pk})}" if other is not None else address


def unmerge_url(kept: Any, other_pk: Any) -> str:
    return reverse(f"admin:{kept._meta.app_label}_{kept._meta.model_name}_unmerge", args=[kept.pk, other_pk])


def merged_panel(request: Any, record: Any) -> Panel | None:
    """What was merged into a record; each leads to where that is undone."""
    done = list(Merge.into(record).filter(undone_at__isnull=True)) if record.pk else []
    if not done:
        return None
    others = with_merged(type(record)).in_bulk([merge.merged for merge in done])
    rows = [
        Row(
            (numbered(others[merge.merged]), _when(merge.created_at), str(merge.created_by or "")),
            unmerge_url(record, merge.merged) if may_merge(request.user, record) else None,
        )
        for merge in done
    ]
    columns = (_("Record"), _("Merged at"), _("By"))
    return Panel("merged", _("Merged into this record"), columns, rows, count=len(rows))


def _when(moment: Any) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")


class ChooseForm(forms.Form):
    """Which other record is meant."""

    def __init__(self, relation: Any, site: Any, kept: Any, records: Any, data: Any) -> None:
        super().__init__(data)
        self.kept = kept
        choice: Any = forms.ModelChoiceField(records, label=gettext_lazy("Other record"))
        choice.widget = RecordSelect(relation, site, choices=choice.choices)
        self.fields["with"] = choice

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("with") == self.kept:
            self.add_error("with", ITSELF)
        return self.cleaned_data


class UndoForm(forms.Form):
    """Nothing to fill in; the page asks for confirmation, and knows which version it showed."""

    version = forms.IntegerField(widget=forms.HiddenInput())


class MergePages(BulkPages):
    """Mixin of record pages: two are made one, and the address of the one that is gone leads to the other."""

    actions = (*BulkPages.actions, "merge_chosen")  # type: ignore[assignment]

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=self._page(name).split(":")[1])

        return [
            page("<int:pk>/merge/", self.merge_view, "merge"),
            page("<int:pk>/unmerge/<int:other>/", self.unmerge_view, "unmerge"),
            *super().get_urls(),
        ]

    def record_actions(self, request: HttpRequest, record: Any) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = super().record_actions(request, record)  # type: ignore[misc]
        if self._may_merge(request, record) and not record.is_archived:
            label = gettext_lazy("Merge with another record…")
            actions.insert(0, {"label": label, "url": merge_url(record), "tone": "neutral", "method": "get"})
        return actions

    def _may_merge(self, request: HttpRequest, record: Any) -> bool:
        return self._may(request, "change", record) and self._may(request, "archive", record)

    @admin.action(description=gettext_lazy("Merge…"), permissions=["archive"])
    def merge_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) != 2:
            messages.error(request, TICK_TWO)
            return None  # Django shows the list again
        return HttpResponseRedirect(merge_url(*chosen))

    # -- the address of a record that was merged -----------------------------------------------------------------------

    def _elsewhere(self, request: HttpRequest, pk: Any, address: Any = record_url) -> HttpResponse | None:
        """To the record that it was merged into, if it was."""
        reached = access.scoped(request.user, with_merged(self.model))
        record = reached.filter(pk=pk, merged_into__isnull=False).first() if as_id(pk) else None
        if record is None:
            return None
        messages.info(request, _("%(record)s was merged into this record.") % {"record": numbered(record)})
        return HttpResponsePermanentRedirect(address(record.merged_into))

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        page: HttpResponse = self._elsewhere(request, pk) or super().read_view(request, pk)  # type: ignore[misc]
        return page

    def changeform_view(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self._elsewhere(request, object_id, change_url) or super().changeform_view(
            request, object_id, *args, **kwargs
        )

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._elsewhere(request, object_id) or super().history_view(request, object_id, *args, **kwargs)

    # -- looking, and doing it -----------------------------------------------------------------------------------------

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if (page := self._elsewhere(request, pk)) is not None:
            return page
        kept = self._reach(request, pk, "archive")
        if not self._may_merge(request, kept):
            raise PermissionDenied
        form = self._choice(request, kept)
        if not form.is_valid():
            return self._choose(request, kept, form)
        preview = Preview(request.user, kept, form.cleaned_data["with"])
        return self._do(request, preview) if request.method == "POST" else self._show(request, preview)

    def _choice(self, request: HttpRequest, kept: Any) -> ChooseForm:
        records = access.scoped(request.user, self.model)
        asked = {"with": request.GET["with"]} if "with" in request.GET else None
        return ChooseForm(self.model._meta.get_field("merged_into"), self.admin_site, kept, records, asked)

    def _choose(self, request: HttpRequest, kept: Any, form: ChooseForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge with another record"), "opts": self.opts, "record": kept, "form": form,
            "cancel_url": record_url(kept), "media": self.media + form.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/merge_choose.html", context)

    def _do(self, request: HttpRequest, preview: Preview) -> HttpResponse:
        kept, other = preview.kept, preview.other
        winners = {c.field.name: request.POST.get(f"field-{c.field.name}", c.default) for c in preview.choices}
        try:
            versions = {kept.pk: _number(request, "kept_version"), other.pk: _number(request, "other_version")}
            merge(request.user, self.model, kept.pk, other.pk, winners=winners, versions=versions)
        except StaleRecord:
            fresh = [self.model._base_manager.get(pk=record.pk) for record in (kept, other)]
            return self._show(request, Preview(request.user, *fresh), [str(CHANGED)])
        except LookupError:
            return self._show(request, preview, [str(GONE)])
        except ValidationError as error:
            return self._show(request, preview, error.messages, winners)
        done = _("%(other)s was merged into this record.") % {"other": numbered(other)}
        link = format_html(' <a href="{}">{}</a>', unmerge_url(kept, other.pk), _("Undo"))
        messages.success(request, format_html("{}{}", done, link))
        return HttpResponseRedirect(record_url(kept))

    def _show(
        self, request: HttpRequest, preview: Preview, errors: list[str] | None = None, winners: Any = None
    ) -> HttpResponse:
        rows = [self._row(request, preview, choice, winners or {}) for choice in preview.choices]
        stops = [message for error in preview.obstacles() for message in error.messages]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge these two records?"), "opts": self.opts, "media": self.media,
            "kept": preview.kept, "other": preview.other, "record": preview.kept,
            "different": [row for row in rows if not row["same"]],
            "same": [row for row in rows if row["same"] and row["kept"]],
            "moves": [self._move(preview, move) for move in preview.moves()],
            "may_hide_some": preview.may_hide_some,
            "errors": errors or [], "stops": stops,
            "swap_url": merge_url(preview.other, preview.kept),
            "cancel_url": record_url(preview.kept), "other_url": record_url(preview.other),
        }  # fmt: skip
        return TemplateResponse(request, "admin/merge.html", context)

    def _row(
        self, request: HttpRequest, preview: Preview, choice: Choice, winners: Mapping[str, str]
    ) -> dict[str, Any]:
        shown = [
            _text(request, record, choice.field, value)
            for record, value in ((preview.kept, choice.kept), (preview.other, choice.other))
        ]
        return {
            "name": f"field-{choice.field.name}",
            "label": capfirst(choice.field.verbose_name),
            "kept": shown[0],
            "other": shown[1],
            "same": choice.is_same,
            "winner": winners.get(choice.field.name, choice.default),
        }

    def _move(self, preview: Preview, move: Move) -> dict[str, Any]:
        relation = move.relation
        return {
            "label": relation.label,
            "count": move.count,
            "url": _list_of(preview.other, relation) if move.count else "",
            "doubles": [relation.row_name(row) for row in move.doubles],
            "own": relation.own,
        }

    # -- taking it back ------------------------------------------------------------------------------------------------

    def unmerge_view(self, request: HttpRequest, pk: int, other: int) -> HttpResponse:
        kept = self._reach(request, pk, "archive")
        done = Merge.standing(kept, other) if as_id(other) else None
        if done is None:
            raise Http404
        if not self._may_merge(request, kept):
            raise PermissionDenied
        record = self.model._base_manager.get(pk=done.merged)
        if request.method == "POST":
            return self._undo(request, kept, record, done)
        return self._ask_undo(request, kept, record, done, obstacles(request.user, done))

    def _undo(self, request: HttpRequest, kept: Any, record: Any, done: Merge) -> HttpResponse:
        try:
            unmerge(request.user, done, version=_number(request, "version"))
        except StaleRecord:
            return self._ask_undo(request, kept, record, done, [ValidationError(CHANGED)])
        except ValidationError as error:
            return self._ask_undo(request, kept, record, done, [error])
        messages.success(request, _("The merge is undone: %(record)s is back.") % {"record": numbered(record)})
        return HttpResponseRedirect(record_url(record))

    def _ask_undo(
        self, request: HttpRequest, kept: Any, record: Any, done: Merge, errors: list[ValidationError]
    ) -> HttpResponse:
        form = UndoForm(initial={"version": kept.version})
        response = self._ask(request, kept, form, _("Undo this merge?"), _("Undo the merge"))
        response.template_name = "admin/unmerge.html"
        response.context_data |= {
            "stops": [message for error in errors for message in error.messages], "other": record, "merge": done,
        }  # fmt: skip
        return response


def _number(request: HttpRequest, name: str) -> int:
    return as_id(request.POST.get(name, "")) or 0


def _text(request: HttpRequest, record: Any, field: Any, value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(told.text for told in facts.fact_of(request.user, record, field, {}).values)


def _list_of(other: Any, relation: Relation) -> str:
    """The list of what would move, where there is one."""
    model: Any = relation.shown_model
    name = relation.link.name if relation.link else relation.key.name
    if issubclass(model, Part):
        model = access.whole_of(model)
    if relation.own or name not in filter_names(resources.for_model(model).filterset):
        return ""
    return list_url(model, **{name: other.pk, "archived": "all"})
