"""Which columns a list shows, and how dense it is."""

import pytest
from django.contrib import admin
from django.urls import reverse

from core.admin.lists import ResourceAdmin
from core.saved_views import ListSettings
from tests.factories import InteractionFactory, LeadFactory, OrganizationFactory, SavedViewFactory
from tests.filled import filled, surround
from tests.test_registry_queries import read

pytestmark = pytest.mark.django_db

LEADS = "/admin/crm/lead/"
COLUMNS = f"{LEADS}columns/"
MOST_QUERIES = 12
PAGES = [page for page in admin.site._registry.values() if isinstance(page, ResourceAdmin)]


@pytest.fixture
def client(officer, logged_in):
    return logged_in(officer)


def shown(client, address=LEADS):
    entries = client.get(address).context["cl"].list_display
    return [name for entry in entries if (name := getattr(entry, "__name__", entry)) != "action_checkbox"]


def cells(client, address, name):
    """The text of a column, row by row."""
    changelist = client.get(address).context["cl"]
    entry = next(entry for entry in changelist.list_display if getattr(entry, "__name__", entry) == name)
    return [entry(record) for record in changelist.result_list]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.model._meta.label_lower)
def test_a_list_with_all_its_columns_never_reads_row_by_row(page, director, logged_in):
    client, record = logged_in(director), surround(filled(page.model))
    names = [choice.name for choice in page.list_columns.choices(page.list_columns.own)]
    address = f"{reverse(page._page('changelist'))}?columns={','.join(names)}"
    once = read(client, address)
    for _more in range(2):
        surround(filled(page.model))
    surround(record, times=2)
    assert (shown(client, address), read(client, address)) == (names, once)
    assert once <= MOST_QUERIES


def test_no_column_is_offered_twice():
    for page in PAGES:
        labels = [choice.label for choice in page.list_columns.choices(page.list_columns.own)]
        assert sorted(set(labels)) == sorted(labels), page


def test_chosen_columns_are_remembered_for_the_list_and_the_person(client, stranger, logged_in):
    client.post(COLUMNS, {"column": ["title", "station_display", "stage_now"]})
    assert shown(client) == ["title", "station_display", "stage_now"]
    assert "station_display" not in shown(logged_in(stranger))


def test_the_order_of_the_columns_is_the_one_that_was_sent(client):
    client.post(COLUMNS, {"column": ["owner", "title"]})
    assert shown(client) == ["owner", "title"]


def test_the_column_that_leads_to_the_record_stays(client):
    client.post(COLUMNS, {"column": ["owner"]})
    assert shown(client) == ["title", "owner"]


@pytest.mark.parametrize("sent", [{"usual": "1", "column": ["title"]}, {}, {"column": ["gone", "\x00", "x" * 5000]}])
def test_the_usual_columns_come_back(client, sent):
    client.post(COLUMNS, {"column": ["title"]})
    assert shown(client) == ["title"]
    client.post(COLUMNS, sent)
    assert len(shown(client)) == 7


def test_density_is_remembered(client, officer):
    client.post(COLUMNS, {"density": "compact"})
    assert 'data-density="compact"' in client.get(LEADS).content.decode()
    client.post(COLUMNS, {"density": "roomy"})
    officer.refresh_from_db()
    assert ListSettings.of(officer, "leads").density == "compact"


def test_choosing_columns_leaves_the_list_as_it_was_filtered_and_ordered(client):
    sent = {"column": ["title", "due"], "query": "stage=new&o=6&p=3", "order": "-due"}
    assert client.post(COLUMNS, sent)["Location"] == f"{LEADS}?stage=new&o=-due"


def test_in_a_view_the_columns_change_until_the_view_is_saved(client, officer):
    view = SavedViewFactory(user=officer, query="", order="", columns="title,owner")
    response = client.post(COLUMNS, {"column": ["title", "due"], "query": f"view={view.pk}"})
    page = client.get(response["Location"])
    assert page.context["views"]["now"]["columns"] == "title,due"
    assert page.context["views"]["is_changed"]
    assert shown(client, f"{LEADS}?view={view.pk}") == ["title", "owner"]
    officer.refresh_from_db()
    assert ListSettings.of(officer, "leads").columns == ""


def test_stored_columns_that_are_gone_are_left_out(client, officer):
    ListSettings.keep(officer, "leads", columns="gone,title,also_gone")
    assert shown(client) == ["title"]


def test_a_linked_record_out_of_sight_is_an_empty_cell(client, officer, stranger, logged_in, tokyo_station):
    secret = LeadFactory(title="Secret plant", station=tokyo_station)
    talk = InteractionFactory(station=tokyo_station, lead=secret)
    talk.staff.add(stranger)
    talk.organizations.add(OrganizationFactory(name="日本電気"))
    address = "/admin/crm/interaction/?columns=subject,lead_title,organizations_display"
    for reader in (officer, stranger):
        text = logged_in(reader).get(address).content.decode()
        assert ("日本電気" in text, "Secret plant" in text) == (True, reader == officer)


def test_cells_are_told_in_words(client, tokyo_station):
    LeadFactory(station=tokyo_station, notes="x" * 500, interest_currency="JPY", interest_amount=5)
    assert cells(client, f"{LEADS}?columns=title,station_display", "station_display") == [str(tokyo_station)]
    (note,) = cells(client, f"{LEADS}?columns=title,notes", "notes")
    assert len(note) == 80
    assert cells(client, f"{LEADS}?columns=title,is_sample", "is_sample") == ["No"]


def test_a_further_column_orders_the_list_where_its_resource_does(client, tokyo_station):
    for number in (1, 2):
        LeadFactory(title=f"{number}", station=tokyo_station, received_on=f"2024-01-0{number}")
    for order, expected in (("received_on", ["1", "2"]), ("-received_on", ["2", "1"])):
        page = client.get(f"{LEADS}?columns=title,received_on&o={order}")
        assert [lead.title for lead in page.context["cl"].result_list] == expected


def test_files_hold_all_columns_in_the_order_of_the_page(client, tokyo_station):
    for title in ("B", "A"):
        LeadFactory(title=title, station=tokyo_station)
    page = client.get(f"{LEADS}?columns=title,owner&o=title")
    text = b"".join(client.get(page.context["export_links"][0]["url"])).decode()
    lines = text.splitlines()
    assert "Station" in lines[0]
    assert [title for line in lines[1:] for title in ('"A"', '"B"') if title in line] == ['"A"', '"B"']


def test_who_may_not_see_the_list_chooses_nothing(nobody, logged_in):
    assert logged_in(nobody).post(COLUMNS, {"column": ["title"]}).status_code == 403
    nobody.refresh_from_db()
    assert nobody.list_settings == {}
