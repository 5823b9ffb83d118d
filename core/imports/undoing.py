"""Taking a whole import back: the only place in the product that deletes business records."""

import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from core import access
from core.accounts import User
from core.imports import kinds
from core.imports.models import Import, ImportedRecord
from core.imports.problems import in_all_languages
from core.imports.relations import described
from core.imports.work import Report, at_work, kept_readable
from core.request_context import acting

logger = logging.getLogger(__name__)

AT_ONCE = 500
QUICK_RECORDS = 500  # so many are taken back within a request
SHOWN = 10

NOT_DONE = _("Only an import that is done can be undone.")
CHANGED = _("%(record)s was changed after the import.")
GONE = _("A record of row %(row)s is no longer there.")
USED = _("%(record)s is used by %(user)s.")
MORE = _("and %(count)s more")
STOPPED = _("The program was stopped in the middle. Nothing was undone. Try it again.")
BROKE = _("Something went wrong in the program. Nothing was undone, and the error has been logged.")


def undo(import_: Import, user: Any) -> None:
    """Takes a whole import back. Raises ValidationError (a list of messages) naming what was built on its records or
    changed since, PermissionDenied without the rights."""
    if not may_undo(user, import_):
        raise PermissionDenied
    with acting(user, import_.address), transaction.atomic():
        # The conditional UPDATE is the lock: of two who undo it only one finds it done.
        if not Import.objects.filter(pk=import_.pk, status=Import.Status.DONE).update(status=Import.Status.UNDOING):
            raise ValidationError(NOT_DONE, code="not_done")
        _take_back(import_)
        _note_undone(import_, user)
    import_.refresh_from_db()


def may_undo(user: Any, import_: Import) -> bool:
    """Whether the user sees the import and may bring such records in, and so take them back."""
    model = kinds.get(import_.kind).model
    is_seen = access.scoped(user, Import).filter(pk=import_.pk).exists()
    return bool(is_seen and access.may(user, "add", model) and access.may(user, "view", model))


def is_quick(import_: Import) -> bool:
    """Whether `undo` is a matter of a few seconds, so that a page may wait for it; else use `undo_later`."""
    return import_.records.count() <= QUICK_RECORDS


def undo_later(import_: Import, user: Any) -> None:
    """Enqueues taking a large import back: status `undoing`, then `undone`, or `done` again and why in `failure`.

    Raises ValidationError if it is not done, PermissionDenied without the rights.
    """
    if not may_undo(user, import_):
        raise PermissionDenied
    free = [Import.Status.DONE, *([Import.Status.UNDOING] if import_.is_silent else [])]
    with transaction.atomic():
        if not Import.objects.filter(pk=import_.pk, status__in=free).update(
            status=Import.Status.UNDOING, failure={}, rows_done=0, beat_at=None
        ):
            raise ValidationError(NOT_DONE, code="not_done")
        undo_import.enqueue(import_.pk, user.pk)
    import_.refresh_from_db()


@task()
def undo_import(pk: int, user_pk: int) -> None:
    with at_work(pk) as report:
        undoing = Import.objects.filter(pk=pk, status=Import.Status.UNDOING)
        if report is None or not undoing.update(beat_at=timezone.now()):
            return
        try:
            _undo_now(undoing.get(), User.objects.get(pk=user_pk), report)
        except (ValidationError, PermissionDenied) as error:
            stays(pk, error if isinstance(error, ValidationError) else ValidationError(NOT_DONE))
        except Exception:  # whatever it was, the import must not look as if it went on
            logger.exception("Undoing import %d broke off", pk)
            stays(pk, ValidationError(BROKE, code="broke"))


def _undo_now(import_: Import, user: Any, report: Report) -> None:
    if not may_undo(user, import_):
        raise PermissionDenied
    with acting(user, import_.address), kept_readable(), transaction.atomic():
        _take_back(import_, report)
        _note_undone(import_, user)


def _note_undone(import_: Import, user: Any) -> None:
    Import.objects.filter(pk=import_.pk).update(
        status=Import.Status.UNDONE, undone_at=timezone.now(), undone_by=user if user.pk else None
    )


def stays(pk: int, why: ValidationError) -> None:
    """Notes why an import could not be taken back: it is done as before."""
    Import.objects.filter(pk=pk, status=Import.Status.UNDOING).update(
        status=Import.Status.DONE, failure=in_all_languages(why)
    )


def _take_back(import_: Import, report: Report = lambda done: None) -> None:
    obstacles = _Obstacles()
    for notes in _batches(import_.records.select_related("content_type")):
        _check_unchanged(notes, obstacles)
    created = import_.records.filter(effect=ImportedRecord.Effect.CREATED)
    for notes in _batches(created.select_related("content_type")):
        _check_links(notes, obstacles)
    obstacles.refuse()
    done = 0
    for note in import_.records.filter(effect=ImportedRecord.Effect.UPDATED).order_by("-pk").iterator(AT_ONCE):
        _restore(note)
        report(done := done + 1)
    # Last in, first out: what came into being for a row goes after the row's own record.
    for notes in _batches(created.order_by("-pk").select_related("content_type")):
        _delete(notes, obstacles)
        report(done := done + len(notes))
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
