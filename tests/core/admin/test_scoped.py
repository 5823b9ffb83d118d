"""Pages within the reader's reach: what is out of sight, the history, choices."""

import pytest
from django.urls import reverse

from core.admin.links import list_url
from core.request_context import acting
from crm.models import Interaction, Lead
from tests.factories import InteractionFactory, LeadFactory, OrganizationFactory, UserFactory
from tests.pages import record_page

pytestmark = pytest.mark.django_db
HUGE = 2**63


# -- out of sight ------------------------------------------------------------------------------------------------------


RECORD_PAGES = [("change",), ("history",), ("archive",), ("restore",), ("move", "stage", "contacted")]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", RECORD_PAGES, ids=lambda name: name[0])
def test_a_record_out_of_sight_answers_like_one_that_does_not_exist(name, method, stranger, tokyo_station, logged_in):
    # A number that occurs nowhere else on the page.
    lead, client = LeadFactory(pk=470_011, station=tokyo_station, title="Secret plant"), logged_in(stranger)
    theirs = getattr(client, method)(record_page(lead, *name), {"reason": "x"})
    none = getattr(client, method)(record_page(Lead(pk=999_999), *name), {"reason": "x"})
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.content.replace(str(lead.pk).encode(), b"") == none.content.replace(b"999999", b"")
    assert Lead.objects.get(pk=lead.pk).version == 1


@pytest.mark.parametrize("name", RECORD_PAGES, ids=lambda name: name[0])
@pytest.mark.parametrize("pk", [0, HUGE, 10**30])
def test_a_number_beyond_all_records_is_not_found(name, pk, director, logged_in):
    assert logged_in(director).get(record_page(Lead(pk=pk), *name)).status_code == 404


@pytest.mark.parametrize("name", ["abc", "1.5", "-1", "_5F"])
def test_an_address_without_a_number_is_not_found(name, director, logged_in):
    LeadFactory(pk=1)
    response = logged_in(director).get(list_url(Lead) + f"{name}/change/")
    assert response.status_code == 404


@pytest.mark.parametrize("user", ["director", "officer"])
def test_nobody_deletes(user, request, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    client = logged_in(request.getfixturevalue(user))
    assert client.get(record_page(lead, "delete")).status_code == 403
    assert client.post(record_page(lead, "delete"), {"post": "yes"}).status_code == 403
    assert Lead.objects.filter(pk=lead.pk).exists()


# -- history -----------------------------------------------------------------------------------------------------------


def test_the_history_page_tells_who_changed_what_in_words(director, officer, logged_in):
    organization = OrganizationFactory(kind="company")
    organization.kind = "finance"
    officer.full_name = "田中 一郎"
    officer.save()
    with acting(officer, "192.0.2.7"):
        organization.save()
    text = logged_in(director).get(record_page(organization, "history")).content.decode()
    for word in ("田中 一郎", "Changed", "Kind", "Company", "Bank or fund", "192.0.2.7", "System", "Created"):
        assert word in text


def test_the_history_page_is_in_the_language_of_the_reader(logged_in):
    organization = OrganizationFactory()
    reader = UserFactory(role="Director", language="zh-hans")
    text = logged_in(reader).get(record_page(organization, "history")).content.decode()
    assert ("创建" in text, "Created" in text) == (True, False)


def test_a_long_history_has_pages(director, logged_in):
    lead = LeadFactory()
    for number in range(51):
        lead.next_step = str(number)
        lead.save()
    client = logged_in(director)
    assert len(client.get(record_page(lead, "history")).context["entries"]) == 50
    assert len(client.get(record_page(lead, "history") + "?p=2").context["entries"]) == 2
    assert client.get(record_page(lead, "history") + "?p=x").status_code == 200


# -- choices -----------------------------------------------------------------------------------------------------------


def offered(client, source, field, term=""):
    meta = source._meta
    parameters = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": field, "term": term}
    return [item["text"] for item in client.get(reverse("admin:autocomplete"), parameters).json()["results"]]


def test_choices_are_searched_in_any_script(officer, logged_in):
    OrganizationFactory(name="日本電気")
    OrganizationFactory(name="三菱電機")
    assert offered(logged_in(officer), Lead, "organization", "日本电气") == ["日本電気"]


def test_archived_records_are_no_choices(officer, logged_in):
    OrganizationFactory(name="日本電気").archive("merged")
    assert offered(logged_in(officer), Lead, "organization") == []


def test_records_out_of_sight_are_no_choices(officer, stranger, tokyo_station, logged_in):
    InteractionFactory()
    LeadFactory(station=tokyo_station, title="Secret plant")
    assert offered(logged_in(officer), Interaction, "lead", "secret") == ["Secret plant"]
    assert offered(logged_in(stranger), Interaction, "lead", "secret") == []


@pytest.mark.parametrize("field", ["organization", "owner"])
@pytest.mark.parametrize("term", ["\x00", "t\x00"])
def test_nul_in_a_search_for_choices_finds_nothing(field, term, officer, logged_in):
    OrganizationFactory(name="t")
    assert offered(logged_in(officer), Lead, field, term) == []
