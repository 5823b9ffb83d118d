"""The sidebar and the start page: what each role finds there."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.admin import navigation
from core.admin.links import list_url
from core.admin.scoped import ScopedAdmin
from crm.models import Lead, Organization
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db


def sidebar(client, url=None):
    """The labels by group."""
    groups = client.get(url or reverse("admin:index")).context["nav_groups"]
    return {group["slug"]: [str(item["label"]) for item in group["items"]] for group in groups}


def test_the_director_finds_everything_grouped_by_work(director, logged_in):
    assert sidebar(logged_in(director)) == {
        "companies": ["Organizations", "People", "Leads", "Interactions"],
        "events": ["Events", "Sessions", "Guests", "Visits"],
        "projects": ["Zones", "Projects", "Contracts", "Batches"],
        "reports": ["Figures of the month"],
        "settings": [
            "Liaison stations", "Sectors", "Channels", "Lost reasons", "Event kinds",
            "Users", "Groups", "API tokens", "Sign-ins", "Imports", "Exports", "Change history",
        ],
    }  # fmt: skip


REFERENCE_LISTS = ["Liaison stations", "Sectors", "Channels", "Lost reasons", "Event kinds"]


@pytest.mark.parametrize(
    ("role", "group", "labels"),
    [
        ("Officer", "settings", [*REFERENCE_LISTS, "Users", "API tokens", "Imports"]),
        ("Event manager", "projects", ["Zones", "Batches"]),
        ("Contract manager", "companies", ["Organizations", "People", "Leads"]),
        ("Auditor", "settings", [*REFERENCE_LISTS, "Users", "Sign-ins", "Imports", "Exports", "Change history"]),
    ],
)
def test_a_role_finds_what_it_may_see(role, group, labels, logged_in):
    assert sidebar(logged_in(UserFactory(role=role)))[group] == labels


def test_staff_without_a_role_find_an_empty_frame(nobody, logged_in):
    response = logged_in(nobody).get(reverse("admin:index"))
    assert response.status_code == 200
    assert [response.context[name] for name in ("nav_groups", "today_panels", "quick_adds")] == [[], [], []]


def test_the_item_of_the_current_page_is_marked(director, logged_in):
    lead = LeadFactory()
    for url in (list_url(Lead), list_url(Lead) + f"{lead.pk}/change/", list_url(Lead) + "add/"):
        groups = logged_in(director).get(url).context["nav_groups"]
        assert [item["url"] for group in groups for item in group["items"] if item["current"]] == [list_url(Lead)]


def open_groups(client, url=None):
    groups = client.get(url or reverse("admin:index")).context["nav_groups"]
    return [group["slug"] for group in groups if group["open"]]


def test_settings_are_closed_until_they_are_opened(director, logged_in):
    client = logged_in(director)
    assert open_groups(client) == ["companies", "events", "projects", "reports"]
    client.cookies[navigation.CLOSED_COOKIE] = ""
    assert open_groups(client) == ["companies", "events", "projects", "reports", "settings"]


def test_closed_groups_are_remembered(director, logged_in):
    client = logged_in(director)
    client.cookies[navigation.CLOSED_COOKIE] = "events.settings"
    assert open_groups(client) == ["companies", "projects", "reports"]


def test_the_group_of_the_page_is_open_whatever_is_remembered(director, logged_in):
    client = logged_in(director)
    client.cookies[navigation.CLOSED_COOKIE] = "companies.settings"
    assert "companies" in open_groups(client, list_url(Lead))


def numbers(client):
    response = client.get(reverse("admin:counts"))
    assert response["Cache-Control"] == "private, max-age=60"
    return response.json()


def test_numbers_are_of_current_records_in_reach(officer, stranger, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station)
    LeadFactory(station=tokyo_station).archive("Registered twice")
    found = numbers(logged_in(officer))
    assert (found["crm.lead"], found["crm.organization"]) == ("1", "2")
    assert numbers(logged_in(stranger))["crm.lead"] == "0"


def test_numbers_are_only_of_pages_in_reach(nobody, logged_in):
    assert numbers(logged_in(nobody)) == {}
    assert "projects.contract" not in numbers(logged_in(UserFactory(role="Event manager")))


def test_counting_ends(monkeypatch, director, logged_in):
    monkeypatch.setattr(navigation, "MOST_COUNTED", 2)
    LeadFactory.create_batch(3)
    assert numbers(logged_in(director))["crm.lead"] == "2+"


def test_pages_ask_nothing_for_the_numbers(director, logged_in, monkeypatch):
    monkeypatch.setattr(navigation, "numbers", lambda site, request: 1 / 0)
    assert logged_in(director).get(list_url(Lead)).status_code == 200


def test_shortcuts_are_to_what_the_reader_may_add(logged_in):
    def labels(role):
        adds = logged_in(UserFactory(role=role)).get(reverse("admin:index")).context["quick_adds"]
        return [str(add["label"]) for add in adds]

    assert labels("Director") == [
        "organization", "person", "lead", "interaction", "event", "guest", "project", "contract",
    ]  # fmt: skip
    assert labels("Contract manager") == ["organization", "person", "project", "contract"]
    assert labels("Auditor") == []


def test_the_start_page_holds_what_is_to_do(officer, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station, owner=officer, title="Battery plant", next_step_on="2020-01-01")
    LeadFactory(title="Of another station", next_step_on="2020-01-01")
    response = logged_in(officer).get(reverse("admin:index"))
    counts = {panel.slug: panel.count for panel in response.context["today_panels"]}
    assert (counts["my-next-steps"], counts["overdue"]) == (1, 1)
    assert "Of another station" not in response.content.decode()


def test_the_start_page_is_in_the_language_of_the_reader(logged_in):
    text = logged_in(UserFactory(role="Officer", language="ja")).get(reverse("admin:index")).content.decode()
    assert ("見込み案件" in text, "Leads" in text) == (True, False)


def test_visitors_are_sent_to_the_login_and_see_no_sidebar():
    response = Client().get(list_url(Organization), follow=True)
    assert response.redirect_chain[0][0].startswith(reverse("admin:login"))
    assert "nav_groups" not in response.context


def test_people_who_are_no_staff_do_not_come_in(logged_in):
    user = UserFactory(is_staff=False, role="Director")
    assert logged_in(user).get(reverse("admin:index")).status_code == 302


def test_the_root_leads_to_the_start_page(officer, logged_in):
    assert logged_in(officer).get("/").url == reverse("admin:index")


def test_no_page_lists_by_app(director, logged_in):
    assert logged_in(director).get(reverse("admin:index")).context["app_list"] == []


def own_pages():
    return [page for page in admin.site._registry.values() if isinstance(page, ScopedAdmin)]


def placed():
    """All but those that are reached from another page alone."""
    return [page for page in own_pages() if page.nav]


def test_every_page_has_a_place():
    assert {page.nav.group for page in placed()} <= set(navigation._groups)


def test_every_icon_is_drawn(settings):
    drawn = (settings.ROOT / "core/static/core/icons.svg").read_text()
    assert {page.nav.icon for page in placed() if f'id="{page.nav.icon}"' not in drawn} == set()


def test_pages_of_libraries_are_closed_to_every_role(director, auditor, logged_in):
    others = [model for model, page in admin.site._registry.items() if page not in own_pages()]
    assert others
    for user in (director, auditor):
        client = logged_in(user)
        assert {client.get(list_url(model)).status_code for model in others} == {403}
