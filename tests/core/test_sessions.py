"""Sessions: kept under a digest, tell who uses them, end when they have to."""

import datetime

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.sessions import SEEN_EVERY, Session, SessionStore, digest, end
from core.signins import SignIn
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
NEW = "another long passphrase"


@pytest.fixture
def person(db):
    return UserFactory(username="tanaka", password=PASSWORD, role="Officer")


def sign_in(username="tanaka", password=PASSWORD, **environment):
    """A browser that goes through the login page."""
    client = Client(HTTP_USER_AGENT=FIREFOX, **environment)
    client.post(reverse("admin:login"), {"username": username, "password": password})
    return client


def is_in(client):
    """Asked on a page, in the API and for files."""
    answers = {
        client.get(reverse("admin:index")).status_code,
        client.get("/api/v1/organizations/").status_code,
    }
    assert len(answers & {200}) == len(answers) or 200 not in answers
    return 200 in answers


def key_of(client):
    return client.cookies[configured.SESSION_COOKIE_NAME].value


# -- kept -------------------------------------------------------------------------------------------------------------


def test_the_table_does_not_hold_the_key(person):
    client = sign_in()
    row = Session.objects.get()
    assert is_in(client)
    assert key_of(client) not in [str(value) for value in vars(row).values()]
    assert row.pk == digest(key_of(client))


def test_the_digest_is_no_key(person):
    client, thief = sign_in(), Client()
    thief.cookies[configured.SESSION_COOKIE_NAME] = digest(key_of(client))
    assert not is_in(thief)
    assert is_in(client)


def test_a_session_tells_whose_it_is_and_where(person):
    sign_in(REMOTE_ADDR="198.51.100.5")
    row = Session.objects.get()
    assert (row.user, row.address, row.user_agent, str(row)) == (person, "198.51.100.5", FIREFOX, "Firefox on Linux")
    assert timezone.now() - row.begun_at < datetime.timedelta(minutes=1)


def test_a_visitor_has_no_session():
    Client().get(reverse("admin:login"))
    assert not Session.objects.exists()


def test_a_session_that_has_run_out_is_none(person):
    client = sign_in()
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert not is_in(client)
    assert list(Session.of(person)) == []


def test_asynchronous_callers_find_the_same_sessions():
    store = SessionStore()
    store["x"] = 1
    async_to_sync(store.acreate)()
    assert Session.objects.get().pk == digest(store.session_key)
    assert async_to_sync(SessionStore(store.session_key).aget)("x") == 1
    assert async_to_sync(store.aexists)(store.session_key)
    async_to_sync(store.adelete)()
    assert not Session.objects.exists()


# -- seen -------------------------------------------------------------------------------------------------------------


def seen(ago):
    Session.objects.update(seen_at=timezone.now() - ago)
    return Session.objects.get().seen_at


def test_use_is_noted_now_and_then(person, django_assert_num_queries):
    client = sign_in()
    before = seen(SEEN_EVERY / 2)
    client.get(reverse("admin:index"))
    assert Session.objects.get().seen_at == before
    before = seen(SEEN_EVERY * 2)
    client.get("/api/v1/organizations/")
    assert Session.objects.get().seen_at > before


def test_a_new_address_is_noted_at_once(person):
    client = sign_in(REMOTE_ADDR="198.51.100.5")
    client.get(reverse("admin:index"), REMOTE_ADDR="203.0.113.9")
    assert Session.objects.get().address == "203.0.113.9"


def test_use_alone_does_not_prolong_a_session(person):
    client = sign_in()
    before = Session.objects.get().expire_date
    seen(SEEN_EVERY * 2)
    client.get(reverse("admin:index"))
    assert Session.objects.get().expire_date == before


def test_a_page_does_not_fail_because_its_use_cannot_be_noted(person, monkeypatch, caplog):
    client = sign_in()
    seen(SEEN_EVERY * 2)

    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", locked)
    assert client.get(reverse("admin:index")).status_code == 200
    assert "could not be noted" in caplog.text


# -- begun ------------------------------------------------------------------------------------------------------------


def test_signing_in_changes_the_key(person):
    """A key that somebody else put into the browser before is worth nothing afterwards."""
    planted = SessionStore()
    planted["x"] = 1
    planted.create()
    client = Client()
    client.cookies[configured.SESSION_COOKIE_NAME] = planted.session_key
    client.post(reverse("admin:login"), {"username": "tanaka", "password": PASSWORD})
    assert key_of(client) != planted.session_key
    assert not SessionStore().exists(planted.session_key)
    assert is_in(client)


def test_another_person_in_the_same_browser_gets_another_session(person):
    UserFactory(username="suzuki", password=PASSWORD, role="Officer")
    client = sign_in()
    first = key_of(client)
    client.post(reverse("admin:login"), {"username": "suzuki", "password": PASSWORD})
    assert key_of(client) != first
    assert [row.user.username for row in Session.objects.all()] == ["suzuki"]


# -- ended ------------------------------------------------------------------------------------------------------------


def test_logging_out_ends_the_session(person):
    client, other = sign_in(), sign_in()
    key = key_of(client)
    client.post(reverse("admin:logout"))
    client.cookies[configured.SESSION_COOKIE_NAME] = key
    assert (is_in(client), is_in(other)) == (False, True)


def test_a_new_password_ends_all_sessions_but_the_one_that_changed_it(person):
    here, there = sign_in(), sign_in()
    begun = Session.objects.get(pk=digest(key_of(here))).begun_at
    old = key_of(here)
    answer = here.post(
        reverse("admin:password_change"), {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    )
    assert answer.status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert key_of(here) != old
    assert list(Session.of(person).values_list("pk", "begun_at")) == [(digest(key_of(here)), begun)]


def test_a_password_set_by_an_administrator_ends_all_sessions(person, director, logged_in):
    client = sign_in()
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    logged_in(director).post(address, {"password1": NEW, "password2": NEW, "usable_password": "true"})
    assert not is_in(client)
    assert not Session.of(person).exists()


@pytest.mark.parametrize("right", ["is_active", "is_staff"])
def test_the_end_of_an_account_ends_its_sessions_for_good(right, person):
    client = sign_in()
    setattr(person, right, False)
    person.save()
    assert not is_in(client)
    setattr(person, right, True)
    person.save()
    assert not is_in(client)


@pytest.mark.parametrize("right", ["is_active", "is_staff"])
def test_rights_that_are_withdrawn_behind_our_back_count_too(right, person):
    client = sign_in()
    get_user_model().objects.filter(pk=person.pk).update(**{right: False})
    assert not is_in(client)


def test_other_changes_of_an_account_end_nothing(person):
    client = sign_in()
    person.full_name, person.language = "田中", "ja"
    person.save()
    assert is_in(client)


def test_ending_sessions_is_written_down(person, director):
    sign_in(REMOTE_ADDR="198.51.100.5")
    sign_in()
    assert end(Session.of(person).filter(address="198.51.100.5")) == 1
    event = SignIn.objects.get(kind=SignIn.Kind.ENDED)
    assert (event.user, event.address, event.user_agent) == (person, "198.51.100.5", FIREFOX)
    assert Session.of(person).count() == 1
