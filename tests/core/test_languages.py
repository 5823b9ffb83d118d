"""Changing the language of the screens."""

import pytest
from django.conf import settings as project


def choose(client, language, **data):
    return client.post("/set-language/", {"language": language, **data})


def test_staff_change_their_account(officer, logged_in):
    client = logged_in(officer)
    response = choose(client, "ja", next="/admin/crm/lead/?stage=new")
    assert (response.status_code, response["Location"]) == (302, "/admin/crm/lead/?stage=new")
    officer.refresh_from_db()
    assert officer.language == "ja"
    assert client.get("/admin/")["Content-Language"] == "ja"


def test_visitors_get_a_cookie(client, db):
    response = choose(client, "zh-hans")
    cookie = response.cookies[project.LANGUAGE_COOKIE_NAME]
    assert cookie.value == "zh-hans"
    assert cookie["httponly"]
    assert client.get("/admin/login/")["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("language", ["", "fr", "ja\r\nSet-Cookie: x=1", "JA"])
def test_an_unknown_language_changes_nothing(officer, logged_in, language):
    response = choose(logged_in(officer), language)
    assert response.status_code == 400
    assert project.LANGUAGE_COOKIE_NAME not in response.cookies
    officer.refresh_from_db()
    assert officer.language == "en"


BAD = ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""]


@pytest.mark.parametrize("address", BAD)
def test_the_way_back_stays_on_this_site(officer, logged_in, address):
    assert choose(logged_in(officer), "ja", next=address)["Location"] == "/"


def test_the_way_back_is_the_page_they_came_from(officer, logged_in):
    response = logged_in(officer).post(
        "/set-language/", {"language": "ja"}, headers={"referer": "http://testserver/admin/crm/"}
    )
    assert response["Location"] == "http://testserver/admin/crm/"


def test_reading_the_address_changes_nothing(officer, logged_in):
    assert logged_in(officer).get("/set-language/?language=ja").status_code == 405


def test_a_foreign_page_cannot_change_it(officer):
    from django.test import Client  # noqa: PLC0415

    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert choose(client, "ja").status_code == 403


def test_the_start_page_leads_staff_to_their_work(client):
    assert client.get("/")["Location"] == "/admin/"
