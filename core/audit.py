"""The change history (django-auditlog): which models it covers, and the actor of every entry.

An entry outlives the record and its author: it keeps the record's name and the author's user name as text.
"""

import datetime
import ipaddress
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Any

from auditlog.diff import get_field_value
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import DateTimeField, JSONField, Model, Q, QuerySet
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from core.bulk_insert import bulk_insert, insert_rows
from core.merges import Mergeable, absorbed
from core.records import Part, Record
from core.request_context import current, current_user

OWN_APPS = ("core", "crm", "events", "projects")
# Bookkeeping, not content: these change with every save, or repeat what the entry itself says.
UNAUDITED_FIELDS = ("version", "updated_at", "updated_by", "created_at", "created_by", "search_text")
ALSO = ("auth.Group",)  # what people edit of Django's own
EXEMPT = {
    "core.WorkerBeat": "a sign of life, not a record",
    "core.KeptAnswer": "answers kept for repeated requests; what they did is audited where it was done",
    "core.ExportLog": "is itself a log that nobody can edit",
    "core.SignIn": "is itself a log that nobody can edit",
    "core.Session": "its beginning and end are in the log of sign-ins",
    "core.Import": "is itself a log; what it brings in is audited record by record",
    "core.ImportedRecord": "points to records that have entries of their own",
    "core.ImportMapping": "a convenience, renewed with every import",
    "core.Merge": "is itself a log; what it changes is audited record by record",
}


def audited_models() -> list[type[Model]]:
    own = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    return [model for model in own if model._meta.label not in EXEMPT] + [apps.get_model(label) for label in ALSO]


def register_all() -> None:
    """Every model of ours is audited unless `EXEMPT` says why not."""
    for model in audited_models():
        # Reverse relations are audited where the row is: as changes of the part, with the part's own entry.
        excluded = [field.name for field in model._meta.get_fields() if field.auto_created and not field.concrete]
        if issubclass(model, Record):
            excluded += UNAUDITED_FIELDS
        if model._meta.label == "core.User":
            excluded += ["password", "last_login", "list_settings"]
        if model._meta.label in ("core.ApiToken", "core.CalendarFeed"):
            excluded += ["digest", "last_used_at", "last_used_address"]
        many = {field.name for field in model._meta.local_many_to_many}
        auditlog.register(model, exclude_fields=excluded, m2m_fields=many)


def entries_for(record: Model) -> Any:
    """The history of a record and of its parts, and of the records that were merged into it, newest first."""
    entries = LogEntry.objects.get_for_object(record)
    if isinstance(record, Mergeable):
        merged = absorbed(record).values("pk")
        entries = entries | LogEntry.objects.get_for_model(type(record)).filter(object_id__in=merged)
    for relation in record._meta.related_objects:
        part: Any = relation.related_model
        if issubclass(part, Part) and part.whole == relation.field.name:
            entries = entries | LogEntry.objects.get_for_model(part).filter(object_id__in=_part_ids(part, record))
    return entries.select_related("actor", "content_type").order_by("-timestamp", "-pk")


_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_NUMBER = re.compile(r"([A-Z]+)-(\d{1,18})", re.ASCII)


def search(entries: QuerySet[LogEntry], text: str) -> QuerySet[LogEntry]:
    """The entries that fit every word: a day (2024-07-02, 2024-07, 2024), the number of a record (L-000123), or part of
    a record's name, of the name of who did it, an address or a request id."""
    for word in text.replace("\x00", "\ufffd").split():
        entries = entries.filter(_in_period(word) or _about_number(word) or _from_address(word) or _named(word))
    return entries


def _in_period(word: str) -> Q | None:
    """In the active time zone."""
    if (found := _DAY.fullmatch(word)) is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = datetime.date(year or 1, month or 1, day or 1)
        after = first + datetime.timedelta(days=1 if day else 31 if month else 366)
    except (ValueError, OverflowError):
        return None
    after = after if day else after.replace(day=1) if month else after.replace(month=1, day=1)
    start, end = (timezone.make_aware(datetime.datetime.combine(date, datetime.time.min)) for date in (first, after))
    return Q(timestamp__gte=start, timestamp__lt=end)


def _about_number(word: str) -> Q | None:
    if (found := _NUMBER.fullmatch(word.upper())) is None:
        return None
    prefix, number = found.groups()
    models = [model for model in audited_models() if getattr(model, "reference_prefix", "") == prefix]
    kinds = ContentType.objects.get_for_models(*models).values()
    return Q(content_type__in=kinds, object_id=int(number)) if models else None


def _from_address(word: str) -> Q | None:
    try:
        return Q(remote_addr=str(ipaddress.ip_address(word)))
    except ValueError:
        return None


