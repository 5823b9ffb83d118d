"""One transaction for many rows. Indexes and the checks of foreign keys are taken away before and put back afterwards:
they are then made in one go and see every row, so that what breaks a rule still stops the whole."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from core import search_index

SQLITE_CACHE = 64_000  # kB of pages in memory; more goes to the disk before the end
POSTGRES_SETTINGS = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "maintenance_work_mem": "'128MB'",
}


@contextlib.contextmanager
def loading(models: Sequence[type[Model]]) -> Iterator[None]:
    """Everything stored inside is there at the end, or, after an error, nothing."""
    with _loading_on_postgres(models) if connection.vendor == "postgresql" else _loading_on_sqlite(models):
        yield


@contextlib.contextmanager
def _loading_on_postgres(models: Sequence[type[Model]]) -> Iterator[None]:
    tables = [model._meta.db_table for model in models]
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in POSTGRES_SETTINGS.items():
            cursor.execute(f"SET LOCAL {name} = {value}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checks what is pending, or the tables could not be altered
        keys, indexes = _foreign_keys(cursor, tables), _postgres_indexes(cursor, tables)
        for table, name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


def _foreign_keys(cursor: Any, tables: list[str]) -> list[tuple[str, str, str]]:
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2",
        [tables],
    )
    return list(cursor.fetchall())


def _postgres_indexes(cursor: Any, tables: list[str]) -> list[tuple[str, str]]:
    """Unique ones stay: they are rules."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE NOT indisunique AND indrelid = ANY(%s::regclass[]) ORDER BY 1",
        [tables],
    )
    return list(cursor.fetchall())


@contextlib.contextmanager
def _loading_on_sqlite(models: Sequence[type[Model]]) -> Iterator[None]:
    tables = [model._meta.db_table for model in models]
    with _few_disk_writes(), _unchecked_foreign_keys(), transaction.atomic(), connection.cursor() as cursor:
        indexes = _sqlite_indexes(cursor, tables)
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        for name in _triggers(cursor, tables):
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for model in filter(search_index.is_searched, models):
            search_index.rebuild(model, connection)  # with its triggers
        connection.check_constraints(table_names=tables)
        cursor.execute("ANALYZE")


@contextlib.contextmanager
def _unchecked_foreign_keys() -> Iterator[None]:
    """Inside a transaction this changes nothing, and keys are checked one by one as ever."""
    disabled = connection.disable_constraint_checking()
    try:
        yield
    finally:
        if disabled:
            connection.enable_constraint_checking()


@contextlib.contextmanager
def _few_disk_writes() -> Iterator[None]:
    with connection.cursor() as cursor:
        [before] = cursor.execute("PRAGMA cache_size").fetchone()
        cursor.execute(f"PRAGMA cache_size = -{SQLITE_CACHE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before}")


def _sqlite_indexes(cursor: Any, tables: list[str]) -> list[tuple[str, str]]:
    """Unique ones stay: they are rules."""
    cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql > '' ORDER BY name")
    return [
        (name, definition)
        for name, table, definition in cursor.fetchall()
        if table in tables and not definition.startswith("CREATE UNIQUE")
    ]


def _triggers(cursor: Any, tables: list[str]) -> list[str]:
    """Those that keep the search indexes: row by row takes longer than all at once."""
    kept = {f"{search_index.index_name(table)}_{when}" for table in tables for when in search_index.TRIGGERS}
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    return [name for (name,) in cursor.fetchall() if name in kept]
