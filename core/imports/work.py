"""Who is at work on an import: a lock that dies with its process, and how far the work has come.

Both live outside of the one transaction that the work is: on PostgreSQL in a second connection, on SQLite, where nobody
else can write meanwhile, in a file of the data directory (there is but one machine then).
"""

import contextlib
import fcntl
import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections


@contextlib.contextmanager
def without_collections() -> Iterator[None]:
    """Python looks for cycles among the objects again and again, a quarter of the time; rows of a file have none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


Report = Callable[[int], None]  # how many rows are done
SECONDS_BETWEEN = 0.5
LOCKS = 0x494D50  # the first key of our advisory locks, so that they meet no others


@contextlib.contextmanager
def at_work(pk: int) -> Iterator[Report | None]:
    """Holds the lock of an import and answers how to report progress; None if somebody else holds it."""
    with (_connection if connection.vendor == "postgresql" else _file)(pk) as write:
        yield _now_and_then(write) if write else None


def is_at_work(pk: int) -> bool:
    """Whether a living process works on the import."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
                [LOCKS, _key(pk)],
            )
            return bool(cursor.fetchone()[0])
    with contextlib.suppress(FileNotFoundError), _path(pk).open("rb") as file:
        return not _locked(file)
    return False


def rows_done(pk: int) -> int | None:
    """What was reported last; None where the database row says it."""
    if connection.vendor == "postgresql":
        return None
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int(_path(pk).read_text())
    return None


def _now_and_then(write: Report) -> Report:
    last = 0.0

    def report(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN:
            write(done)
            last = time.monotonic()

    return report


def _key(pk: int) -> int:
    return pk % 2**31


@contextlib.contextmanager
def _connection(pk: int) -> Iterator[Report | None]:
    second = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with second.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, _key(pk)])
            if not cursor.fetchone()[0]:
                yield None
                return
            try:
                yield lambda done: _store(second, pk, done)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, _key(pk)])
    finally:
        second.close()


def _store(second: Any, pk: int, done: int) -> None:
    with second.cursor() as cursor:
        cursor.execute("UPDATE core_import SET rows_done = %s, beat_at = now() WHERE id = %s", [done, pk])


def _path(pk: int) -> Path:
    return Path(settings.DATA_DIR) / "imports" / f"{pk}.progress"


def _locked(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _file(pk: int) -> Iterator[Report | None]:
    path = _path(pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _locked(file):
            yield None
            return
        try:
            yield lambda done: _overwrite(path, done)
        finally:
            path.unlink(missing_ok=True)


def _overwrite(path: Path, done: int) -> None:
    with path.open("r+") as file:
        file.write(f"{done:12}")


@contextlib.contextmanager
def kept_readable() -> Iterator[None]:
    """SQLite shuts readers out once changes no longer fit its cache; so they stay in memory until the commit."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_spill = 0")
        try:
            yield
        finally:
            cursor.execute("PRAGMA cache_spill = 1")
