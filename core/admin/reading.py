"""The page on which a record is read: its head, facts and parts, the panels of the apps, its timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from core import panels, timeline
from core.admin import facts
from core.admin.head import RecordHead
from core.admin.links import change_url, record_url
from core.admin.pages import RecordPages
from core.admin.scoped import empty_unseen
from core.panels import Badge

KEPT = "_changelist_filters"  # how Django names the filters of the list that one came from


@dataclass(frozen=True)
class NextStep:
    """What is to be done next with a record; without a text nothing is planned. `field` is where it is planned."""

    text: str
    on: Any
    badge: Badge | None
    field: str


class RecordReading(RecordHead, RecordPages):
    head_fields: ClassVar[tuple[str, ...]] = ()  # told in the head: who is in charge, and where
    schemes: ClassVar[Mapping[str, str]] = {}  # fields that are links, e.g. {"phone": "tel:"}

    def get_urls(self) -> list[Any]:
        view = require_safe(self.admin_site.admin_view(self.read_view))
        others = [url for url in super().get_urls() if str(url.pattern) != "<path:object_id>/"]  # led to the form
        return [path("<int:pk>/", view, name=self._page("read").split(":")[1]), *others]

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.read_page(request, self._reach(request, pk, "view"))

    def next_step(self, request: HttpRequest, record: Any) -> NextStep | None:
        """None for records that have no such thing, or are done with."""
        return None

    def read_page(self, request: HttpRequest, record: Any, **extra: Any) -> TemplateResponse:
        empty_unseen(request, record)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "record": record,
            "title": str(record),
            "preserved_filters": self.get_preserved_filters(request),
            "edit_url": self._keeping(request, change_url(record)),
            "has_change_permission": self._may(request, "change", record),
            "media": self.media,
            **self.read_context(request, record),
            **extra,
        }
        return TemplateResponse(request, "admin/record_read.html", context)

    def read_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What the page shows; apps add to it."""
        bars = self.stage_bars(request, record)
        actions = self.record_actions(request, record)
        main = next((action for action in actions if action["tone"] == "blue"), None)
        return {
            "record_header": self.header(request, record),
            "stage_bars": bars,
            "actions": actions,
            "main_action": main,
            "other_actions": [action for action in actions if action is not main],
            "next_move": self._next_move(bars),
            "next_step": self.next_step(request, record),
            "facts": self._facts(request, record),
            "parts": facts.part_tables(request.user, record, self.get_inline_instances(request, record)),
            "panels": panels.for_record(request, record),
            **self._timeline(request, record),
        }

    def header(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        fields = [field for name in self.head_fields if (field := facts.field_of(self.model, name))]
        told = [facts.fact_of(request.user, record, field, {}) for field in fields]
        return {**super().header(request, record), "facts": [fact for fact in told if fact.values]}

    def _facts(self, request: HttpRequest, record: Any) -> facts.Facts:
        step = self.next_step(request, record)
        told = {*self.head_fields, *self.name_fields(), *((step.field, f"{step.field}_on") if step else ())}
        return facts.gathered(request.user, record, super().get_fieldsets(request, record), told, self.schemes)

    def name_fields(self) -> list[str]:
        """What the head tells as names."""
        return [path for path in self.model.display_paths if "__" not in path]

    def _next_move(self, bars: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The step that usually comes next: the first one ahead."""
        steps = (step for bar in bars if bar["sequence"] for step in bar["steps"])
        return next((step for step in steps if step["state"] == "todo" and (step["url"] or step["post_url"])), None)

    # -- the timeline --------------------------------------------------------------------------------------------------

    def _timeline(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        kind, before = (request.GET.get(name, "")[:80] for name in ("kind", "before"))
        page = timeline.page(request.user, record, kind=kind, before=before)
        address = _address(request, record)
        return {
            "timeline": page,
            "timeline_groups": _grouped(page.entries),
            "timeline_kinds": [
                {"kind": kind, "current": kind.slug == page.kind, "url": address(kind=kind.slug)} for kind in page.kinds
            ],
            "timeline_url": address(),
            "newest_url": address(kind=page.kind) if page.before else "",
            "earlier_url": address(kind=page.kind, before=page.earlier) if page.earlier else "",
        }

    # -- after saving, one reads what one has written ------------------------------------------------------------------

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._to_page(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._to_page(request, obj)

    def _to_page(self, request: HttpRequest, record: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(self._keeping(request, record_url(record)))

    def _keeping(self, request: HttpRequest, url: str) -> str:
        """With the way back to the list as it was filtered."""
        kept: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return str(add_preserved_filters(kept, url))


def _address(request: HttpRequest, record: Any) -> Any:
    """Makes addresses of this page's timeline, which keep the way back to the list."""

    def made(**parameters: str) -> str:
        query = QueryDict(mutable=True)
        if KEPT in request.GET:
            query[KEPT] = request.GET[KEPT]
        query.update({name: value for name, value in parameters.items() if value})
        return record_url(record) + (f"?{query.urlencode()}" if query else "") + "#timeline"

    return made


@dataclass
class Told:
    """An entry of the timeline and, folded below it, `others` that came of the same change."""

    shown: timeline.Shown
    others: list[timeline.Shown]


def _grouped(entries: list[timeline.Shown]) -> list[dict[str, Any]]:
    """By month; what is yet to come stands above."""
    groups: list[dict[str, Any]] = []
    for told in _folded(entries):
        shown = told.shown
        day = shown.on or timezone.localtime(shown.at).date()
        upcoming = pgettext("on a timeline", "Upcoming")
        title = upcoming if shown.is_ahead else date_format(day, "YEAR_MONTH_FORMAT")
        if not groups or groups[-1]["title"] != title:
            groups.append({"title": title, "entries": []})
        groups[-1]["entries"].append(told)
    return groups


def _folded(entries: list[timeline.Shown]) -> list[Told]:
    """Whoever stores a record with its parts makes one change, whose first entry is about the record itself."""
    found: list[Told] = []
    for shown in entries:
        last = found[-1] if found else None
        if last is not None and _belong_together(last.shown, shown):
            found[-1] = Told(shown, [last.shown, *last.others])
        else:
            found.append(Told(shown, []))
    return found


def _belong_together(later: timeline.Shown, earlier: timeline.Shown) -> bool:
    return later.entry.change != "" and later.entry.change == earlier.entry.change
