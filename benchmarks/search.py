"""How long the database works for one search over every kind of record."""

import statistics
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection

from benchmarks.lists import ROLES, somebody
from benchmarks.report import Figure
from benchmarks.requests import rounds
from core.global_search import find

MOST = 20.0  # milliseconds
ASKED = ("日本", "NEC", "ほくよう", "银行", "qqqqqq")


def figures() -> Iterator[Figure]:
    """From sending the first of its queries to having the rows of the last, median of the rounds."""
    for role in ROLES:
        user = somebody(role)
        for text in ASKED:
            queries = _queries_of(user, text)
            (times,) = rounds(time.perf_counter, lambda queries=queries: _fetch(queries))
            yield Figure(f"search for {text}, {role}, in the database", statistics.median(times) * 1000, "ms", MOST)


def _queries_of(user: Any, text: str) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, parameters: Any, *others: Any) -> Any:
        asked.append((sql, parameters))
        return execute(sql, parameters, *others)

    with connection.execute_wrapper(keep):
        find(user, text)
    return asked


def _fetch(queries: list[tuple[str, Any]]) -> None:
    with connection.cursor() as cursor:
        for sql, parameters in queries:
            cursor.execute(sql, parameters)
            cursor.fetchall()
