"""Actions on the records chosen in a list."""

import pytest

from core.bulk import MOST
from crm.models import Lead
from tests.factories import LeadFactory, StationFactory, UserFactory

LIST = "/admin/crm/lead/"


@pytest.fixture
def leads(officer, tokyo_station):
    return [LeadFactory(title=f"Lead {n}", station=tokyo_station, owner=officer) for n in range(3)]


@pytest.fixture
def client(logged_in, officer):
    return logged_in(officer)


def choose(client, action, records, address=LIST):
    return client.post(address, {"action": f"{action}_chosen", "_selected_action": [r.pk for r in records]})


def confirm(client, action, records, **data):
    posted = {"record": [f"{record.pk}:{record.version}" for record in records], **data}
    return client.post(f"{LIST}bulk/{action}/", posted)


def test_the_page_shows_what_was_chosen_and_what_it_holds(client, leads, officer):
    response = choose(client, "change", leads[:2])
    rows = response.context["rows"]
    assert {row["record"].title for row in rows} == {"Lead 0", "Lead 1"}
    assert all(officer in row["cells"] for row in rows)
    assert Lead.objects.filter(version=1).count() == 3


def test_changes_what_was_filled_in_and_nothing_else(client, leads, tokyo_station):
    colleague = UserFactory(role="Officer", station=tokyo_station)
    before = Lead.objects.get(pk=leads[0].pk)
    response = confirm(client, "change", leads, owner=colleague.pk, next_step="", next_step_on="")
    assert response.status_code == 302
    after = Lead.objects.get(pk=leads[0].pk)
    assert (after.owner, after.next_step, after.station) == (colleague, before.next_step, before.station)


def test_nothing_filled_in_is_said(client, leads):
    response = confirm(client, "change", leads)
    assert "Fill in at least one field." in response.content.decode()
    assert Lead.objects.filter(version=1).count() == 3


def test_archive_asks_for_a_reason(client, leads):
    assert confirm(client, "archive", leads, reason="").context["form"].errors["reason"]
    assert confirm(client, "archive", leads, reason="Fair is over").status_code == 302
    assert Lead.objects.archived().count() == 3


def test_restore_is_offered_among_archived_records(client, leads):
    for lead in leads:
        lead.archive("Over")
    response = choose(client, "restore", leads, f"{LIST}?archived=true")
    assert len(response.context["rows"]) == 3
    confirm(client, "restore", leads)
    assert Lead.objects.active().count() == 3


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("", {"change_chosen", "archive_chosen"}),
        ("?archived=true", {"restore_chosen"}),
        ("?archived=all", {"change_chosen", "archive_chosen", "restore_chosen"}),
    ],
)
def test_offers_what_can_be_done(client, leads, query, offered):
    Lead.objects.get(pk=leads[0].pk).archive("Over")
    form = client.get(LIST + query).context["action_form"]
    assert {value for value, _label in form.fields["action"].choices if value} == offered


def test_a_conflict_changes_none_and_shows_where(client, leads):
    stale = Lead.objects.get(pk=leads[1].pk)
    stale.title = "Changed"
    stale.save()
    response = confirm(client, "change", leads, next_step="Call")
    assert response.status_code == 200
    assert [row["record"].pk for row in response.context["rows"] if row["errors"]] == [stale.pk]
    assert not Lead.objects.filter(next_step="Call").exists()
    again = [row["value"] for row in response.context["rows"]]
    client.post(f"{LIST}bulk/change/", {"record": again, "next_step": "Call"})
    assert Lead.objects.filter(next_step="Call").count() == 3


def test_foreign_records_are_neither_shown_nor_changed(client, leads):
    foreign = LeadFactory(station=StationFactory())
    response = confirm(client, "archive", [leads[0], foreign], reason="x")
    assert response.status_code == 200
    assert foreign.title not in response.content.decode()
    assert not Lead.objects.archived().exists()


def test_without_the_right_nothing_is_offered_or_done(logged_in, auditor, leads):
    client = logged_in(auditor)
    assert client.get(LIST).context["action_form"] is None
    assert confirm(client, "archive", leads, reason="x").status_code == 403
    assert not Lead.objects.archived().exists()


@pytest.mark.parametrize("posted", [["x"], ["1"], ["1:"], ["1:x"], ["-1:1"], [f"{10**30}:1"]])
def test_nonsense_is_not_found(client, leads, posted):
    assert client.post(f"{LIST}bulk/archive/", {"record": posted, "reason": "x"}).status_code == 404


def test_an_empty_choice_leads_back(client, leads):
    assert client.get(f"{LIST}bulk/archive/").status_code == 302
    assert client.get(f"{LIST}bulk/nonsense/").status_code == 404


def test_too_many_are_refused(client, leads):
    Lead.objects.bulk_create(
        Lead(title="x", organization=leads[0].organization, station=leads[0].station, owner=leads[0].owner)
        for _n in range(MOST)
    )
    data = {"action": "archive_chosen", "_selected_action": [leads[0].pk], "select_across": "1"}
    response = client.post(LIST, data, follow=True)
    assert "At most 500 records" in response.content.decode()
    assert not Lead.objects.archived().exists()


def test_queries_do_not_grow_with_the_page(client, leads, django_assert_max_num_queries, officer):
    choose(client, "change", leads[:1])
    with django_assert_max_num_queries(14):
        choose(client, "change", leads)
