"""Who calls, in which language and time zone."""

import datetime

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone, translation

from core.api.base import accepted_language
from core.tokens import ApiToken
from crm.models import Organization
from tests.core.api.calling import Caller
from tests.factories import LeadFactory, OrganizationFactory, UserFactory

ORGANIZATION = {"name": "新会社", "country": "JP"}


def token_of(caller):
    return ApiToken.find(caller.secret)


@pytest.mark.django_db
@pytest.mark.parametrize("secret", ["", "wrong", "lsn_" + "x" * 43, "ÿ"])
def test_without_a_good_token_the_answer_is_401_and_says_how(secret):
    response = Caller(secret).get("organizations/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:liaison:problem:unauthenticated"


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - datetime.timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
    ],
)
def test_an_expired_or_revoked_token_is_refused(api, officer, change):
    caller = api(officer)
    ApiToken.objects.update(**change)
    assert caller.get("organizations/").status_code == 401


def test_a_token_ends_with_its_user(api, officer):
    caller = api(officer)
    officer.is_active = False
    officer.save()
    assert caller.get("organizations/").status_code == 401


def test_the_scheme_is_not_case_sensitive_and_others_are_not_ours(api, officer):
    secret = api(officer).secret
    client = Client()
    assert client.get("/api/v1/organizations/", headers={"Authorization": f"bearer {secret}"}).status_code == 200
    assert client.get("/api/v1/organizations/", headers={"Authorization": f"Basic {secret}"}).status_code == 401


def test_use_of_a_token_is_noted_once_a_minute(api, officer, django_assert_num_queries):
    caller = api(officer)
    caller.get("organizations/")
    first = token_of(caller).last_used_at
    assert timezone.now() - first < datetime.timedelta(seconds=30)
    caller.get("organizations/")
    assert token_of(caller).last_used_at == first
    ApiToken.objects.update(last_used_at=first - datetime.timedelta(seconds=61))
    caller.get("organizations/")
    assert token_of(caller).last_used_at > first


def test_use_of_a_token_is_noted_with_its_address(api, officer):
    caller = api(officer)
    for address in ("198.51.100.5", "203.0.113.9"):
        caller.client = Client(REMOTE_ADDR=address)
        caller.get("organizations/")
        assert token_of(caller).last_used_address == address


def test_a_read_token_reads_and_does_not_write(api, officer):
    caller = api(officer, scope="read")
    assert caller.get("organizations/").status_code == 200
    response = caller.post("organizations/", ORGANIZATION)
    assert (response.status_code, response.json()["detail"]) == (403, "This token may only read.")
    assert not Organization.objects.exists()


def test_a_token_without_export_gets_no_file(api, officer):
    response = api(officer, may_export=False).get("organizations/?format=csv")
    assert (response.status_code, response.json()["detail"]) == (403, "This token may not export.")


def test_the_user_of_the_token_is_the_author(api, officer):
    response = api(officer).post("organizations/", ORGANIZATION)
    assert response.status_code == 201
    assert response.json()["created_by"] == officer.pk
    entry = LogEntry.objects.get_for_object(Organization.objects.get()).get()
    assert (entry.actor, entry.additional_data["actor_name"]) == (officer, "officer")


def test_the_token_wins_over_a_session(api, officer, director, logged_in):
    caller = api(officer)
    caller.client = logged_in(director)
    assert caller.post("organizations/", ORGANIZATION).json()["created_by_display"] == "officer"


def test_a_program_needs_no_staff_account(api, db):
    caller = api(UserFactory(username="erp", role="Integration", is_staff=False))
    assert caller.get("leads/").status_code == 200


def test_staff_may_use_their_session(officer, logged_in):
    assert logged_in(officer).get("/api/v1/organizations/").status_code == 200


def test_a_session_that_is_not_of_staff_is_nobody(officer, logged_in):
    client = logged_in(officer)
    officer.is_staff = False
    officer.save()
    assert client.get("/api/v1/organizations/").status_code == 401


def test_writing_by_session_needs_the_csrf_token(officer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    post = {"data": ORGANIZATION, "content_type": "application/json"}
    assert client.post("/api/v1/organizations/", **post).status_code == 403
    token = "x" * 32
    client.cookies["csrftoken"] = token
    assert client.post("/api/v1/organizations/", headers={"X-CSRFToken": token}, **post).status_code == 201


def test_writing_by_token_needs_no_csrf_token(api, officer):
    caller = api(officer)
    caller.client = Client(enforce_csrf_checks=True)
    assert caller.post("organizations/", ORGANIZATION).status_code == 201


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "ja"), ("zh-CN,zh;q=0.9", "zh-hans"), ("en-GB", "en"), ("fr, *;q=0.5", "ja"), ("nonsense ;;", "ja")],
)
def test_a_program_reads_in_the_language_it_asks_for_else_in_its_users(api, officer, header, language):
    officer.language = "ja"
    officer.save()
    OrganizationFactory(name_en="Trial Works", name_zh="试验工业", name_ja="試験工業")
    LeadFactory(owner=officer, organization=Organization.objects.get())
    response = api(officer, language=header).get("leads/")
    names = {"en": "Trial Works", "zh-hans": "试验工业", "ja": "試験工業"}
    assert response["Content-Language"] == language
    assert response.json()["results"][0]["organization_display"] == names[language]


def test_errors_too_are_in_the_callers_language(api, officer):
    officer.language = "ja"
    officer.save()
    body = api(officer).post("organizations/", {}).json()
    assert [entry["detail"] for entry in body["errors"] if entry["pointer"] == "/country"] == ["この項目は必須です。"]


def test_the_language_and_time_zone_of_a_call_end_with_it(api, officer):
    officer.language, officer.time_zone = "ja", "Asia/Tokyo"
    officer.save()
    with translation.override("zh-hans"), timezone.override("Asia/Shanghai"):
        api(officer).get("organizations/")
        api(officer).get("nothing/")
        assert timezone.get_current_timezone_name() == "Asia/Shanghai"
    assert timezone.get_current_timezone_name() == "UTC"


def test_times_without_a_zone_are_in_the_users_time(api, officer, tokyo_station):
    officer.time_zone = "Asia/Tokyo"
    officer.save()
    body = {"subject": "Talk", "station": tokyo_station.pk, "starts_at": "2026-04-01T09:00:00"}
    response = api(officer).post("interactions/", body)
    assert response.json()["starts_at"] == "2026-04-01T00:00:00Z"


def test_accepted_language_skips_what_we_do_not_speak():
    assert accepted_language("fr-FR, ja;q=0.8, en;q=0.9") == "en"
    assert accepted_language("*") is None


def test_caches_keep_the_answers_of_two_callers_apart(api, officer):
    response = api(officer).get("organizations/")
    assert response["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(response["Vary"].split(", "))
