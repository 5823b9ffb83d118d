"""A quick look at a record beside its list: where it stands, what comes next, what happened last."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.admin.utils import display_for_value, flatten_fieldsets
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from core import panels, timeline
from core.admin.head import RecordHead
from core.admin.links import change_url, record_url
from core.admin.list_columns import text_maker
from core.choices import as_id

MOST_FACTS, MOST_ROWS, MOST_ENTRIES = 14, 3, 3
ELSEWHERE = ("next_step", "next_step_on")


@dataclass(frozen=True)
class Fact:
    label: str
    value: Any
    is_long: bool


class PeekPage(RecordHead):
    """Mixin of record pages. The answer is a part of a page, for the panel beside the list."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.peek_view)
        return [path("<int:pk>/peek/", view, name=self._page("peek").split(":")[1]), *super().get_urls()]

    def peek_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.get_object(request, str(pk)) if as_id(pk) else None
        if record is None:
            raise Http404
        context = {
            "record_header": self.header(request, record),
            "lang": getattr(record, "language", ""),
            "facts": self.facts(request, record),
            "next_step": getattr(record, "next_step", ""),
            "next_step_on": getattr(record, "next_step_on", None),
            "has_next_step": hasattr(record, "next_step"),
            "panels": [
                replace(panel, rows=panel.rows[:MOST_ROWS])
                for panel in panels.for_record(request, record)
                if panel.rows
            ],
            "latest": timeline.page(request.user, record, size=MOST_ENTRIES).entries,
            "url": record_url(record),
            "edit_url": change_url(record),
            "may_change": self._may(request, "change", record),
            "names": self.opts.verbose_name,
        }
        response = TemplateResponse(request, "admin/peek.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def facts(self, request: HttpRequest, record: Any) -> list[Fact]:
        """The filled fields of the form that the head does not tell, in the order of the form."""
        names = flatten_fieldsets(self.get_fieldsets(request, record))
        columns = {column.code: column for column in self.resource.columns.listed()}
        told = {*record.display_paths, *ELSEWHERE, *(flow.field for flow in getattr(record, "flows", ()))}
        wanted = [columns.get(f"{name}_display") or columns.get(name) for name in names if name not in told]
        chosen = [column for column in wanted if column is not None and column.kind != "parts"]
        row = next(
            iter(self.resource.columns.rows(type(record)._base_manager.filter(pk=record.pk), request.user, chosen))
        )
        found = []
        for column, value in zip(chosen, row[1], strict=True):
            shown = display_for_value(text_maker(column)(value), "")
            if value is not None and str(shown):
                found.append(Fact(str(column.label), shown, len(str(shown)) > 40))
        return found[:MOST_FACTS]
