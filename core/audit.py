"""The change history (django-auditlog): which models it covers, and the actor of every entry.

An entry outlives the record and its author: it keeps the record's name and the author's user name as text.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Any

from auditlog.diff import get_field_value
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import DateTimeField, JSONField, Model
from django.db.models.signals import pre_save
from django.dispatch import receiver

from core.records import Part, Record
from core.request_context import current, current_user

OWN_APPS = ("core", "crm", "events", "projects")
# Bookkeeping, not content: these change with every save, or repeat what the entry itself says.
UNAUDITED_FIELDS = ("version", "updated_at", "updated_by", "created_at", "created_by", "search_text")
EXEMPT = {
    "core.WorkerBeat": "a sign of life, not a record",
    "core.KeptAnswer": "answers kept for repeated requests; what they did is audited where it was done",
    "core.ExportLog": "is itself a log that nobody can edit",
}


def audited_models() -> list[type[Model]]:
    return [
        model
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
        if model._meta.label not in EXEMPT
    ]


def register_all() -> None:
    """Every model of ours is audited unless `EXEMPT` says why not."""
    for model in audited_models():
        # Reverse relations are audited where the row is: as changes of the part, with the part's own entry.
        excluded = [field.name for field in model._meta.get_fields() if field.auto_created and not field.concrete]
        if issubclass(model, Record):
            excluded += UNAUDITED_FIELDS
        if model._meta.label == "core.User":
            excluded += ["password", "last_login"]
        if model._meta.label == "core.ApiToken":
            excluded += ["digest", "last_used_at"]
        many = {field.name for field in model._meta.local_many_to_many}
        auditlog.register(model, exclude_fields=excluded, m2m_fields=many)


def entries_for(record: Model) -> Any:
    """The history of a record and of its parts, newest first."""
    entries = LogEntry.objects.get_for_object(record)
    for relation in record._meta.related_objects:
        part: Any = relation.related_model
        if issubclass(part, Part) and part.whole == relation.field.name:
            entries = entries | LogEntry.objects.get_for_model(part).filter(object_id__in=_part_ids(part, record))
    return entries.select_related("actor", "content_type").order_by("-timestamp", "-pk")


def _part_ids(part: Any, record: Model) -> set[int]:
    """The parts that the record has, and those whose removal from it the log remembers."""
    present = part._base_manager.filter(**{part.whole: record.pk}).values_list("pk", flat=True)
    removals = LogEntry.objects.get_for_model(part).filter(action=LogEntry.Action.DELETE)
    removed = removals.filter(**{f"changes__{part.whole}__0": str(record.pk)}).values_list("object_id", flat=True)
    return {*present, *removed}


@receiver(pre_save, sender=LogEntry, dispatch_uid="liaison-actor")
def name_the_actor(sender: Any, instance: LogEntry, **kwargs: Any) -> None:
    if instance.pk is None:
        for name, value in _author().items():
            setattr(instance, name, value)


def _author() -> dict[str, Any]:
    """Who acts now, as fields of an entry. The name is kept as text, because accounts may go."""
    context, user = current(), current_user()
    if context is None:
        return {}
    name = {"actor_name": str(user) if user else ""}
    return {"actor": user, "remote_addr": context.address, "cid": context.request_id, "additional_data": name}


# -- bulk writes, which send no signals: these are called beside them, in the same transaction ------------------------

ROWS_AT_ONCE = 1000
NOTHING = "None"  # how an entry writes that there was, or is, no value


def record_creations(records: Iterable[Model]) -> None:
    """Writes down records of one or several models that `bulk_create` has stored (they have their primary keys)."""
    _store(_entry(LogEntry.Action.CREATE, record, {}, _texts(record)) for record in records)


def record_changes(pairs: Iterable[tuple[Model, Model]]) -> None:
    """Writes down records that `update` or `bulk_update` has changed, each as it was and as it is now."""
    _store(_entry(LogEntry.Action.UPDATE, after, _texts(before), _texts(after)) for before, after in pairs)


def record_removals(records: Iterable[Model]) -> None:
    """Writes down records, as they were, that were deleted without the ORM's signals."""
    _store(_entry(LogEntry.Action.DELETE, record, _texts(record), {}) for record in records)


def record_links(links: Iterable[tuple[Model, str, Sequence[Model]]]) -> None:
    """Writes down rows of many-to-many relations that were stored in bulk: (record, name of the field, what was added).

    The entry is the one that `add` would have left.
    """
    _store(
        _entry_of(LogEntry.Action.UPDATE, record, {name: {"type": "m2m", "operation": "add", "objects": added}})
        for record, name, linked in links
        if (added := [str(one) for one in linked])
    )


def _store(entries: Iterable[LogEntry | None]) -> None:
    present = filter(None, entries)
    with transaction.atomic():
        while some := list(islice(present, ROWS_AT_ONCE)):
            LogEntry.objects.bulk_create(some)


def _entry(action: int, record: Model, before: dict[str, str], after: dict[str, str]) -> LogEntry | None:
    """None where nothing changed."""
    values = ((name, before.get(name, NOTHING), after.get(name, NOTHING)) for name in before | after)
    changes = {name: (old, new) for name, old, new in values if old != new}
    return _entry_of(action, record, changes) if changes else None


def _entry_of(action: int, record: Model, changes: dict[str, Any]) -> LogEntry:
    kind = ContentType.objects.get_for_model(record)
    about = {"content_type": kind, "object_pk": record.pk, "object_id": record.pk, "object_repr": str(record)}
    return LogEntry(action=action, changes=changes, **about, **_author())


def _texts(record: Model) -> dict[str, str]:
    """The audited values as an entry writes them; the same as auditlog's own, at a fifth of its time."""
    return {field.name: _text(record, field) for field in _audited_fields(type(record))}


def _text(record: Model, field: Any) -> str:
    special = isinstance(field, DateTimeField | JSONField)
    return str(get_field_value(record, field) if special else getattr(record, field.attname))


@cache
def _audited_fields(model: type[Model]) -> list[Any]:
    excluded = auditlog.get_model_fields(model)["exclude_fields"]
    return [field for field in model._meta.concrete_fields if field.name not in excluded]
