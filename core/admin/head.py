"""The head of a record's page: its names, where it stands, what can be done with it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import panels
from core.admin.lists import ResourceAdmin
from core.localized import html_language
from core.records import Record
from core.stages import Flow, Staged

_record_actions: dict[Any, list[Any]] = {}


def add_record_action(model: type[Record], make: Any) -> None:
    """Contributes actions to the pages of a lower app's record: `make(request, record)` answers a list of
    {"label", "url", "tone", "method"}."""
    _record_actions.setdefault(model, []).append(make)


def _by_name(record: Record) -> dict[str, str]:
    """The language of each of its names, as the `lang` attribute writes it."""
    languages: dict[str, str] = {}
    for name, language in record.spellings():
        if name:
            languages[name] = languages.get(name) or html_language(language)
    return languages


class RecordHead(ResourceAdmin):
    """What stands above all that a record's page tells."""

    def header(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        archived = None
        if record.is_archived:
            archived = {
                "at": record.archived_at,
                "by": record.archived_by or _("somebody"),
                "reason": record.archive_reason,
            }
        languages = _by_name(record)
        return {
            "title": str(record),
            "lang": languages.pop(str(record), ""),
            "names": [{"text": name, "lang": lang} for name, lang in languages.items()],
            "reference": record.reference,
            "badges": [panels.Badge(record.label_of(flow), "blue") for flow in getattr(record, "flows", ())],
            "is_sample": record.is_sample,
            "archived": archived,
        }

    def record_actions(self, request: HttpRequest, record: Any) -> list[dict[str, Any]]:
        """What can be done with the record besides editing it. Subclasses and other apps extend it."""
        actions = [action for make in _record_actions.get(self.model, ()) for action in make(request, record)]
        actions.append(self._action(gettext_lazy("History"), "history", record))
        if self._may(request, "archive", record):
            if record.is_archived:
                actions.append(self._action(gettext_lazy("Restore"), "restore", record, tone="blue"))
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
        return {"field": flow.field, "label": capfirst(field.verbose_name), "steps": steps, "sequence": flow.sequence}
