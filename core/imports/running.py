"""Doing it: in the background, in one transaction, once. Undoing it is in `core.imports.undoing`."""

import contextlib
import logging
import secrets
from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from core import access
from core.imports import checking, kinds, mapping
from core.imports.actor import acting_as
from core.imports.models import Import
from core.imports.planning import Plan
from core.imports.problems import in_all_languages
from core.imports.reading import rows
from core.imports.undoing import STOPPED, stays, undo, undo_later
from core.imports.work import at_work, is_at_work, kept_readable, rows_done, without_collections
from core.imports.writing import Writer

__all__ = ["check_later", "progress", "recognise_dead", "run", "start", "undo", "undo_later"]

logger = logging.getLogger(__name__)
Status = Import.Status

NOT_CHECKED = _("Check the file first.")
HAS_PROBLEMS = _("The file has problems. Correct them and check it again.")
UNDER_WAY = _("This import is already under way, or done.")
CHANGED = _("Something changed after the check: row %(row)s no longer fits. Nothing was stored. Check the file again.")
OVERTAKEN = _("This import was started again elsewhere, so this run stored nothing.")
DIED = _("The program was stopped in the middle. Nothing was stored. Start it again.")
BROKE = _("Something went wrong in the program. Nothing was stored, and the error has been logged.")
DATABASE = _(
    "The database did not take the records, perhaps because somebody else wrote meanwhile. Nothing was stored."
)


def check_later(import_: Import) -> None:
    """Enqueues the check of a large file: status `checking`, then `checked` or `failed`.

    Raises ValidationError for a mapping that lacks what is required.
    """
    mapping.check_complete(import_)
    with transaction.atomic():
        _move(
            import_, (Status.UPLOADED, Status.CHECKED, Status.FAILED, Status.CHECKING), Status.CHECKING, started_at=None
        )
        check_import.enqueue(import_.pk)


def start(import_: Import) -> None:
    """Enqueues the import: status `waiting`, `running`, then `done` or `failed`.

    Raises ValidationError if it has not been checked, has problems, or is already under way; a run whose worker died
    (`import_.is_silent`) can be started again. Raises PermissionDenied without the rights.
    """
    check_rights(import_)
    import_.refresh_from_db()
    if import_.status == Status.UPLOADED or not import_.rows_total:
        raise ValidationError(NOT_CHECKED, code="not_checked")
    if import_.problem_count:
        raise ValidationError(HAS_PROBLEMS, code="problems")
    with transaction.atomic():
        _move(import_, (Status.CHECKED, Status.FAILED, Status.RUNNING), Status.WAITING)
        run_import.enqueue(import_.pk)


def check_rights(import_: Import) -> None:
    """Raises PermissionDenied unless the import's user may do what it does."""
    model = kinds.get(import_.kind).model
    updates = import_.duplicates == Import.Duplicates.UPDATE
    if not access.may(import_.user, "add", model) or (updates and not access.may(import_.user, "change", model)):
        raise PermissionDenied


def _move(import_: Import, before: tuple[str, ...], after: str, **values: Any) -> None:
    """A conditional UPDATE, so that of two who start it only one does. Busy ones only if nobody works on them."""
    busy = [status for status in before if status in Import.AT_WORK]
    free = [status for status in before if status not in busy or not is_at_work(import_.pk)]
    if not Import.objects.filter(pk=import_.pk, status__in=free).update(status=after, failure={}, **values):
        raise ValidationError(UNDER_WAY, code="under_way")
    import_.refresh_from_db()


def progress(import_: Import) -> tuple[int, int]:
    """(rows done, rows in all), also while the transaction runs. 0 in all: not known before the end of the check."""
    wanted = ("status", "rows_done", "rows_total", "rows_added", "rows_updated")
    current = Import.objects.only(*wanted).get(pk=import_.pk)
    total = current.rows_total
    if current.status in (Status.DONE, Status.UNDONE):
        return total, total
    if current.status == Status.UNDOING:
        total = current.rows_added + current.rows_updated
    reported = rows_done(import_.pk)
    done = current.rows_done if reported is None else reported
    return min(done, total) if total else done, total


def recognise_dead() -> None:
    """Marks as failed what says that it is at work while nobody works on it; called when a worker starts."""
    for import_ in Import.objects.filter(status__in=Import.AT_WORK, started_at__isnull=False):
        if not is_at_work(import_.pk):
            _fail(import_, import_.run, ValidationError(DIED, code="died"))
    for pk in Import.objects.filter(status=Status.UNDOING, beat_at__isnull=False).values_list("pk", flat=True):
        if not is_at_work(pk):
            stays(pk, ValidationError(STOPPED, code="died"))


# -- in the worker ----------------------------------------------------------------------------------------------------


@task()
def check_import(pk: int) -> None:
    with _claimed(pk, (Status.CHECKING,), Status.CHECKING) as (import_, report):
        if import_:
            checking.check(import_, report)


@task()
def run_import(pk: int) -> None:
    run(pk)


def run(pk: int) -> None:
    """Carries an import out, unless somebody else does or did: status `done` or `failed`."""
    with _claimed(pk, (Status.WAITING, Status.RUNNING), Status.RUNNING) as (import_, report):
        if import_:
            with kept_readable(), without_collections(), transaction.atomic():
                _write(import_, report)


@contextlib.contextmanager
def _claimed(pk: int, before: tuple[str, ...], status: str) -> Iterator[tuple[Any, Any]]:
    """The import and the way to report, or twice None where it is not ours to do. Failures end in its status."""
    with at_work(pk) as report:
        run_key = secrets.token_hex(8)
        claim = Import.objects.filter(pk=pk, status__in=before)
        if report is None or not claim.update(
            status=status, run=run_key, rows_done=0, failure={}, started_at=timezone.now(), finished_at=None
        ):
            yield None, None
            return
        import_ = Import.objects.select_related("user").get(pk=pk)
        try:
            yield import_, report
        except ValidationError as error:
            _fail(import_, run_key, error)
        except PermissionDenied as error:
            _fail(import_, run_key, ValidationError(str(error) or UNDER_WAY))
        except DatabaseError:
            logger.exception("Import %d was not taken by the database", pk)
            _fail(import_, run_key, ValidationError(DATABASE, code="database"))
        except Exception:  # whatever it was, the import must not look as if it went on
            logger.exception("Import %d broke off", pk)
            _fail(import_, run_key, ValidationError(BROKE, code="broke"))


def _fail(import_: Import, run_key: str, error: ValidationError) -> None:
    Import.objects.filter(pk=import_.pk, run=run_key, status__in=Import.AT_WORK).update(
        status=Status.FAILED, failure=in_all_languages(error), finished_at=timezone.now()
    )


def _write(import_: Import, report: Any) -> None:
    check_rights(import_)
    mapping.check_complete(import_)
    with acting_as(import_):
        source = rows(import_)
        _number, headings = next(source)
        plan = Plan(import_, headings)
        writer = Writer(import_, plan, ContentType.objects.get_for_model(plan.model))
        for drafts in plan.batches(source):
            if bad := next((draft for draft in drafts if draft.effect == "problem"), None):
                raise ValidationError(CHANGED, code="changed", params={"row": bad.number})
            writer.write(drafts)
            report(writer.total)
    ours = Import.objects.filter(pk=import_.pk, status=Status.RUNNING, run=import_.run)
    if not ours.update(status=Status.DONE, finished_at=timezone.now(), rows_done=writer.total, **writer.counts()):
        raise ValidationError(OVERTAKEN, code="overtaken")
