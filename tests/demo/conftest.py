"""The demo's records, loaded once for all tests of a module; what a test changes is rolled back after it."""

import contextlib

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from demo import users
from demo.files import load_conference
from demo.known import Known

CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker, tmp_path_factory):
    """`once(load)` keeps what `load` wrote for as long as the context lasts."""

    @contextlib.contextmanager
    def keep(load):
        data_dir = tmp_path_factory.mktemp("data")
        with (
            django_db_blocker.unblock(),
            override_settings(DATA_DIR=data_dir, PASSWORD_HASHERS=CHEAP),
            transaction.atomic(),
        ):
            load()
            yield data_dir
            transaction.set_rollback(True)

    return keep


@pytest.fixture(scope="module")
def _conference(once):
    def load():
        users.load_users()
        load_conference(Known())

    with once(load):
        yield


@pytest.fixture
def conference(_conference, db):
    """Only the real conference."""


@pytest.fixture(scope="module")
def _demo(once):
    with once(lambda: call_command("load_demo", quiet=True)) as data_dir:
        yield data_dir


@pytest.fixture
def demo(_demo, db, settings):
    """Everything; answers the data folder."""
    settings.DATA_DIR = _demo
    return _demo
