"""What supervisors and balancers ask."""

import pytest
from django.db import DatabaseError

from core import health
from core.worker import WorkerBeat


@pytest.fixture
def worker(db):
    WorkerBeat.beat("test")


def test_alive_without_asking_the_database(client):  # which this test has no access to
    response = client.get("/livez")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


def test_ready_when_all_checks_pass(client, worker):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "worker": "ok"},
    }
    assert "no-store" in response["Cache-Control"]


def test_not_ready_without_a_worker(client, db, caplog):
    response = client.get("/readyz")
    assert caplog.text == ""  # supervisors ask every few seconds
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "worker": "failed"}


def test_not_ready_with_a_silent_worker(client, worker):
    WorkerBeat.objects.update(beat_at="2020-01-01T00:00:00Z")
    assert client.get("/readyz").status_code == 503


def test_not_ready_with_open_migrations(client, worker, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "failed"


def test_not_ready_without_a_database_and_nothing_leaks(client, monkeypatch):
    def refuse():
        raise DatabaseError("password authentication failed for user crm at 10.0.0.5")

    monkeypatch.setitem(health.CHECKS, "database", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == dict.fromkeys(health.CHECKS, "failed")
    assert b"password" not in response.content


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_not_redirected_to_https(client, worker, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
    assert client.get("/admin/").status_code == 301


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_only_for_reading(client, path):
    assert client.post(path).status_code == 405
