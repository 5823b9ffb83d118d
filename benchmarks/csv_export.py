"""The CSV export of leads against the database's own cursor, which reads the same values and throws them away.

N=100000 make bench measures more rows; `python -m deploy.postgres -- make bench` measures PostgreSQL.
"""

import csv
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from benchmarks import database, memory
from core import access, resources
from core.exports import Export, csv_chunks
from crm.models import Channel, Lead, LiaisonStation, Organization, Sector

ROWS = int(os.environ.get("N", "20000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
CHUNK = 2000


class Sink(io.TextIOBase):
    """Takes text as a socket would, and keeps nothing."""

    size = 0

    def write(self, text: str) -> int:
        self.size += len(text.encode())
        return len(text)


def load() -> None:
    """Leads as an agency has them: most fields filled, a third with notes, every tenth with a colleague."""
    make_user = get_user_model()
    users = make_user.objects.bulk_create(
        [make_user(username=f"user{n}", full_name=f"担当 {n:02d}", password="!") for n in range(20)]
    )
    organizations = Organization.objects.bulk_create(
        [Organization(name=f"株式会社見本{n:05d}", name_en=f"Sample {n:05d}", country="JP") for n in range(2000)]
    )
    stations = LiaisonStation.objects.bulk_create(
        [LiaisonStation(name=f"Station {n}", country="JP", time_zone="Asia/Tokyo") for n in range(5)]
    )
    sectors = Sector.objects.bulk_create(
        [Sector(code=f"bench-{n}", name_en=f"Sector {n}", name_zh=f"行业{n}", name_ja=f"業種{n}") for n in range(10)]
    )
    channel = Channel.objects.create(code="bench", name_en="Fair", name_zh="展会", name_ja="展示会")
    leads = (lead(n, organizations, stations, users, sectors, channel) for n in range(ROWS))
    stored = Lead.objects.bulk_create(leads, batch_size=CHUNK)
    link = Lead.collaborators.through
    link.objects.bulk_create([link(lead=shared, user=users[3]) for shared in stored[::10]], batch_size=CHUNK)


def lead(n: int, organizations: Any, stations: Any, users: Any, sectors: Any, channel: Channel) -> Lead:
    return Lead(
        title=f"Factory in Suzhou, line {n}",
        organization=organizations[n % 2000],
        station=stations[n % 5],
        owner=users[n % 20],
        sector=sectors[n % 10],
        channel=channel,
        stage=("new", "contacted", "qualified")[n % 3],
        interest_amount=n * 1000,
        interest_currency="JPY",
        jobs=n % 300,
        likelihood=n % 101,
        next_step="+81 3-1234-5678" if n % 7 == 0 else "Call back",
        next_step_on=timezone.localdate(),
        notes="スマート製造ラインの見学を希望。\nSecond line, with a comma." if n % 3 == 0 else "",
    )


def raw_rows(queryset: Any, paths: list[str]) -> Iterator[list[Any]]:
    """The same SQL through the bare cursor; on PostgreSQL through a server-side one, as the export uses."""
    sql, params = queryset.values_list(*paths).query.sql_with_params()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def measure(work: Callable[[], int]) -> float:
    start = time.perf_counter()
    count = work()
    elapsed = time.perf_counter() - start
    if count != ROWS:
        raise RuntimeError(f"{count} rows instead of {ROWS}")
    return elapsed


def contestants() -> dict[str, Callable[[], int]]:
    resource = resources.get("leads")
    queryset = resource.ordered(resource.all(access.SYSTEM, "export"))
    columns = resource.columns.listed()
    paths = list(dict.fromkeys(["pk", *(path for column in columns for path in column.paths)]))

    def cursor_alone() -> int:
        return sum(len(rows) for rows in raw_rows(queryset, paths))

    def cursor_and_writer() -> int:
        writer, count = csv.writer(Sink()), 0
        for rows in raw_rows(queryset, paths):
            writer.writerows(rows)
            count += len(rows)
        return count

    def values_list_and_writer() -> int:
        writer, count = csv.writer(Sink()), 0
        for row in queryset.values_list(*paths).iterator(chunk_size=CHUNK):
            writer.writerow(row)
            count += 1
        return count

    def export(headers: str) -> int:
        made = Export(resource, queryset, access.SYSTEM, columns, headers)
        for _chunk in csv_chunks(made):
            pass
        return made.rows if made.complete else -1

    return {
        "raw cursor": cursor_alone,
        "raw cursor + csv.writer": cursor_and_writer,
        "values_list + csv.writer": values_list_and_writer,
        "export, labels": lambda: export("labels"),
        "export, codes": lambda: export("codes"),
    }


def main() -> None:
    with database.temporary():
        load()
        works = contestants()
        for work in works.values():
            measure(work)  # warm caches alike
        times: dict[str, list[float]] = {name: [] for name in works}
        for _round in range(ROUNDS):  # in turns, so that a busy moment of the machine hits all
            for name, work in works.items():
                times[name].append(measure(work))
        grown = memory.peak_growth(works["export, labels"])
    report(times, grown)


def report(times: dict[str, list[float]], grown: float | None) -> None:
    columns = len(resources.get("leads").columns.listed())
    print(f"CSV export of {ROWS:,} leads, {columns} columns, {connection.vendor}, median of {ROUNDS} rounds")
    raw, written = times["raw cursor"], times["raw cursor + csv.writer"]
    print(f"  {'':24} {'rows/s':>10} {'/ cursor':>10} {'/ cursor + writer':>18}")
    for name, measured in times.items():
        rate = ROWS / statistics.median(measured)
        against = [statistics.median(a / b for a, b in zip(base, measured, strict=True)) for base in (raw, written)]
        print(f"  {name:24} {rate:10,.0f} {against[0]:10.2f} {against[1]:18.2f}")
    if grown is not None:
        print(f"  peak memory of the export: {grown:.1f} MB above the level before")
