"""What the core itself tells on every timeline: moves from stage to stage, and the change history."""

from collections.abc import Iterable, Iterator
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, history, timeline
from core.audit import entries_for
from core.stages import Flow, Staged
from core.timeline import Change, Entry, Source

STAGES = timeline.kind("stages", gettext_lazy("Stages"), "check", 70)
CHANGES = timeline.kind("changes", gettext_lazy("Changes"), "history", 90)


@timeline.everywhere
def moves(record: Model) -> Iterator[Source]:
    """One source for each flow of the record."""
    for flow in record.flows if isinstance(record, Staged) else ():
        yield Source(f"moves-{flow.field}", STAGES, "changed_at", _moves_of(flow), _move_entries(flow))


def _moves_of(flow: Flow) -> Any:
    def rows(user: Any, record: Any) -> QuerySet[Any]:
        changes = access.scoped(user, getattr(record, flow.changes).exclude(from_value=""))  # that one is the creation
        related = [name for name in changes.model.details() if changes.model._meta.get_field(name).is_relation]
        return changes.select_related("changed_by", *related)

    return rows


def _move_entries(flow: Flow) -> Any:
    def entries(user: Any, record: Any, rows: list[Any]) -> Iterator[Entry]:
        label = capfirst(record._meta.get_field(flow.field).verbose_name)
        for row in rows:
            # The row knows the record by its id alone, and needs no more.
            title = _("%(field)s: %(from)s → %(to)s") % {"field": label, "from": row.from_label, "to": row.to_label}
            yield Entry(title, actor=str(row.changed_by or ""), detail=_why(row))

    return entries


def _why(row: Any) -> str:
    """The further fields of the move and its reason; records that not all staff share stay unnamed."""
    told = []
    for name in row.details():
        target, value = row._meta.get_field(name).related_model, getattr(row, name)
        if value and not (target and access.is_restricted(target)):
            told.append(date_format(value, "DATE_FORMAT") if hasattr(value, "strftime") else str(value))
    return " · ".join([*told, *filter(None, [row.reason])])


@timeline.everywhere
def changes(record: Model) -> Iterator[Source]:
    yield Source("log", CHANGES, "timestamp", _log_of, _log_entries)


def _log_of(user: Any, record: Any) -> QuerySet[LogEntry] | None:
    if not access.may_read_history(user, type(record)):
        return None
    entries: QuerySet[LogEntry] = entries_for(record)
    own = {"content_type": ContentType.objects.get_for_model(record), "action": LogEntry.Action.UPDATE}
    for flow in getattr(record, "flows", ()):  # the move itself is told above, with its reason
        entries = entries.exclude(**own, changes__has_key=flow.field)
    return entries


def _log_entries(user: Any, record: Any, rows: list[LogEntry]) -> Iterable[Entry]:
    return [_log_entry(told) for told in history.readable_entries(user, record, rows)]


def _log_entry(told: history.Entry) -> Entry:
    merging = next((change for change in told.changes if change.field == "merged_into"), None)
    if merging is not None:
        title = _("Merged") if merging.after else _("Merge undone")
        return Entry(f"{title} · {told.object}", actor=told.by_name, detail=merging.after, change=told.request_id)
    archiving = next((change for change in told.changes if change.field == "archived_at"), None)
    if archiving is not None:
        reason = next((change.after for change in told.changes if change.field == "archive_reason"), "")
        title = _("Archived") if archiving.after else _("Restored")
        return Entry(title, actor=told.by_name, detail=reason, change=told.request_id)
    title = f"{told.action_label} · {told.object}" if told.is_part else told.action_label
    changes = [Change(change.label, change.before, change.after) for change in told.changes]
    shown = changes if told.action == "update" else ()
    return Entry(title, actor=told.by_name, changes=shown, change=told.request_id)
