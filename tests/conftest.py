"""The cast: two stations, their officers, and the other roles."""

import pytest
from django.test import Client
from django.utils import translation

from tests.factories import StationFactory, UserFactory


@pytest.fixture(autouse=True)
def _fast_and_local(settings, tmp_path):
    """Cheap password hashes, files in the test's own folder (two processes each have an import 1), static files without
    a manifest."""
    settings.DATA_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            **settings.STORAGES["default"],
            "OPTIONS": {**settings.STORAGES["default"]["OPTIONS"], "location": tmp_path / "uploads"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _in_english():
    """A request leaves its language active behind it; the next test shall not read in it."""
    with translation.override("en"):
        yield


@pytest.fixture
def tokyo_station(db):
    return StationFactory(name="東京誘致事務所", name_en="Tokyo station")


@pytest.fixture
def osaka_station(db):
    return StationFactory(name="大阪誘致事務所", name_en="Osaka station")


@pytest.fixture
def officer(tokyo_station):
    """Works at the Tokyo station."""
    return UserFactory(username="officer", role="Officer", station=tokyo_station)


@pytest.fixture
def stranger(osaka_station):
    """An officer of another station."""
    return UserFactory(username="stranger", role="Officer", station=osaka_station)


@pytest.fixture
def director(db):
    return UserFactory(username="director", role="Director")


@pytest.fixture
def auditor(db):
    return UserFactory(username="auditor", role="Auditor")


@pytest.fixture
def nobody(db):
    """Staff without any role."""
    return UserFactory(username="nobody")


@pytest.fixture
def logged_in():
    """`logged_in(user)` answers a client of that user."""

    def log_in(user):
        client = Client()
        client.force_login(user)
        return client

    return log_in
