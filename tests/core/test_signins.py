"""The log of sign-ins: who, when, from where."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from django.urls import reverse

from core.accounts import User
from core.admin.links import list_url
from core.signins import SignIn
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
HERE = "198.51.100.5"


@pytest.fixture
def person(db):
    user = UserFactory(username="tanaka", password=PASSWORD, role="Officer")
    SignIn.objects.all().delete()  # the factory's first password
    return user


def log_in(username="tanaka", password=PASSWORD):
    client = Client(REMOTE_ADDR=HERE, HTTP_USER_AGENT="curl/8")
    client.post(reverse("admin:login"), {"username": username, "password": password})
    return client


def events():
    return list(SignIn.objects.order_by("pk").values_list("kind", "user_name", "address", "user_agent"))


def test_signing_in_and_out_is_written_down(person):
    client = log_in()
    client.post(reverse("admin:logout"))
    assert events() == [("signed_in", "tanaka", HERE, "curl/8"), ("signed_out", "tanaka", HERE, "curl/8")]
    assert set(SignIn.objects.values_list("user", flat=True)) == {person.pk}


def test_a_wrong_password_is_written_down(person):
    log_in(password="wrong")
    assert events() == [("failed", "tanaka", HERE, "curl/8")]


def test_what_was_typed_is_not_kept_where_there_is_no_such_account(person):
    log_in(username="my secret passphrase", password="x")
    assert events() == [("failed", "", HERE, "curl/8")]


def test_who_is_not_signed_in_signs_out_in_silence():
    Client().post(reverse("admin:logout"))
    assert events() == []


def test_an_event_outlives_the_account(person):
    log_in(password="wrong")
    person.delete()
    event = SignIn.objects.get()
    assert (event.user, event.user_name, str(event)) == (None, "tanaka", "Wrong password: tanaka")


def test_a_password_set_by_somebody_else_names_both(person, director, logged_in):
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    new = {"password1": "a new passphrase", "password2": "a new passphrase", "usable_password": "true"}
    logged_in(director).post(address, new, REMOTE_ADDR=HERE)
    event = SignIn.objects.get(user=person)
    assert (event.user, event.by_name, event.address) == (person, "director", HERE)


def test_a_hash_that_is_renewed_is_no_new_password(person, settings):
    User.objects.filter(pk=person.pk).update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1))
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    log_in()
    person.refresh_from_db()
    assert person.password.startswith("md5$")
    assert [kind for kind, *_rest in events()] == ["signed_in"]


@pytest.mark.parametrize(("user", "status"), [("director", 200), ("auditor", 200), ("officer", 403)])
def test_the_log_is_read_by_those_who_watch(user, status, person, request, logged_in):
    log_in()
    response = logged_in(request.getfixturevalue(user)).get(list_url(SignIn), {"q": HERE})
    assert response.status_code == status
    assert (HERE in response.content.decode()) is (status == 200)


def test_nobody_writes_into_the_log(person, director, logged_in):
    log_in()
    event, client = SignIn.objects.first(), logged_in(director)
    for page in ("change", "delete"):
        address = reverse(f"admin:core_signin_{page}", args=[event.pk])
        assert client.post(address, {"user_name": "x", "post": "yes"}).status_code == 403
    assert client.post(reverse("admin:core_signin_add"), {"kind": "signed_in"}).status_code == 403
    event.refresh_from_db()
    assert event.user_name == "tanaka"
