"""How long the sample takes to make; everything else is measured on it."""

import os
import resource
import sys
import time
from collections.abc import Iterator

from django.utils import timezone

from benchmarks.report import Figure
from demo.sample.make import make_sample

LEADS = int(os.environ.get("N") or 100_000)
SEED = int(os.environ.get("SEED") or 1)
MOST_SECONDS = 600  # for a million leads
SMALLEST = 100_000  # leads from which on the time is projected against the limit
MOST_MEMORY = 500  # MB

_measured: list[Figure] = []


def load() -> None:
    """Fills the database, which is empty, and remembers how it went."""
    started, busy = time.perf_counter(), time.process_time()
    made = make_sample(LEADS, SEED, timezone.localdate())
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    limit = MOST_SECONDS if LEADS >= SMALLEST else None
    _measured[:] = [
        Figure("make_sample, rows stored", sum(made.values()) / seconds, "/s"),
        # What is the same for every size makes a small one look slow.
        Figure("make_sample, time for a million leads", seconds * 1_000_000 / LEADS, "s", limit),
        # On a machine that is shared, the time says how busy it was.
        Figure("make_sample, of which CPU of its own process", busy * 1_000_000 / LEADS, "s"),
        Figure("make_sample, peak memory", _peak(), "MB", MOST_MEMORY),
    ]


def _peak() -> float:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return kilobytes / 1024


def figures() -> Iterator[Figure]:
    yield from _measured
