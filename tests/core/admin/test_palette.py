"""The command palette: it offers what the reader may open and do, and nothing else."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from core.admin import navigation
from core.admin.links import add_url, list_url, record_url
from core.global_search import LONGEST_QUERY
from crm.models import Lead, Organization
from tests.factories import LeadFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


def sections(client, **query):
    """The commands by section."""
    response = client.get(reverse("admin:palette"), query)
    assert response.status_code == 200
    return {s.slug: list(s.commands) for s in response.context["sections"]}


def addresses(commands):
    return [command.url for command in commands if command.url]


def test_it_leads_to_every_page_of_the_sidebar_and_no_other(logged_in):
    for role in ("Director", "Officer", "Event manager", "Contract manager", "Auditor"):
        client = logged_in(UserFactory(role=role))
        groups = client.get(reverse("admin:index")).context["nav_groups"]
        shown = [item["url"] for group in groups for item in group["items"]]
        assert addresses(sections(client)["go"]) == [reverse("admin:index"), *shown]


def test_every_address_that_it_offers_answers(logged_in):
    for role in ("Director", "Officer", "Event manager", "Contract manager", "Auditor"):
        client = logged_in(UserFactory(role=role))
        offered = [url for commands in sections(client).values() for url in addresses(commands)]
        assert {url: status for url in offered if (status := client.get(url).status_code) != 200} == {}


def test_it_adds_what_the_reader_may_add(officer, auditor, logged_in):
    assert add_url(Lead) in addresses(sections(logged_in(officer))["add"])
    assert add_url(Organization) in addresses(sections(logged_in(officer))["add"])
    assert "add" not in sections(logged_in(auditor))


def test_staff_without_a_role_find_their_own_account_only(nobody, logged_in):
    found = sections(logged_in(nobody))
    assert addresses(found["go"]) == [reverse("admin:index")]
    assert "add" not in found


def test_it_presses_what_stands_on_every_page(director, logged_in):
    client = logged_in(director)
    page = client.get(reverse("admin:index")).content.decode()
    pressed = [command.press for command in sections(client)["own"] if command.press]
    assert pressed == ["language-en", "language-zh-hans", "language-ja", "sidebar", "logout"]
    assert {name for name in pressed if f'data-command="{name}"' not in page} == set()


def test_every_icon_is_drawn(director, logged_in, settings):
    drawn = (settings.ROOT / "core/static/core/icons.svg").read_text()
    icons = {command.icon for commands in sections(logged_in(director)).values() for command in commands}
    assert {icon for icon in icons if f'id="{icon}"' not in drawn} == set()


def test_records_are_found_by_name_and_number(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station, title="Battery plant")
    client = logged_in(officer)
    assert addresses(sections(client, q="battery")["leads"]) == [record_url(lead)]
    assert addresses(sections(client, q=lead.reference)["leads"]) == [record_url(lead)]


def test_records_out_of_reach_are_not_named(stranger, nobody, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station, title="Battery plant")
    for user in (stranger, nobody, UserFactory(role="Event manager")):
        client = logged_in(user)
        for text in ("battery", lead.reference):
            response = client.get(reverse("admin:palette"), {"q": text})
            assert "Battery plant" not in response.content.decode()


def test_kinds_without_a_right_are_not_named(logged_in):
    OrganizationFactory(name="Battery Works")
    client = logged_in(UserFactory(role="Contract manager"))
    assert list(sections(client, q="battery")) == ["organizations"]


def test_pages_are_found_in_english_on_every_screen(logged_in):
    client = logged_in(UserFactory(role="Officer", language="ja"))
    command = next(command for command in sections(client)["go"] if command.url == list_url(Lead))
    assert (command.label, command.words) == ("見込み案件", "leads")


def test_what_is_looked_for_may_be_anything(officer, logged_in):
    client = logged_in(officer)
    for text in ("", " ", "\x00", "x" * (LONGEST_QUERY + 1), "'\"<>%_\\"):
        assert sections(client, q=text) == {}


def test_names_are_escaped(officer, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station, title="<img src=x onerror=alert(1)> plant")
    text = logged_in(officer).get(reverse("admin:palette"), {"q": "plant"}).content.decode()
    assert "&lt;img src=x" in text
    assert "<img" not in text


def test_options_have_names_of_their_own(director, logged_in):
    text = logged_in(director).get(reverse("admin:palette")).content.decode()
    names = re.findall(r' id="([^"]+)"', text)
    assert len(names) == len(set(names)) > 40


def test_it_is_kept_by_nobody(officer, logged_in):
    assert "no-store" in logged_in(officer).get(reverse("admin:palette"))["Cache-Control"]


def test_it_is_only_read(officer, logged_in):
    assert logged_in(officer).post(reverse("admin:palette")).status_code == 405


def test_additions_are_in_the_order_of_the_sidebar(rf, director):
    request = rf.get("/admin/")
    request.user = director
    places = [navigation.place(addition.nav) for addition in navigation.additions(admin.site, request)]
    assert places == sorted(places)
    assert len(places) > 10


def test_archived_records_are_not_found(officer, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station, title="Battery plant").archive("Registered twice")
    assert sections(logged_in(officer), q="battery") == {}
