"""kill -9 of the worker during an import: all rows or none, and as many entries of the change history."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.e2e.servers import DATABASES, ROOT, fresh_database, started

pytestmark = pytest.mark.e2e

ROWS = 10_000
KILLS = 20
LONGEST_PAUSE = 2.5  # seconds between the beginning of a run and its end by force

# A process that uploads, starts and looks on a word: to start Python for each look would take most of the test's time.
HAND = """
import json, sys, time
from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from core.accounts import User
from core.imports import checking, mapping, running, uploads
from core.imports.models import Import, ImportedRecord
from crm.models import Organization

def upload(prefix, rows):
    lines = ["name,country,city"] + [f"{prefix} {n:05d},JP,Osaka" for n in range(int(rows))]
    file = ContentFile("\\n".join(lines).encode(), name="works.csv")
    import_ = uploads.receive(User.objects.get(username="chief"), "organizations", file)
    import_.mapping = mapping.suggest(import_)
    import_.save()
    preview = checking.check(import_)
    running.start(import_)
    return [import_.pk, preview.to_add, preview.to_skip]

def outcome(pk):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:  # the server may need a moment to see that its client has died, or to end a commit
        running.recognise_dead()
        if (now := Import.objects.get(pk=pk).status) in ("failed", "done"):
            return now
        time.sleep(0.05)

def again(pk):
    running.start(Import.objects.get(pk=pk))
    return Import.objects.get(pk=pk).status

def status(pk, other_than="", seconds="180"):
    limit = time.monotonic() + float(seconds)
    while (now := Import.objects.get(pk=pk).status) in other_than.split("|") and time.monotonic() < limit:
        time.sleep(0.02)
    return now

def stored():
    created = LogEntry.objects.get_for_model(Organization).filter(action=LogEntry.Action.CREATE)
    return [Organization.objects.count(), created.count(), ImportedRecord.objects.count()]

for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(globals()[name](*arguments)), flush=True)
"""


class Hand:
    def __init__(self, server):
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-v", "0", "-c", HAND]
        with server.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=server.environment, text=True, process_group=0,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def __call__(self, *words):
        self.process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(params=DATABASES)
def server(request, tmp_path):
    with fresh_database(request.param) as database_url, started(database_url, tmp_path) as server:
        server.superuser("chief", "a long enough passphrase")
        yield server


@pytest.fixture
def hand(server):
    hand = Hand(server)
    yield hand
    hand.close()


def killed_while_running(server, hand, pk, pause):
    """Lets the worker begin and kills it; answers what became of the import."""
    server.start_worker()
    assert hand("status", pk, "waiting") in ("running", "done")
    time.sleep(pause)
    server.kill("worker")
    return hand("outcome", pk)


def test_killing_the_worker_leaves_all_rows_or_none(server, hand):
    some = random.Random(20)
    finished, (pk, *_counts) = 0, hand("upload", "Works 0", ROWS)
    for _kill in range(KILLS):
        outcome = killed_while_running(server, hand, pk, some.uniform(0, LONGEST_PAUSE))
        assert outcome in ("done", "failed")
        finished += outcome == "done"
        assert hand("stored") == [finished * ROWS] * 3
        if outcome == "done":  # quicker than the kill: the next one shall meet a running import as well
            pk, *_counts = hand("upload", f"Works {finished}", ROWS)
        else:
            assert hand("again", pk) == "waiting"
    server.start_worker()
    assert hand("status", pk, "waiting|running") == "done"
    assert hand("stored") == [(finished + 1) * ROWS] * 3
    again, to_add, to_skip = hand("upload", f"Works {finished}", ROWS)
    assert (to_add, to_skip) == (0, ROWS)
    assert hand("status", again, "waiting|running") == "done"
    assert hand("stored")[:2] == [(finished + 1) * ROWS] * 2
