"""The change history of a record in words: who, when, what it was before and after, in the reader's language."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from auditlog.models import LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.audit import entries_for
from core.localized import joined
from core.merges import with_merged

ACTIONS = {
    LogEntry.Action.CREATE: gettext_lazy("Created"),
    LogEntry.Action.UPDATE: gettext_lazy("Changed"),
    LogEntry.Action.DELETE: gettext_lazy("Removed"),
}


@dataclass(frozen=True)
class FieldChange:
    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One entry. `is_part`: it is about a part of the record (an alias, a party) or about another one that was merged
    into it, named by `object`."""

    id: int
    at: datetime.datetime
    by: int | None
    by_name: str
    address: str
    request_id: str
    action: str
    action_label: str
    object: str
    is_part: bool
    changes: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True)
class Names:
    """What the reader may read of the records that entries point at; `found` holds those in reach by model and id."""

    user: Any
    found: dict[tuple[type[Model], str], str]

    def of_links(self, links: Any, names: Iterable[str]) -> str:
        """The log knows many-to-many links by name alone: of restricted records nobody can say which are in reach."""
        target = getattr(links, "related_model", None)
        hidden = target is not None and not (
            access.may(self.user, "view", target) and (access.sees_all(self.user) or not access.is_restricted(target))
        )
        return "…" if hidden else joined(names)


def readable(user: Any, record: Model, newest: int = 200) -> list[Entry]:
    """The newest entries about the record and its parts; related records that `user` may not see stay unnamed."""
    return readable_entries(user, record, list(entries_for(record)[:newest]))


def readable_entries(user: Any, record: Model, entries: list[LogEntry]) -> list[Entry]:
    """These entries about the record, its parts and those merged into it, likewise."""
    names = _related_names(user, entries)
    return [_entry(entry, record, names) for entry in entries]


def changes_of(user: Any, entry: LogEntry) -> list[FieldChange]:
    """What one entry changed, in words; nothing where its kind of record is no longer part of the product."""
    if entry.content_type.model_class() is None:
        return []
    model: Any = entry.content_type.model_class()
    return _changes(model, entry, _related_names(user, [entry]))


def _entry(entry: LogEntry, record: Model, names: Names) -> Entry:
    model: Any = entry.content_type.model_class()
    return Entry(
        id=entry.pk,
        at=entry.timestamp,
        by=entry.actor_id,
        by_name=str(entry.actor) if entry.actor else (entry.additional_data or {}).get("actor_name", ""),
        address=entry.remote_addr or "",
        request_id=entry.cid or "",
        action=_ACTION_CODES[entry.action],
        action_label=str(ACTIONS.get(entry.action, "")),
        object=f"{capfirst(model._meta.verbose_name)}: {entry.object_repr}",
        is_part=model is not type(record) or entry.object_id != record.pk,
        changes=_changes(model, entry, names),
    )


_ACTION_CODES = {
    LogEntry.Action.CREATE: "create",
    LogEntry.Action.UPDATE: "update",
    LogEntry.Action.DELETE: "delete",
    LogEntry.Action.ACCESS: "access",
}


def _changes(model: Any, entry: LogEntry, names: Names) -> list[FieldChange]:
    """The fields that read differently now; 350000000 and 350000000.00 are the same amount."""
    changed = (_change(model, name, value, names) for name, value in (entry.changes_dict or {}).items() if name != "id")
    return [change for change in changed if change.before != change.after]


def _change(model: type[Model], name: str, value: Any, names: Names) -> FieldChange:
    try:
        model_field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        model_field = None
    label = str(capfirst(model_field.verbose_name)) if model_field else name
    if isinstance(value, dict):  # a many-to-many change
        listed = names.of_links(model_field, value.get("objects", ()))
        added = value.get("operation") == "add"
        return FieldChange(name, label, "" if added else listed, listed if added else "")
    before, after = (_word(model_field, text, names) for text in value)
    return FieldChange(name, label, before, after)


def _word(model_field: Any, text: Any, names: Names) -> str:
    if text in (None, "", "None"):
        return ""
    if model_field is None:
        return str(text)
    if model_field.is_relation:
        return names.found.get((model_field.related_model, str(text)), "…")
    if getattr(model_field, "choices", None):
        return str(dict(model_field.flatchoices).get(text, text))
    if model_field.get_internal_type() == "DecimalField":
        return number_format(Decimal(str(text)), model_field.decimal_places)
    if text in ("True", "False"):
        return _("Yes") if text == "True" else _("No")
    if model_field.get_internal_type() == "DateTimeField" and (moment := parse_datetime(str(text))):
        aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment, datetime.UTC)
        return date_format(timezone.localtime(aware), "DATETIME_FORMAT")
    return str(text)


def _related_names(user: Any, entries: Iterable[LogEntry]) -> Names:
    """Names of the records that foreign keys in the entries point at, one query per model."""
    wanted: dict[Any, set[str]] = {}
    for entry in entries:
        model: Any = entry.content_type.model_class()
        for name, value in (entry.changes_dict or {}).items():
            relation = next((f for f in model._meta.concrete_fields if f.name == name and f.is_relation), None)
            if relation is not None and isinstance(value, list):
                wanted.setdefault(relation.related_model, set()).update(str(v) for v in value if str(v).isdigit())
    found = {
        (model, str(pk)): str(record)
        for model, pks in wanted.items()
        for pk, record in access.scoped(user, with_merged(model)).in_bulk([int(pk) for pk in pks]).items()
    }
    return Names(user, found)
