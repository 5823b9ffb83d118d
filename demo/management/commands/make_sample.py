"""Fills the database with invented records in bulk, for measuring and for trying out how large lists feel."""

import datetime
import resource
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.calendar import today_at_the_office
from demo.sample.make import make_sample, records_present

EVERY = 10  # seconds between two lines


class Command(BaseCommand):
    help = (
        "Makes invented records of every kind, all marked as sample: for each 1,000 leads about 200 organizations, "
        "300 people, 400 interactions and what belongs to them. The same size, seed and day make the same records. "
        "Sample users cannot sign in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--leads", type=int, default=10_000, metavar="N", help="how many leads (default 10,000)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number makes other records")
        parser.add_argument(
            "--until", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="the last day (default: today)"
        )
        parser.add_argument("--force", action="store_true", help="add to a database that holds records already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["leads"] < 1:
            raise CommandError("Give a number of leads of at least 1: --leads 1000")
        if not options["force"] and (present := list(records_present())):
            raise CommandError(
                f"This database holds records already ({', '.join(present)}). Use an empty one (DATABASE_URL=...), "
                "or add the sample to what is there with --force; it cannot be taken out again."
            )
        started = time.monotonic()
        progress = Progress(self.stdout, started)
        made = make_sample(options["leads"], options["seed"], options["until"] or today_at_the_office(), progress)
        self._summary(made, time.monotonic() - started)

    def _summary(self, made: Counter[str], seconds: float) -> None:
        for label, count in sorted(made.items()):
            self.stdout.write(f"{label:42}{count:>12,}")
        total = sum(made.values())
        self.stdout.write(f"{'rows':42}{total:>12,}  in {seconds:,.1f} s, {total / seconds:,.0f} rows/s, {_peak()}")


def _peak() -> str:
    """The most memory that this process has held."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return f"at most {kilobytes / 1024:,.0f} MB of memory"


class Progress:
    """Says every few seconds what is being stored."""

    def __init__(self, out: Any, started: float) -> None:
        self.out, self.started, self.said, self.rows = out, started, started, 0

    def __call__(self, label: str, rows: int) -> None:
        self.rows += rows
        now = time.monotonic()
        if not label or now - self.said >= EVERY:
            self.said = now
            doing = label or "checking relations, making indexes"
            self.out.write(f"{now - self.started:6.0f} s {self.rows:>12,} rows  {doing}")
            self.out.flush()
