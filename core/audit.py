"""The change history (django-auditlog): which models it covers, and the actor of every entry.

An entry outlives the record and its author: it keeps the record's name and the author's user name as text.
"""

from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.db.models import Model
from django.db.models.signals import pre_save
from django.dispatch import receiver

from core.records import Part, Record
from core.request_context import current, current_user

OWN_APPS = ("core", "crm", "events", "projects")
# Bookkeeping, not content: these change with every save, or repeat what the entry itself says.
UNAUDITED_FIELDS = ("version", "updated_at", "updated_by", "created_at", "created_by", "search_text")
EXEMPT = {
    "core.WorkerBeat": "a sign of life, not a record",
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
    context, user = current(), current_user()
    if instance.pk is not None or context is None:
        return
    instance.actor = user
    instance.remote_addr = context.address
    instance.cid = context.request_id
    instance.additional_data = {**(instance.additional_data or {}), "actor_name": str(user) if user else ""}
