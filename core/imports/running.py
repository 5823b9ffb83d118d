"""Doing it: in the background, in one transaction, once; and undoing it."""

from typing import Any

from core.imports.models import Import


def check_later(import_: Import) -> None:
    """Enqueues the check of a large file: status `checking`, then `checked` or `failed`."""


def start(import_: Import) -> None:
    """Enqueues the import: status `waiting`, `running`, then `done` or `failed`.

    Raises ValidationError if it has not been checked, has problems, or is already under way; a run whose worker died
    (`import_.is_silent`) can be started again. Raises PermissionDenied without the rights.
    """


def progress(import_: Import) -> tuple[int, int]:
    """(rows done, rows in all), also while the transaction runs."""
    return import_.rows_done, import_.rows_total


def undo(import_: Import, user: Any) -> None:
    """Takes a whole import back. Raises ValidationError (a list of messages) naming what was built on its records or
    changed since, PermissionDenied without the rights."""
