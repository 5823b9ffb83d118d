"""Taking a whole import back: the only place in the product that deletes business records."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access
from core.imports import kinds
from core.imports.models import Import, ImportedRecord
from core.imports.relations import described
from core.request_context import acting

AT_ONCE = 500
SHOWN = 10

NOT_DONE = _("Only an import that is done can be undone.")
CHANGED = _("%(record)s was changed after the import.")
GONE = _("A record of row %(row)s is no longer there.")
USED = _("%(record)s is used by %(user)s.")
MORE = _("and %(count)s more")


def undo(import_: Import, user: Any) -> None:
    """Takes a whole import back. Raises ValidationError (a list of messages) naming what was built on its records or
    changed since, PermissionDenied without the rights."""
    model = kinds.get(import_.kind).model
    is_seen = access.scoped(user, Import).filter(pk=import_.pk).exists()
    if not is_seen or not access.may(user, "add", model) or not access.may(user, "view", model):
        raise PermissionDenied
    with acting(user, import_.address), transaction.atomic():
        # The conditional UPDATE is the lock: of two who undo it only one finds it done.
        if not Import.objects.filter(pk=import_.pk, status=Import.Status.DONE).update(status=Import.Status.UNDOING):
            raise ValidationError(NOT_DONE, code="not_done")
        _take_back(import_)
        Import.objects.filter(pk=import_.pk).update(
            status=Import.Status.UNDONE, undone_at=timezone.now(), undone_by=user if user.pk else None
        )
    import_.refresh_from_db()


def _take_back(import_: Import) -> None:
    obstacles = _Obstacles()
    for notes in _batches(import_.records.select_related("content_type")):
        _check_unchanged(notes, obstacles)
    created = import_.records.filter(effect=ImportedRecord.Effect.CREATED)
    for notes in _batches(created.select_related("content_type")):
        _check_links(notes, obstacles)
    obstacles.refuse()
    for note in import_.records.filter(effect=ImportedRecord.Effect.UPDATED).order_by("-pk").iterator(AT_ONCE):
        _restore(note)
    # Last in, first out: what came into being for a row goes after the row's own record.
    for notes in _batches(created.order_by("-pk").select_related("content_type")):
        _delete(notes, obstacles)
    obstacles.refuse()


class _Obstacles:
    """What stands in the way, as messages; a few of them, and how many more there are."""

    def __init__(self) -> None:
        self.errors: list[ValidationError] = []

    def add(self, message: Any, code: str, **params: Any) -> None:
        self.errors.append(ValidationError(message, code=code, params=params))

    def refuse(self) -> None:
        if len(self.errors) > SHOWN:
            more = ValidationError(MORE, code="more", params={"count": len(self.errors) - SHOWN})
            raise ValidationError([*self.errors[:SHOWN], more])
        if self.errors:
            raise ValidationError(self.errors)


def _batches(notes: Any) -> Iterator[list[ImportedRecord]]:
    source = iter(notes.iterator(AT_ONCE))
    while some := list(islice(source, AT_ONCE)):
        yield some


def _by_model(notes: Iterable[ImportedRecord]) -> dict[Any, list[ImportedRecord]]:
    found: dict[Any, list[ImportedRecord]] = {}
    for note in notes:
        found.setdefault(note.content_type.model_class(), []).append(note)
    return found


def _check_unchanged(notes: list[ImportedRecord], obstacles: _Obstacles) -> None:
    for model, some in _by_model(notes).items():
        # Locked until the end, so that nobody changes one between the look and the deletion.
        found = model._base_manager.select_for_update().in_bulk([note.object_id for note in some])
        for note in some:
            record = found.get(note.object_id)
            if record is None:
                obstacles.add(GONE, "gone", row=note.row)
            elif record.version != note.version:
                obstacles.add(CHANGED, "changed", record=described(record))


def _check_links(notes: list[ImportedRecord], obstacles: _Obstacles) -> None:
    """Links from other records, which a deletion would silently take along."""
    for model, some in _by_model(notes).items():
        pks = [note.object_id for note in some]
        for relation in model._meta.related_objects:
            if relation.many_to_many:
                field = relation.field
                through, far, near = field.remote_field.through, field.m2m_reverse_field_name(), field.m2m_field_name()
                for row in through._base_manager.filter(**{f"{far}__in": pks}).select_related(far, near)[: SHOWN + 1]:
                    obstacles.add(USED, "used", record=described(getattr(row, far)), user=_named(getattr(row, near)))


def _named(record: Any) -> str:
    whole = getattr(record, record.whole) if hasattr(record, "whole") else record
    return described(whole)


def _restore(note: ImportedRecord) -> None:
    """Puts back what an updated record held, and takes away the parts and links that it got."""
    model: Any = note.content_type.model_class()
    record = model._base_manager.get(pk=note.object_id)
    for label, pk in note.before.get("parts", ()):
        for part in apps.get_model(label)._base_manager.filter(pk=pk):
            setattr(part, part.whole, record)
            part.delete()
    for name, pks in note.before.get("links", {}).items():
        getattr(record, name).remove(*pks)
    for name, value in note.before.get("fields", {}).items():
        field = model._meta.get_field(name)
        setattr(
            record, field.attname, field.target_field.to_python(value) if field.is_relation else field.to_python(value)
        )
    record.save()


def _delete(notes: list[ImportedRecord], obstacles: _Obstacles) -> None:
    for model, some in _by_model(notes).items():
        try:
            with transaction.atomic():
                model._base_manager.filter(pk__in=[note.object_id for note in some]).delete()
        except ProtectedError as error:
            for user in list(error.protected_objects)[: SHOWN + 1]:
                used = next((n for n in _pointed_at(user, model) if n in {note.object_id for note in some}), None)
                record = model._base_manager.filter(pk=used).first()
                obstacles.add(USED, "used", record=described(record) if record else "", user=_named(user))


def _pointed_at(user: Any, model: Any) -> Iterator[Any]:
    for field in user._meta.concrete_fields:
        if field.related_model is model:
            yield getattr(user, field.attname)
