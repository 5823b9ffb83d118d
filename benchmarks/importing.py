"""The import of organizations from a CSV file against bare `bulk_create` of the same rows.

The import reads, maps and checks the file, looks for duplicates, writes the change history and what is needed to undo
it, in one transaction. Bare `bulk_create` stores the same records and nothing else.
"""

import csv
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Max

from benchmarks import database, memory
from benchmarks.report import Figure
from core.accounts import User
from core.imports import checking, running, uploads
from core.imports.models import Import, ImportedRecord
from crm.models import Organization

ROWS = int(os.environ.get("IMPORT_ROWS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
MOST_MEMORY = 300  # MB
HEADINGS = ("name", "name_en", "kind", "country", "city", "address", "phone", "website", "listed_code", "notes")


def row(round_: int, n: int) -> tuple[str, ...]:
    return (
        f"株式会社見本製作所{round_}-{n:06d}", f"Sample Works {round_}-{n:06d}", ("company", "finance")[n % 2],
        ("JP", "CN", "DE")[n % 3], ("大阪", "苏州", "Bonn")[n % 3], f"北区中之島{n % 90}-{n % 13}",
        f"+81 6-{n % 9000 + 1000}-5678", f"https://example.com/{n}", str(n % 9000 + 1000),
        "スマート製造ラインの見学を希望。" if n % 3 == 0 else "",
    )  # fmt: skip


def csv_file(round_: int) -> ContentFile[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(row(round_, n) for n in range(ROWS))
    return ContentFile(text.getvalue().encode("utf-8-sig"), name="organizations.csv")


def prepared(user: User, round_: int) -> Import:
    """Uploaded and mapped, waiting to be carried out."""
    import_ = uploads.receive(user, "organizations", csv_file(round_))
    import_.mapping, import_.status = list(HEADINGS), Import.Status.WAITING
    import_.save()
    return import_


def carried_out(import_: Import) -> None:
    running.run(import_.pk)
    import_.refresh_from_db()
    if import_.rows_added != ROWS:
        raise RuntimeError(f"{import_.rows_added} rows instead of {ROWS}: {import_.failure}")


def bare(round_: int) -> Callable[[], None]:
    """The same records, made before the clock starts."""
    records = [Organization(**dict(zip(HEADINGS, row(round_, n), strict=True))) for n in range(ROWS)]
    for record in records:
        record._stamp()

    def store() -> None:
        with transaction.atomic():
            Organization.objects.bulk_create(records, batch_size=1000)

    return store


def leave_no_trace(table_sizes: dict[Any, int]) -> None:
    """Takes away what a round has stored, so that each round meets the same database."""
    with connection.cursor() as cursor:
        for model, last in table_sizes.items():
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id > %s", [last])


def last_keys() -> dict[Any, int]:
    stored = (ImportedRecord, LogEntry, Organization)
    return {model: model._base_manager.aggregate(last=Max("pk"))["last"] or 0 for model in stored}


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _more_rows(settings: Any) -> Iterator[None]:
    before = settings.IMPORT_MAX_ROWS, settings.IMPORT_MAX_MB
    settings.IMPORT_MAX_ROWS, settings.IMPORT_MAX_MB = max(before[0], ROWS + 1), 1000
    try:
        yield
    finally:
        settings.IMPORT_MAX_ROWS, settings.IMPORT_MAX_MB = before


def figures() -> Iterator[Figure]:
    """Against the limits."""
    found = measured()
    yield Figure("import of organizations, rows of bare bulk_create", found["ratio"], "x", 0.5, at_least=True)
    yield Figure("import of organizations, rows stored", found["import_rows_per_second"], "/s")
    grown = memory_taken()
    if grown is not None:
        yield Figure(f"import of {ROWS:,} organizations, peak memory", grown, "MB", MOST_MEMORY)


def memory_taken() -> float | None:
    """By how many MB an import raises the peak."""
    from django.conf import settings  # noqa: PLC0415  set up by the caller

    user, before = User.objects.create(username=f"import-bench-{time.time_ns()}", is_superuser=True), last_keys()
    with _more_rows(settings):
        grown = memory.peak_growth(partial(carried_out, prepared(user, ROUNDS)))
    leave_no_trace(before)
    return grown


def measured() -> dict[str, float]:
    """In the present database: rows per second of both, and the ratio (import / bare), the median of the rounds."""
    from django.conf import settings  # noqa: PLC0415  set up by the caller

    user = User.objects.create(username=f"import-bench-{time.time_ns()}", is_superuser=True)
    times: dict[str, list[float]] = {"bare": [], "import": [], "check": []}
    before = last_keys()
    with _more_rows(settings):
        for round_ in range(ROUNDS):  # in turns, so that a busy moment of the machine hits all
            works = {"bare": bare(round_), "import": partial(carried_out, prepared(user, round_))}
            works["check"] = partial(checking.look, prepared(user, round_))
            for name in ("bare", "check", "import") if round_ % 2 else ("check", "import", "bare"):
                times[name].append(seconds(works[name]))
                leave_no_trace(before)
    ratio = statistics.median(b / i for b, i in zip(times["bare"], times["import"], strict=True))
    return {
        "rows": ROWS,
        "bare_rows_per_second": ROWS / statistics.median(times["bare"]),
        "import_rows_per_second": ROWS / statistics.median(times["import"]),
        "check_rows_per_second": ROWS / statistics.median(times["check"]),
        "ratio": ratio,
    }


def main() -> None:
    with database.temporary():
        found = measured()
    print(f"Import of {ROWS:,} organizations from CSV, {connection.vendor}, median of {ROUNDS} rounds")
    print(f"  bare bulk_create {found['bare_rows_per_second']:10,.0f} rows/s")
    print(f"  import           {found['import_rows_per_second']:10,.0f} rows/s   {found['ratio']:.2f} of bare")
    print(f"  check alone      {found['check_rows_per_second']:10,.0f} rows/s")
