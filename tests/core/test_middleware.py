"""Per request: who acts, from where, in which language and time zone."""

import re

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from core.accounts import User
from core.addresses import client_address
from core.admin.links import change_url
from core.middleware import RequestContextMiddleware, UserPreferencesMiddleware
from core.request_context import acting, current, current_user
from crm.models import Organization
from tests.factories import OrganizationFactory, UserFactory

FORGED = "203.0.113.9"


def request_of(user=None, **headers):
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR="192.0.2.1")
    request.user = user or AnonymousUser()
    return request


# -- address ----------------------------------------------------------------------------------------------------------


def test_the_address_is_that_of_the_connection():
    assert client_address(request_of()) == "192.0.2.1"


def test_a_forwarded_address_is_not_believed_without_own_proxies(settings):
    settings.TRUSTED_PROXIES = 0
    assert client_address(request_of(x_forwarded_for=FORGED)) == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (1, "198.51.100.5", "198.51.100.5"),
        (1, f"{FORGED}, 198.51.100.5", "198.51.100.5"),
        (2, f"{FORGED}, 198.51.100.5, 10.0.0.1", "198.51.100.5"),
        (2, "198.51.100.5", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, " , ", "192.0.2.1"),
    ],
)
def test_only_what_own_proxies_wrote_is_believed(proxies, header, address, settings):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request_of(x_forwarded_for=header)) == address


@pytest.mark.django_db
def test_a_forged_address_does_not_reach_the_audit(director, logged_in):
    organization = OrganizationFactory(name="old")
    values = {"name": "new", "kind": "company", "country": "JP", "record_version": "1",
              "aliases-TOTAL_FORMS": "0", "aliases-INITIAL_FORMS": "0"}  # fmt: skip
    logged_in(director).post(change_url(organization), values, headers={"X-Forwarded-For": FORGED})
    assert Organization.objects.get().name == "new"
    assert LogEntry.objects.get_for_object(organization).order_by("-pk").first().remote_addr == "127.0.0.1"


# -- actor ------------------------------------------------------------------------------------------------------------


def test_work_inside_a_request_is_done_by_its_user_and_nothing_is_left_behind():
    user = User(username="officer", pk=1)
    seen = []

    def view(request):
        seen.append((current_user(), current().address))
        return HttpResponse()

    RequestContextMiddleware(view)(request_of(user))
    assert seen == [(user, "192.0.2.1")]
    assert current() is None


def test_the_context_ends_with_an_error_too():
    def view(request):
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011  the error of the view itself
        RequestContextMiddleware(view)(request_of())
    assert current() is None


def test_an_anonymous_visitor_is_nobody():
    with acting(AnonymousUser()):
        assert current_user() is None


def test_contexts_can_be_nested():
    with acting() as outer:
        with acting(AnonymousUser()) as inner:
            assert current() is inner
        assert current() is outer
    assert current() is None


@pytest.mark.django_db
def test_every_answer_has_a_number_of_its_own(officer, logged_in):
    client = logged_in(officer)
    numbers = [client.get(reverse("admin:index"))["X-Request-ID"] for _request in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", number) for number in numbers)
    assert numbers[0] != numbers[1]


@pytest.mark.django_db
def test_the_number_is_not_the_callers_to_choose():
    answer = Client().get(reverse("admin:login"), headers={"X-Request-ID": "chosen"})
    assert answer["X-Request-ID"] != "chosen"


# -- language and time zone -------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans", "ja"])
def test_staff_read_in_their_own_language_whatever_the_browser_asks_for(language, logged_in):
    user = UserFactory(language=language, role="Officer")
    answer = logged_in(user).get(reverse("admin:index"), headers={"Accept-Language": "de, fr"})
    assert answer["Content-Language"] == language


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "answered"), [("ja", "ja"), ("zh-CN", "zh-hans"), ("de", "en"), ("", "en")])
def test_visitors_read_in_the_language_of_the_browser(asked, answered):
    answer = Client().get(reverse("admin:login"), headers={"Accept-Language": asked})
    assert answer["Content-Language"] == answered


@pytest.mark.django_db
def test_the_view_runs_in_the_users_language_and_time_zone():
    seen = []

    def view(request):
        seen.append((translation.get_language(), request.LANGUAGE_CODE, timezone.get_current_timezone_name()))
        return HttpResponse()

    UserPreferencesMiddleware(view)(request_of(UserFactory(language="ja", time_zone="Asia/Tokyo")))
    assert seen == [("ja", "ja", "Asia/Tokyo")]
    assert (translation.get_language(), timezone.get_current_timezone_name()) == ("en", "UTC")


@pytest.mark.django_db
def test_the_next_request_has_the_next_users_time_zone():
    zones = []
    for zone in ("Asia/Tokyo", "Europe/Berlin"):
        view = UserPreferencesMiddleware(
            lambda request: zones.append(timezone.get_current_timezone_name()) or HttpResponse()
        )
        view(request_of(UserFactory(time_zone=zone)))
    assert zones == ["Asia/Tokyo", "Europe/Berlin"]
