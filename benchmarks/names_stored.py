"""Keys of names in a table `(key, organization)`: `N=200000 DB=sqlite python -m benchmarks.names_stored`.

The first query asks how common each key is (a table of counts, kept for keys of many organizations), the second adds up
the rarest, at most `MOST_ROWS` rows. The rest is `core.names.rank`. Names beyond those of the data are made of their
parts.
"""

import contextlib
import hashlib
import math
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.names_data import names, queries, read
from core.names.keys import query_keys, rarest, stored_keys, strength
from core.names.rank import MOST, ORGANIZATIONS, Candidate, Name, Ranked, rank
from deploy import postgres

MOST_ROWS = 20_000
TAKEN = 3 * MOST
COMMON_FROM = 50
ASKED = 400
TABLES = (
    "CREATE TABLE name_key (key bigint NOT NULL, organization integer NOT NULL)",
    "CREATE TABLE name_key_count (key bigint PRIMARY KEY, organizations integer NOT NULL)",
    "CREATE TABLE organization (id integer PRIMARY KEY, names text NOT NULL)",
)
INDEX = "CREATE INDEX name_key_organization ON name_key (key, organization)"
COUNTS = "SELECT key, organizations FROM name_key_count WHERE key IN ({keys})"
BEST = (
    "SELECT o.id, o.names FROM (SELECT k.organization AS id, SUM(w.weight) AS total FROM ({weights}) w "
    "JOIN name_key k ON k.key = w.key GROUP BY 1 ORDER BY 2 DESC LIMIT {taken}) found "
    "JOIN organization o ON o.id = found.id"
)


def number(key: str) -> int:
    """64 bits, signed."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True)


def known(size: int) -> Iterator[tuple[str, list[str]]]:
    """Ids and names: those of the data, then new ones of the beginning of one and the end of another."""
    rows = [(row["id"], names(row, kind, warm=True)) for kind in ("orgs_ja", "orgs_zh") for row in read(f"{kind}.csv")]
    yield from rows[:size]
    chance = random.Random(3)
    for at in range(max(0, size - len(rows))):
        first, second = chance.choice(rows)[1], chance.choice(rows)[1]
        yield (
            f"made-{at}",
            [
                f"{one[: len(one) // 2 + 1]}{other[len(other) // 2 :]}"
                for one, other in zip(first, second, strict=False)
            ],
        )


class Stored:
    """The tables on one database."""

    def __init__(self, connection: Any, mark: str) -> None:
        self.connection, self.mark = connection, mark
        self.size = 0

    def fill(self, size: int) -> None:
        counts: Counter[int] = Counter()
        for statement in TABLES:
            self.connection.execute(statement)
        batch: list[tuple[int, int]] = []
        for at, (_id, texts) in enumerate(known(size)):
            keys = {number(key) for key in stored_keys(form for text in texts for form in ORGANIZATIONS.held(text))}
            counts.update(keys)
            batch += ((key, at) for key in keys)
            self._insert("organization", [(at, "\t".join(texts))])
            if len(batch) > 50_000:
                self._insert("name_key", batch)
                batch = []
        self._insert("name_key", batch)
        self._insert("name_key_count", [(key, count) for key, count in counts.items() if count >= COMMON_FROM])
        self.connection.execute(INDEX)
        self.connection.execute("ANALYZE")
        self.connection.commit()
        self.size = size
        print(f"{size} organizations, {sum(counts.values()) / size:.0f} keys each")

    def _insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        self.connection.cursor().executemany(f"INSERT INTO {table} VALUES ({self.mark}, {self.mark})", rows)

    def match(self, name: str) -> list[Ranked]:
        asked = query_keys(ORGANIZATIONS.asked(name))
        by_number = {number(key): key for key in asked}
        marks = ", ".join([self.mark] * len(by_number))
        common = self.connection.execute(COUNTS.format(keys=marks), list(by_number)).fetchall()
        counts = dict.fromkeys(asked, 1) | {by_number[key]: count for key, count in common}
        weights = {key: says * math.log(1 + self.size / counts[key]) for key, says in asked.items()}
        candidates = [
            Candidate(pk, [Name(text) for text in texts], strength(self._forms(texts), weights))
            for pk, texts in self._best(rarest(counts, MOST_ROWS), weights)
        ]
        return rank(name, candidates, sum(weights.values()))

    def _forms(self, texts: list[str]) -> list[Any]:
        return [form for text in texts for form in ORGANIZATIONS.held(text)]

    def _best(self, keys: list[str], weights: dict[str, float]) -> Iterator[tuple[int, list[str]]]:
        values = " UNION ALL ".join(
            [f"SELECT CAST({self.mark} AS bigint) AS key, CAST({self.mark} AS double precision) AS weight"] * len(keys)
        )
        parameters = [value for key in keys for value in (number(key), weights[key])]
        found = self.connection.execute(BEST.format(weights=values, taken=TAKEN), parameters).fetchall()
        return ((pk, texts.split("\t")) for pk, texts in found)


@contextlib.contextmanager
def opened(database: str) -> Iterator[Stored]:
    if database == "postgres":
        with postgres.cluster() as url, psycopg.connect(url) as connection:
            yield Stored(connection, "%s")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Stored(sqlite3.connect(Path(folder) / "names.sqlite3"), "?")


def main() -> None:
    size = int(os.environ.get("N") or 12_000)
    numbers = {pk: at for at, (pk, _texts) in enumerate(known(size))}
    with opened(os.environ.get("DB") or "sqlite") as stored:
        stored.fill(size)
        asked = [query for kind in ("orgs_ja", "orgs_zh") for query in queries(f"bench_{kind}.csv")]
        chosen = random.Random(4).sample(asked, min(ASKED, len(asked)))
        seconds, first = [], 0
        for query in chosen:
            start = time.perf_counter(), time.process_time()
            ranked = stored.match(query.text)
            seconds.append((time.perf_counter() - start[0], time.process_time() - start[1]))
            first += bool(ranked) and ranked[0].id in {numbers[target] for target in query.targets}
        for title, times in zip(("clock", "own CPU"), zip(*seconds, strict=True), strict=True):
            slow = sorted(times)[int(0.95 * len(times))]
            print(f"{title}: mean {statistics.mean(times) * 1000:.1f} ms, p95 {slow * 1000:.1f} ms")
        print(f"recall@1 over all kinds {first / len(chosen):.3f}")


if __name__ == "__main__":
    main()
