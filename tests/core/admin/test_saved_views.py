"""Saved views above a list: made, opened, changed, deleted."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.admin.links import list_url
from core.saved_views import ListSettings, SavedView
from crm.models import Lead
from tests.factories import LeadFactory, SavedViewFactory, StationFactory

pytestmark = pytest.mark.django_db

ADD = reverse("admin:core_savedview_add")
LEADS = "/admin/crm/lead/"


def page(name, view):
    return reverse(f"admin:core_savedview_{name}", args=[view.pk])


def now(client, address):
    """What the list's own forms send of how it looks."""
    return client.get(address).context["views"]["now"]


def titles(response):
    return [lead.title for lead in response.context["cl"].result_list]


@pytest.fixture
def client(officer, logged_in):
    return logged_in(officer)


@pytest.fixture
def leads(tokyo_station):
    LeadFactory(title="B", stage="new", station=tokyo_station)
    LeadFactory(title="A", stage="new", station=tokyo_station)
    LeadFactory(title="C", stage="contacted", station=tokyo_station)


def test_a_view_keeps_filters_search_order_and_columns(client, officer, leads):
    sent = now(client, f"{LEADS}?stage=new&search=b&o=-title&columns=title,station_display&p=1")
    response = client.post(ADD, {**sent, "name": "Mine"}, follow=True)
    view = SavedView.objects.get()
    assert (view.user, view.name, view.is_shared) == (officer, "Mine", False)
    assert (view.query, view.order, view.columns) == ("search=b&stage=new", "-title", "title,station_display")
    assert (titles(response), response.context["views"]["active"]) == (["B"], view)
    assert not response.context["views"]["is_changed"]


def test_opening_a_view_shows_its_records_in_its_order(client, officer, leads):
    SavedViewFactory(user=officer, query="stage=new", order="title", columns="title")
    (tab,) = client.get(LEADS).context["views"]["tabs"]
    response = client.get(tab["url"])
    assert titles(response) == ["A", "B"]
    assert [getattr(entry, "__name__", entry) for entry in response.context["cl"].list_display][-1] == "title"
    assert 'aria-current="page"' in response.content.decode()


def test_an_order_by_a_column_that_is_not_shown_is_left_out(client, officer, leads):
    SavedViewFactory(user=officer, query="", order="-due", columns="title")
    (tab,) = client.get(LEADS).context["views"]["tabs"]
    assert client.get(tab["url"]).status_code == 200


def test_a_changed_view_says_so_and_is_stored_anew(client, officer, leads):
    view = SavedViewFactory(user=officer, query="stage=new", order="", columns="title,owner")
    changed = f"{LEADS}?view={view.pk}&stage=contacted"
    assert client.get(changed).context["views"]["is_changed"]
    client.post(page("update", view), now(client, changed))
    view.refresh_from_db()
    assert (view.query, view.columns) == ("stage=contacted", "title,owner")


def test_others_share_a_view_and_cannot_change_it(client, stranger, leads):
    view = SavedViewFactory(user=stranger, is_shared=True)
    shown = client.get(f"{LEADS}?view={view.pk}").context["views"]
    assert (shown["active"], shown["may_change"]) == (view, False)
    answers = [client.post(page(name, view), {"name": "x"}).status_code for name in ("update", "remove", "change")]
    assert answers == [403, 403, 403]
    view.refresh_from_db()
    assert view.name != "x"


