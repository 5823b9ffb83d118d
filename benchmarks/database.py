"""A database that exists for one measurement: on SQLite a file, on PostgreSQL `test_<name>` of the given server."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection


@contextlib.contextmanager
def temporary() -> Iterator[None]:
    if connection.vendor == "sqlite":
        # Django's default is a database in memory, which would be faster than anything real.
        connection.settings_dict["TEST"]["NAME"] = str(Path(settings.DATA_DIR) / "bench.sqlite3")
    original = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)
