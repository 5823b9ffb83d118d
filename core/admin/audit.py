"""The change history as a list of its own: what was changed anywhere, as far as the reader sees the records."""

from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin
from django.utils.translation import gettext_lazy

from core.admin.accounts import LogAdmin
from core.admin.filtered import FilteredAdmin
from core.admin.navigation import SETTINGS, Nav
from core.audit_log import EntryFilterSet, kind_name
from core.history import ACTIONS, changes_of
from core.request_context import current_user


@admin.register(LogEntry)
class AuditAdmin(LogAdmin, FilteredAdmin):
    nav = Nav(SETTINGS, 160, "history")
    nav_label = gettext_lazy("Change history")
    filterset = EntryFilterSet
    list_display = ("moment", "who", "what", "kind", "record", "remote_addr")
    list_select_related = ("actor", "content_type")
    ordering = ("-timestamp", "-pk")
    sortable_by = ("moment",)  # the one order for which there is an index
    search_fields = ("object_repr",)
    fields = ("moment", "who", "what", "kind", "record", "changed_fields", "remote_addr", "cid")

    @admin.display(description=gettext_lazy("Time"), ordering="timestamp")
    def moment(self, entry: LogEntry) -> Any:
        return entry.timestamp

    @admin.display(description=gettext_lazy("By"))
    def who(self, entry: LogEntry) -> str:
        return str(entry.actor or (entry.additional_data or {}).get("actor_name", ""))

    @admin.display(description=gettext_lazy("What was done"))
    def what(self, entry: LogEntry) -> str:
        return str(ACTIONS.get(entry.action, ""))

    @admin.display(description=gettext_lazy("Kind of record"))
    def kind(self, entry: LogEntry) -> str:
        model = entry.content_type.model_class()
        return kind_name(model) if model else entry.content_type.model

    @admin.display(description=gettext_lazy("Record"))
    def record(self, entry: LogEntry) -> str:
        return entry.object_repr

    @admin.display(description=gettext_lazy("Changes"))
    def changed_fields(self, entry: LogEntry) -> str:
        return "\n".join(f"{c.label}: {c.before} → {c.after}" for c in changes_of(current_user(), entry))
