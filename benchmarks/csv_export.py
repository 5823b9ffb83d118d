"""The CSV export of all leads against the database's own cursor, which reads the same values and throws them away; on
PostgreSQL against raw COPY of these values."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

from benchmarks.report import Figure
from core import access, resources
from core.exports import Export, csv_chunks

ROUNDS = 5
CHUNK = 2000
LIMITS = {"sqlite": 0.6, "postgresql": 0.9}


def figures() -> Iterator[Figure]:
    is_postgresql = connection.vendor == "postgresql"
    rival, raw = ("raw COPY", copied) if is_postgresql else ("raw cursor", read)
    works: dict[str, Callable[[], int]] = {rival: raw, "labels": lambda: made("labels"), "codes": lambda: made("codes")}
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(ROUNDS + 1):  # in turns, so that a busy moment of the machine hits all
        for name, work in works.items():
            start = time.perf_counter()
            rows = work()
            if turn:
                times[name].append(time.perf_counter() - start)
    for name in ("labels", "codes"):
        ratio = statistics.median(a / b for a, b in zip(times[rival], times[name], strict=True))
        yield Figure(f"CSV export, {name}, speed of the {rival}", ratio, "x", LIMITS[connection.vendor], at_least=True)
        yield Figure(f"CSV export, {name}, rows", rows / statistics.median(times[name]), "/s")


def _leads() -> tuple[Any, Any, list[Any]]:
    resource = resources.get("leads")
    return resource, resource.ordered(resource.all(access.SYSTEM, "export")), resource.columns.listed()


def _raw() -> tuple[str, Any]:
    """The SQL of all values that the columns are made from, lists left out."""
    _resource, queryset, columns = _leads()
    paths = list(dict.fromkeys(["pk", *(path for column in columns for path in column.paths)]))
    sql, parameters = queryset.values_list(*paths).query.sql_with_params()
    return sql, parameters


def read() -> int:
    sql, parameters = _raw()
    count = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            count += len(rows)
    return count


def copied() -> int:
    sql, parameters = _raw()
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        copying = cursor.mogrify(f"COPY ({sql}) TO STDOUT (FORMAT csv)", parameters)
        with cursor.copy(copying) as copy:
            for _row in copy:
                count += 1
    return count


def made(headers: str) -> int:
    resource, queryset, columns = _leads()
    export = Export(resource, queryset, access.SYSTEM, columns, headers)
    for _chunk in csv_chunks(export):
        pass
    if not export.complete:
        raise RuntimeError("the export broke off")
    return export.rows