def test_a_director_puts_shared_views_in_order(director, logged_in, stranger):
    view = SavedViewFactory(user=stranger, is_shared=True)
    logged_in(director).post(page("change", view), {"name": "Better", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.user) == ("Better", stranger)


def test_what_others_keep_for_themselves_is_like_nothing(client, stranger):
    view = SavedViewFactory(user=stranger)
    theirs, none = (client.get(f"{LEADS}?view={pk}").context["views"] for pk in (view.pk, 999_999))
    assert theirs["active"] is none["active"] is None
    assert theirs["tabs"] == none["tabs"] == []


def test_a_list_opens_with_the_view_chosen_for_it(client, officer, leads):
    view = SavedViewFactory(user=officer, query="stage=contacted", order="", columns="title")
    client.post(page("open_first", view))
    assert titles(client.get(LEADS, follow=True)) == ["C"]
    assert len(titles(client.get(f"{LEADS}?view="))) == 3
    client.post(page("open_first", view))
    assert len(titles(client.get(LEADS, follow=True))) == 3


def test_every_way_out_of_filters_leads_past_that_view(client, officer, leads):
    ListSettings.keep(officer, "leads", opens=SavedViewFactory(user=officer).pk)
    response = client.get(f"{LEADS}?stage=new")
    assert [chip["remove_url"] for chip in response.context["active_filters"]] == ["?view="]
    assert 'href="?view="' in response.content.decode()


def test_a_shared_view_can_be_what_ones_own_list_opens_with(client, officer, stranger):
    view = SavedViewFactory(user=stranger, is_shared=True)
    client.post(page("open_first", view))
    officer.refresh_from_db()
    assert ListSettings.of(officer, "leads").opens == view.pk
    SavedView.objects.filter(pk=view.pk).update(is_shared=False)
    assert client.get(LEADS).status_code == 200  # out of reach: the list opens as usual


def test_deleting_asks_first(client, officer):
    view = SavedViewFactory(user=officer)
    assert "Delete this view?" in client.get(page("remove", view)).content.decode()
    assert SavedView.objects.exists()
    assert client.post(page("remove", view))["Location"] == f"{LEADS}?view="
    assert not SavedView.objects.exists()


def test_a_name_taken_already_is_told_at_the_field(client, officer):
    view = SavedViewFactory(user=officer)
    response = client.post(ADD, {"name": view.name, "list": "leads"})
    assert list(response.context["adminform"].form.errors) == ["name"]
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("slug", ["cakes", "delegations", "users", "", "\x00"])
def test_a_list_without_views_is_refused(client, slug):
    assert client.post(ADD, {"name": "x", "list": slug}).status_code == 200
    assert not SavedView.objects.exists()


def test_only_what_the_list_knows_is_stored(client):
    client.post(
        ADD,
        {"name": "x", "list": "leads", "query": "stage=new&evil=1&p=3", "columns": "title,evil", "order": "-evil,due"},
    )
    view = SavedView.objects.get()
    assert (view.query, view.columns, view.order) == ("stage=new", "title", "due")


@pytest.mark.parametrize("query", ["stage=gone", "owner=999999", "station=x", "owner=%00", "gone=1", "%FF=%FF"])
def test_a_stored_filter_that_is_wrong_by_now_is_told(query, client, officer, leads):
    view = SavedViewFactory(user=officer, query=query, order="gone", columns="gone")
    (tab,) = client.get(LEADS).context["views"]["tabs"]
    response = client.get(tab["url"])
    text = response.content.decode()
    told = "filters that the list no longer knows", "The list cannot be filtered like this"
    assert response.status_code == 200
    assert any(message in text for message in told)
    assert view.name in text


def test_a_filter_by_what_is_out_of_reach_says_what_it_says_of_nothing(client, stranger, osaka_station):
    secret = LeadFactory(station=osaka_station, title="Secret plant")
    texts = []
    for pk in (secret.pk, 999_999):
        view = SavedViewFactory(user=stranger, is_shared=True, list="guests", query=f"lead={pk}", columns="", order="")
        text = client.get(f"/admin/events/guest/?view={view.pk}&lead={pk}").context["cl"].wrong_filters
        texts.append([(wrong["label"], list(wrong["messages"])) for wrong in text])
    assert texts[0] == texts[1] != []


def test_the_message_names_the_view(client):
    response = client.post(ADD, {"name": "Mine", "list": "leads"})
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["The view “Mine” is saved."]


def test_too_much_for_one_view_is_told(client, officer):
    view = SavedViewFactory(user=officer)
    station = StationFactory()
    response = client.post(
        page("update", view), {"query": "&".join(["search=" + "x" * 190, f"station={station.pk}"] * 20)}
    )
    assert response["Location"].startswith(list_url(Lead))
    view.refresh_from_db()
    assert view.query == "stage=new"


def test_who_may_save_no_views_is_offered_none(auditor, logged_in):
    assert not logged_in(auditor).get(LEADS).context["views"]["may_add"]


def test_a_popup_has_no_tabs(client):
    assert "view-tabs" not in client.get(f"{LEADS}?_popup=1").content.decode()
