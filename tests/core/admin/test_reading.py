"""The page on which a record is read."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.admin.links import change_url, list_url, record_url
from core.admin.reading import KEPT
from core.request_context import acting
from crm.models import Lead
from tests.factories import (
    AliasFactory,
    ContactPointFactory,
    ContractFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    SectorFactory,
)
from tests.pages import record_form

pytestmark = pytest.mark.django_db


def told(response):
    """The facts on the page: {name: its values}."""
    groups = response.context["facts"].groups
    return {fact.name: [value.text for value in fact.values] for group in groups for fact in group.facts}


def empty(response):
    return {fact.name for fact in response.context["facts"].empty}


# -- where it is -------------------------------------------------------------------------------------------------------


def test_rows_of_the_list_lead_to_it(director, logged_in):
    lead = LeadFactory()
    page = logged_in(director).get(list_url(Lead)).content.decode()
    assert f'href="{record_url(lead)}"' in page
    assert change_url(lead) not in page


def test_saving_returns_to_it(director, logged_in):
    lead, client = LeadFactory(), logged_in(director)
    response = client.post(change_url(lead), record_form(client, change_url(lead), title="New title"))
    assert response["Location"] == record_url(lead)
    assert "New title" in client.get(record_url(lead)).content.decode()


def test_the_way_back_to_the_filtered_list_is_kept(director, logged_in):
    lead, client = LeadFactory(), logged_in(director)
    kept = f"?{KEPT}=stage%3Dnew"
    page = client.get(record_url(lead) + kept)
    assert f'href="{list_url(Lead)}?stage=new"' in page.content.decode()
    assert page.context["edit_url"] == change_url(lead) + kept
    response = client.post(change_url(lead) + kept, record_form(client, change_url(lead) + kept))
    assert response["Location"] == record_url(lead) + kept


@pytest.mark.parametrize("pk", [999_999_999, 2**63, 10**40])
def test_an_id_that_nobody_has_is_not_found(pk, director, logged_in):
    assert logged_in(director).get(f"{list_url(Lead)}{pk}/").status_code == 404


def test_it_is_only_read(director, logged_in):
    assert logged_in(director).post(record_url(LeadFactory())).status_code == 405


# -- what it tells -----------------------------------------------------------------------------------------------------


def test_facts_are_those_that_are_filled_in(director, logged_in):
    organization = OrganizationFactory(country="JP", city="Tokyo", phone="+81 3-1234-5678", website="https://x.example")
    organization.sectors.add(SectorFactory(name_en="Chips"))
    page = logged_in(director).get(record_url(organization))
    facts = told(page)
    assert (facts["country"], facts["city"], facts["sectors"]) == (["Japan"], ["Tokyo"], ["Chips"])
    assert "address" not in facts
    assert {"address", "name_kana"} <= empty(page)
    assert 'href="tel:+813-1234-5678"' in page.content.decode()


def test_names_stand_in_the_head_and_nowhere_else(director, logged_in):
    organization = OrganizationFactory(name="日本電気", name_ja="日本電気", name_en="NEC", name_zh="")
    page = logged_in(director).get(record_url(organization))
    assert not {"name", "name_ja", "name_en"} & set(told(page))
    assert "name_zh" in empty(page)
    assert '<span lang="ja">日本電気</span>' in page.content.decode()


def test_an_amount_stands_with_its_currency(director, logged_in):
    lead = LeadFactory(interest_amount="150000000", interest_currency="JPY")
    facts = told(logged_in(director).get(record_url(lead)))
    assert facts["interest_amount"] == ["JPY 150,000,000"]
    assert "interest_currency" not in facts


def test_owner_and_station_stand_in_the_head(director, logged_in):
    page = logged_in(director).get(record_url(LeadFactory()))
    assert [fact.name for fact in page.context["record_header"]["facts"]] == ["owner", "station"]


def test_parts_are_tables_without_empty_columns(director, logged_in):
    alias = AliasFactory(name="NEC", note="")
    page = logged_in(director).get(record_url(alias.organization))
    (table,) = page.context["parts"]
    assert table.labels == ["Name", "Kind", "Language"]
    assert [value.text for value in table.rows[0][0].values] == ["NEC"]


def test_a_person_is_written_to_and_called_from_the_page(director, logged_in):
    person = PersonFactory()
    ContactPointFactory(person=person, kind="email", value="a@example.com")
    ContactPointFactory(person=person, kind="wechat", value="a-wechat")
    page = logged_in(director).get(record_url(person)).content.decode()
    assert 'href="mailto:a@example.com"' in page
    assert "a-wechat</a>" not in page


def test_a_relation_out_of_reach_is_not_told(stranger, auditor, tokyo_station, logged_in):
    guest = GuestFactory(lead=LeadFactory(station=tokyo_station, title="Secret plant"))
    for reader, shown in ((stranger, False), (auditor, True)):
        page = logged_in(reader).get(record_url(guest))
        assert ("lead" in told(page)) is shown
        assert ("Secret plant" in page.content.decode()) is shown


# -- next step ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "text", "tone"),
    [(-2, "2 days overdue", "red"), (-1, "1 day overdue", "red"), (0, "Due today", "amber"), (1, "In 1 day", "blue")],
)
def test_the_next_step_says_when_it_is_due(days, text, tone, director, logged_in):
    with timezone.override(director.time_zone):
        lead = LeadFactory(next_step="Call", next_step_on=timezone.localdate() + datetime.timedelta(days))
    step = logged_in(director).get(record_url(lead)).context["next_step"]
    assert (step.text, step.badge.badge, step.badge.tone) == ("Call", text, tone)


def test_a_lead_without_a_next_step_asks_for_one(director, auditor, logged_in):
    lead = LeadFactory()
    shown = [logged_in(user).get(record_url(lead)).content.decode() for user in (director, auditor)]
    assert ["Plan the next step" in text for text in shown] == [True, False]
    assert "Nothing is planned." in shown[1]


def test_a_lead_that_is_done_with_has_no_next_step(director, logged_in):
    lead = LeadFactory(stage="converted")
    assert logged_in(director).get(record_url(lead)).context["next_step"] is None


# -- what can be done --------------------------------------------------------------------------------------------------


def test_who_may_only_read_is_offered_no_change(director, auditor, logged_in):
    lead = LeadFactory()
    shown = [logged_in(user).get(record_url(lead)).content.decode() for user in (director, auditor)]
    assert [change_url(lead) in text for text in shown] == [True, False]
    assert ["Move to Contacted" in text for text in shown] == [True, False]


def test_the_main_action_is_the_next_stage(director, logged_in):
    context = logged_in(director).get(record_url(LeadFactory(stage="contacted"))).context
    assert (context["main_action"], context["next_move"]["value"]) == (None, "qualified")


def test_another_app_s_action_comes_before_the_next_stage(director, logged_in):
    context = logged_in(director).get(record_url(LeadFactory(stage="qualified"))).context
    assert context["main_action"]["label"] == "Open a project"


def test_an_archived_record_is_marked_and_first_of_all_restored(director, logged_in):
    lead = LeadFactory()
    with acting(director):
        lead.archive("registered twice")
    page = logged_in(director).get(record_url(lead))
    assert str(page.context["main_action"]["label"]) == "Restore"
    assert "registered twice" in page.content.decode()
    assert page.context["next_move"] is None


# -- the timeline on it ------------------------------------------------------------------------------------------------


def test_earlier_entries_are_a_link_away(director, logged_in):
    lead, client = LeadFactory(), logged_in(director)
    for number in range(25):
        InteractionFactory(lead=lead, subject=f"talk {number}.", starts_at=timezone.now() - datetime.timedelta(number))
    first = client.get(record_url(lead))
    assert "talk 24." not in first.content.decode()
    assert not first.context["newest_url"]
    second = client.get(first.context["earlier_url"])
    assert "talk 24." in second.content.decode()
    assert "talk 0." not in second.content.decode()
    assert second.context["newest_url"]


def test_the_timeline_is_filtered_by_kind(director, logged_in):
    lead = LeadFactory()
    InteractionFactory(lead=lead, subject="a talk")
    page = logged_in(director).get(record_url(lead), {"kind": "talks"})
    assert [shown.entry.title for shown in page.context["timeline"].entries] == ["a talk"]
    (current,) = [choice for choice in page.context["timeline_kinds"] if choice["current"]]
    assert current["kind"].slug == "talks"


def test_parts_stored_with_their_record_are_one_line(director, logged_in):
    with acting(director):
        alias = AliasFactory()
    groups = logged_in(director).get(record_url(alias.organization)).context["timeline_groups"]
    (entry,) = groups[0]["entries"]
    assert (entry.shown.entry.title, len(entry.others)) == ("Created", 1)


def test_what_was_stored_at_different_times_is_told_apart(director, logged_in):
    lead = LeadFactory()
    for step in ("Call", "Visit"):
        with acting(director):
            lead.next_step = step
            lead.save()
    groups = logged_in(director).get(record_url(lead)).context["timeline_groups"]
    assert [len(told.others) for told in groups[0]["entries"]] == [0, 0, 0]


def test_a_file_is_downloaded_from_the_timeline(director, logged_in):
    contract = ContractFactory(
        project=ProjectFactory(), signed_on=datetime.date(2024, 7, 2), file=SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    )
    page = logged_in(director).get(record_url(contract.project)).content.decode()
    assert f'href="{contract.file.url}"' in page
