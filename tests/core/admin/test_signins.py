"""Where somebody is signed in: seen and ended by oneself, and by those who manage accounts."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from core.sessions import Session
from core.signins import SignIn
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
OWN = reverse("admin:sessions")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def log_in(user, agent=FIREFOX, address="198.51.100.5"):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post(reverse("admin:login"), {"username": user.username, "password": PASSWORD})
    return client


@pytest.fixture
def person(tokyo_station):
    return UserFactory(username="tanaka", password=PASSWORD, role="Officer", station=tokyo_station)


def is_in(client):
    return client.get(reverse("admin:index")).status_code == 200


def of(user):
    return reverse("admin:core_user_sessions", args=[user.pk])


def test_everybody_sees_where_they_are_signed_in(person):
    here, _there = log_in(person), log_in(person, EDGE, "203.0.113.9")
    text = here.get(OWN).content.decode()
    shown = ["Firefox on Linux", "Edge on Windows", "198.51.100.5", "203.0.113.9", "This session", "End all others"]
    assert [word in text for word in shown] == [True] * 6


def test_staff_without_a_role_see_their_own_too(nobody, logged_in):
    assert logged_in(nobody).get(OWN).status_code == 200


def test_the_page_does_not_hold_a_key(person):
    client = log_in(person)
    assert client.cookies["sessionid"].value not in client.get(OWN).content.decode()


def test_the_menu_leads_there(person):
    assert OWN in log_in(person).get(reverse("admin:index")).content.decode()


def test_one_session_is_ended(person):
    here, there, third = log_in(person), log_in(person, EDGE), log_in(person)
    session = Session.objects.get(user_agent=EDGE)
    response = here.post(OWN, {"session": session.pk}, follow=True)
    assert "1 session was ended." in response.content.decode()
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]


def test_all_others_are_ended(person):
    here, there, third = log_in(person), log_in(person, EDGE), log_in(person)
    here.post(OWN)
    assert [is_in(client) for client in (here, there, third)] == [True, False, False]
    assert SignIn.objects.filter(kind=SignIn.Kind.ENDED, user=person, by_name="").count() == 2


def test_sessions_of_others_cannot_be_ended_here(person, stranger, logged_in):
    theirs = log_in(person)
    logged_in(stranger).post(OWN, {"session": Session.objects.get(user=person).pk})
    assert is_in(theirs)


@pytest.mark.parametrize("pk", ["", "nonsense", "a\x00b", "x" * 1000, "<script>"])
def test_a_session_that_does_not_exist_ends_nothing(pk, person):
    here, there = log_in(person), log_in(person, EDGE)
    here.post(OWN, {"session": pk or "-"})
    assert is_in(there)


def test_who_manages_accounts_sees_and_ends_sessions_of_others(person, director, logged_in):
    theirs, head = log_in(person), logged_in(director)
    assert of(person) in head.get(reverse("admin:core_user_change", args=[person.pk])).content.decode()
    assert "Firefox on Linux" in head.get(of(person)).content.decode()
    head.post(of(person))
    assert not is_in(theirs)
    assert is_in(head)
    assert SignIn.objects.get(kind=SignIn.Kind.ENDED).by_name == "director"


def test_nobody_else_does(person, officer, auditor, logged_in):
    theirs = log_in(person)
    for user in (officer, auditor):
        client = logged_in(user)
        assert client.get(of(person)).status_code == 403
        assert client.post(of(person)).status_code == 403
    assert is_in(theirs)


def test_the_director_does_not_end_a_superusers_session(director, logged_in):
    superuser = UserFactory(is_superuser=True, password=PASSWORD)
    theirs = log_in(superuser)
    assert logged_in(director).post(of(superuser)).status_code == 403
    assert is_in(theirs)


def test_an_account_that_does_not_exist_has_no_sessions(director, logged_in):
    client = logged_in(director)
    for pk in (999_999, 10**30):
        assert client.get(reverse("admin:core_user_sessions", args=[pk])).status_code == 404


def test_sessions_end_by_post_alone(person):
    here, there = log_in(person), log_in(person, EDGE)
    here.get(OWN, {"session": Session.objects.get(user_agent=EDGE).pk})
    assert is_in(there)
    assert Client(enforce_csrf_checks=True).post(OWN).status_code in (302, 403)


@pytest.mark.parametrize("language", ["en", "zh-hans", "ja"])
def test_the_page_is_in_the_readers_language(language, person):
    person.language = language
    person.save()
    with translation.override(language):
        title = translation.gettext("Where you are signed in")
    assert title in log_in(person).get(OWN).content.decode()