def _named(word: str) -> Q:
    people = get_user_model()._base_manager.filter(Q(username__icontains=word) | Q(full_name__icontains=word))
    return (
        Q(object_repr__icontains=word)
        | Q(actor__in=people.values("pk"))
        | Q(additional_data__actor_name__icontains=word)
        | Q(cid=word)
    )


def _part_ids(part: Any, record: Model) -> set[int]:
    """The parts that the record has, and those whose removal from it the log remembers."""
    present = part._base_manager.filter(**{part.whole: record.pk}).values_list("pk", flat=True)
    removals = LogEntry.objects.get_for_model(part).filter(action=LogEntry.Action.DELETE)
    removed = removals.filter(**{f"changes__{part.whole}__0": str(record.pk)}).values_list("object_id", flat=True)
    return {*present, *removed}


@receiver(pre_save, sender=LogEntry, dispatch_uid="liaison-actor")
def name_the_actor(sender: Any, instance: LogEntry, **kwargs: Any) -> None:
    if not instance._state.adding:
        raise RuntimeError("An entry of the change history is never changed")
    for name, value in _author().items():
        setattr(instance, name, value)


@receiver(pre_delete, sender=LogEntry, dispatch_uid="liaison-entries-stay")
def keep(sender: Any, instance: LogEntry, **kwargs: Any) -> None:
    raise RuntimeError("An entry of the change history goes only with `clear_history`, by its age")


KEPT_FOR = datetime.timedelta(days=365)


def clear_before(moment: datetime.datetime) -> int:
    """Removes the entries before the moment, leaves one that says so, and answers how many went.

    Raises ValueError for a moment within `KEPT_FOR`.
    """
    if moment > timezone.now() - KEPT_FOR:
        raise ValueError("Entries of the last 365 days are kept.")
    old = LogEntry.objects.filter(timestamp__lt=moment)
    with transaction.atomic():
        count: int = old._raw_delete(old.db)  # without the signal above, and without reading them all
        kind = ContentType.objects.get_for_model(LogEntry)
        LogEntry.objects.create(
            action=LogEntry.Action.DELETE,
            content_type=kind,
            object_pk="",
            object_repr=f"{count} < {moment.date()}",
            changes={},
        )
    return count


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
    by_model: dict[type[Model], list[Model]] = {}
    for record in records:
        by_model.setdefault(type(record), []).append(record)
    for model, some in by_model.items():
        _store_creations(model, some)


def record_changes(pairs: Iterable[tuple[Model, Model]]) -> None:
    """Writes down records that `update` or `bulk_update` has changed, each as it was and as it is now."""
    _store(_entry(LogEntry.Action.UPDATE, after, _texts(before), _texts(after)) for before, after in pairs)


def record_removals(records: Iterable[Model]) -> None:
    """Writes down records, as they were, that were deleted without the ORM's signals."""
    _store(_entry(LogEntry.Action.DELETE, record, _texts(record), {}) for record in records)


def record_links(links: Iterable[tuple[Model, str, Sequence[Model]]], operation: str = "add") -> None:
    """Writes down rows of many-to-many relations that were stored in bulk: (record, name of the field, what was added);
    or, with the operation `delete`, what was removed.

    The entry is the one that `add` or `remove` would have left.
    """
    _store(
        _entry_of(LogEntry.Action.UPDATE, record, {name: {"type": "m2m", "operation": operation, "objects": told}})
        for record, name, linked in links
        if (told := [str(one) for one in linked])
    )


def _store_creations(model: type[Model], records: Sequence[Model]) -> None:
    """Of these there may be many, so no entry becomes an instance."""
    kind = ContentType.objects.get_for_model(model)
    author = _author()
    actor = author.pop("actor", None)
    same = {"content_type_id": kind.pk, "action": LogEntry.Action.CREATE, "actor_id": actor and actor.pk, **author}
    pks = [record.pk for record in records]
    insert_rows(
        LogEntry,
        len(pks),
        same,
        object_pk=[str(pk) for pk in pks],
        object_id=pks,
        object_repr=[str(record) for record in records],
        changes=[_first_values(record) for record in records],
    )


def _first_values(record: Model) -> dict[str, tuple[str, str]]:
    values = record.__dict__
    found = {}
    for field, is_special in _marked_fields(type(record)):
        value = _text(record, field) if is_special else values[field.attname]
        if value is not None and (text := value if type(value) is str else str(value)) != NOTHING:
            found[field.name] = (NOTHING, text)
    return found


@cache
def _marked_fields(model: type[Model]) -> list[tuple[Any, bool]]:
    """The audited fields, and whether auditlog writes a value of theirs in a way of its own."""
    special = DateTimeField | JSONField
    return [(field, isinstance(field, special)) for field in _audited_fields(model)]


def _store(entries: Iterable[LogEntry | None]) -> None:
    present = filter(None, entries)
    with transaction.atomic():
        while some := list(islice(present, ROWS_AT_ONCE)):
            bulk_insert(some)


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
