"""`export_records`, `worker` and the daily housekeeping."""

import contextlib
import csv
import datetime
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core import access, resources
from core.exports_log import ExportLog
from core.sessions import Session
from core.signins import SignIn
from core.tasks import clear_expired, schedule_clearing
from crm.models import Lead
from tests.factories import LeadFactory
from tests.hard_values import OVERFLOWING

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def leads(tokyo_station, osaka_station, officer):
    LeadFactory(title="ours", station=tokyo_station, owner=officer)
    LeadFactory(title="theirs", station=osaka_station)


def exported(capsysbinary, *arguments):
    call_command("export_records", *arguments)
    return list(csv.DictReader(io.StringIO(capsysbinary.readouterr().out.decode("utf-8-sig"), newline="")))


def test_export_of_everything_to_the_standard_output(leads, capsysbinary):
    rows = exported(capsysbinary, "leads")
    assert {row["Title"] for row in rows} == {"ours", "theirs"}
    log = ExportLog.objects.get()
    assert (log.user, log.user_name, log.rows) == (None, "system", 2)


def test_export_of_what_a_user_may_export(leads, capsysbinary):
    rows = exported(capsysbinary, "leads", "--user", "officer")
    assert [row["Title"] for row in rows] == ["ours"]
    assert ExportLog.objects.get().user_name == "officer"


def test_export_with_filters_and_codes(leads, capsysbinary, tokyo_station):
    rows = exported(capsysbinary, "leads", "--filter", f"station={tokyo_station.pk}", "--headers", "codes")
    assert [row["title"] for row in rows] == ["ours"]
    assert rows[0]["stage"] == "new"


def test_export_in_a_chosen_language(leads, capsysbinary):
    Lead.objects.update(interest_amount=1, interest_currency="JPY")
    rows = exported(capsysbinary, "leads", "--language", "ja")
    assert "JPY 日本円" in rows[0].values()


def test_export_in_the_language_and_zone_of_the_user(leads, capsysbinary, officer):
    officer.language, officer.time_zone = "zh-hans", "Asia/Tokyo"
    officer.save()
    moment = datetime.datetime(2026, 1, 1, 20, 0, tzinfo=datetime.UTC)
    Lead.objects.update(created_at=moment, interest_amount=1, interest_currency="JPY")
    values = exported(capsysbinary, "leads", "--user", "officer")[0].values()
    assert "2026-01-02 05:00" in values
    assert "JPY 日元" in values


def test_export_to_a_file(leads, tmp_path):
    path = tmp_path / "leads.xlsx"
    call_command("export_records", "leads", "--format", "xlsx", "--output", str(path))
    assert openpyxl.load_workbook(path).active.max_row == 3
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db(transaction=True)
def test_a_broken_export_leaves_the_old_file(tmp_path, monkeypatch):
    LeadFactory()
    columns = resources.get("leads").columns
    monkeypatch.setattr(columns, "_built", [*columns.all, OVERFLOWING])
    path = tmp_path / "leads.csv"
    path.write_text("old")
    with pytest.raises(CommandError, match="not complete"):
        call_command("export_records", "leads", "--output", str(path))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert ExportLog.objects.get().rows is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["leads", "--filter", "stagee=new"], "stagee"),
        (["leads", "--filter", "stage"], "not a filter"),
        (["leads", "--filter", "station=999999"], "station"),
        (["leads", "--user", "nobody-at-all"], "no user"),
        (["leads", "--output", "/nowhere/at/all.csv"], "nowhere"),
        (["secrets"], "secrets"),
    ],
)
def test_mistakes_are_named(leads, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("export_records", *arguments)


def test_a_user_without_the_right_exports_nothing(leads, nobody):
    with pytest.raises(CommandError, match="may not export"):
        call_command("export_records", "leads", "--user", "nobody")


def test_the_system_reader_reaches_every_record(leads):
    assert access.scoped(access.SYSTEM, Lead, "export").count() == 2
    assert access.may(access.SYSTEM, "view", Session) is False  # no scope is registered: denied to everybody


# Housekeeping


def long_ago(days):
    return timezone.now() - datetime.timedelta(days=days)


@pytest.fixture
def old_and_new(db):
    for days in (1, 300):
        SignIn.objects.create(kind=SignIn.Kind.SIGNED_IN, at=long_ago(days))
        AccessAttempt.objects.create(failures_since_start=1, user_agent=f"{days}")
        AccessAttempt.objects.filter(user_agent=f"{days}").update(attempt_time=long_ago((days - 1) / 24))
        Session.objects.create(session_key=f"s{days}", session_data="", expire_date=long_ago(days - 50))


def test_what_has_run_out_is_cleared(old_and_new):
    clear_expired.call()
    assert SignIn.objects.count() == 1
    assert list(AccessAttempt.objects.values_list("user_agent", flat=True)) == ["1"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["s1"]


def waiting():
    return DBTaskResult.objects.filter(task_path=clear_expired.module_path, status=TaskResultStatus.READY)


def test_clearing_comes_again_tomorrow(db):
    clear_expired.call()
    assert waiting().get().run_after > timezone.now() + datetime.timedelta(hours=23)


def test_clearing_waits_only_once_however_many_workers_start(db):
    for _start in range(3):
        schedule_clearing()
    assert waiting().count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refreshes its statistics by itself")
def test_sqlite_knows_its_indexes_after_the_daily_work(db):
    LeadFactory()
    clear_expired.call()
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx FROM sqlite_stat1 WHERE tbl = 'crm_lead'")
        assert "lead_newest_of_station" in {name for (name,) in cursor.fetchall()}


# The worker


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A migrated database of its own, because the worker is another process."""
    folder = tmp_path_factory.mktemp("installation")
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'worker.sqlite3'}", "DATA_DIR": str(folder)}

    def manage(*arguments, **options):
        return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, **options)

    assert manage("migrate", "--verbosity", "0").wait(timeout=120) == 0
    return manage, folder / "worker.sqlite3"


def count(path, sql):
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as database:
        return database.execute(sql).fetchone()[0]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_beats_works_and_leaves_quickly(installation, signum):
    manage, path = installation
    worker = manage("worker", stderr=subprocess.DEVNULL)
    beats = f"SELECT count(*) FROM core_workerbeat WHERE worker LIKE '%-{worker.pid}'"
    done = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL'"
    try:
        deadline = time.monotonic() + 60
        while not (count(path, beats) and count(path, done)):
            assert worker.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        asked = time.monotonic()
        worker.send_signal(signum)
        assert worker.wait(timeout=10) == 0
        assert time.monotonic() - asked < 2
    finally:
        worker.kill()
