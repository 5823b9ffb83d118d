"""The sign of life of the task worker, and the clearing it repeats."""

import datetime
import threading
from importlib import import_module

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import worker
from core.sessions import Session, digest
from core.tasks import A_DAY, clear_expired, schedule_clearing
from core.worker import SILENT_AFTER, WorkerBeat, keep_beating

pytestmark = pytest.mark.django_db


def beat_ago(name, **duration):
    return WorkerBeat.objects.create(worker=name, beat_at=timezone.now() - datetime.timedelta(**duration))


def test_without_a_beat_no_worker_is_alive():
    assert not WorkerBeat.alive()


def test_a_worker_that_has_just_beaten_is_alive():
    WorkerBeat.beat("one")
    assert WorkerBeat.alive()


def test_a_silent_worker_is_not_alive():
    beat_ago("one", seconds=SILENT_AFTER.total_seconds() + 1)
    assert not WorkerBeat.alive()


def test_one_living_worker_is_enough():
    beat_ago("dead", minutes=30)
    WorkerBeat.beat("living")
    assert WorkerBeat.alive()


def test_a_worker_has_one_row_however_often_it_beats():
    for _beat in range(3):
        WorkerBeat.beat("one")
    assert [str(beat) for beat in WorkerBeat.objects.all()] == ["one"]


def test_rows_of_workers_long_gone_are_removed():
    beat_ago("gone", days=2)
    beat_ago("yesterday", hours=23)
    WorkerBeat.beat("one")
    assert set(WorkerBeat.objects.values_list("worker", flat=True)) == {"yesterday", "one"}


def test_beating_goes_on_until_it_is_stopped(monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # it would end the test's transaction
    monkeypatch.setattr(worker, "BEAT", datetime.timedelta())
    stop, beats = threading.Event(), []

    def beat(name):
        beats.append(name)
        if len(beats) == 3:
            stop.set()

    monkeypatch.setattr(WorkerBeat, "beat", beat)
    keep_beating("one", stop)
    assert beats == ["one"] * 3


def waiting():
    return DBTaskResult.objects.filter(task_path=clear_expired.module_path)


def test_one_clearing_is_waiting_however_often_it_is_asked_for():
    for _start in range(3):
        schedule_clearing()
    assert waiting().count() == 1


def test_expired_sessions_are_removed_and_the_next_clearing_is_tomorrow():
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for expires in (timezone.now() - A_DAY, timezone.now() + A_DAY):
        session = store()
        session.save()
        Session.objects.filter(pk=digest(session.session_key)).update(expire_date=expires)
    clear_expired.func()
    assert Session.objects.count() == 1
    assert waiting().get().run_after - timezone.now() > A_DAY - datetime.timedelta(minutes=1)


def test_a_clearing_that_fails_comes_again_all_the_same(monkeypatch):
    monkeypatch.setattr("core.tasks.call_command", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clear_expired.func()
    assert waiting().count() == 1
