"""The board beside a list: what it shows of whom, and how its cards are moved."""

import datetime
import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import boards
from core.admin.links import list_url
from core.boards import CARDS
from crm.models import Lead
from projects.models import Project
from tests.factories import (
    AmountFactory,
    InvestorFactory,
    LeadFactory,
    LostReasonFactory,
    OrganizationFactory,
    ProjectFactory,
)
from tests.pages import record_page

pytestmark = pytest.mark.django_db
BOARD, PROJECTS = "/admin/crm/lead/board/", "/admin/projects/project/board/"


def columns(response):
    return {drawn["column"].stage: drawn for drawn in response.context["columns"]}


def titles(drawn):
    return [str(item["record"]) for item in drawn["cards"]]


def move(client, record, to, **sent):
    return client.post(record_page(record, "board_move", to), {"record_version": record.version, **sent})


@pytest.fixture
def lead(tokyo_station, officer):
    return LeadFactory(title="Battery plant", station=tokyo_station, owner=officer)


def test_a_card_stands_in_the_column_of_its_stage(lead, officer, logged_in):
    Lead.flows[0].move(lead, "contacted")
    shown = columns(logged_in(officer).get(BOARD))
    assert {stage: titles(drawn) for stage, drawn in shown.items() if drawn["cards"]} == {
        "contacted": ["Battery plant"]
    }


def test_the_board_holds_the_records_that_the_list_holds(lead, officer, logged_in):
    LeadFactory(station=lead.station, title="Warehouse")
    LeadFactory(title="Battery plant of another station")
    client = logged_in(officer)
    found = client.get(BOARD, {"search": "battery"})
    assert titles(columns(found)["new"]) == [lead.title]
    assert [str(row) for row in client.get(list_url(Lead, search="battery")).context["cl"].result_list] == [lead.title]


def test_a_filter_that_is_wrong_shows_its_message_and_no_card(lead, officer, logged_in):
    response = logged_in(officer).get(BOARD, {"stage": "nonsense"})
    assert response.status_code == 200
    assert response.context["filter_form"].errors
    assert not any(drawn["cards"] for drawn in columns(response).values())


def test_list_and_board_carry_each_others_filters(lead, officer, logged_in):
    client = logged_in(officer)
    assert f'href="{list_url(Lead, owner=officer.pk)}"' in client.get(BOARD, {"owner": officer.pk}).content.decode()
    assert f'href="{BOARD}?owner={officer.pk}"' in client.get(list_url(Lead, owner=officer.pk)).content.decode()


def test_a_list_without_a_board_offers_none(officer, logged_in):
    assert "/board/" not in logged_in(officer).get("/admin/crm/organization/").content.decode()


def test_the_most_urgent_come_first_and_the_newest_where_nothing_is_planned(tokyo_station, director, logged_in):
    LeadFactory(title="old", created_at=timezone.now() - datetime.timedelta(days=2))
    LeadFactory(title="new")
    LeadFactory(title="later", next_step_on=datetime.date(2030, 1, 2))
    LeadFactory(title="soon", next_step_on=datetime.date(2030, 1, 1))
    assert titles(columns(logged_in(director).get(BOARD))["new"]) == ["soon", "later", "new", "old"]


def test_amounts_are_added_up_for_each_currency_alone(director, logged_in):
    for amount, currency in ((1_000_000, "CNY"), (2_000_000, "CNY"), (5_000_000, "JPY")):
        LeadFactory(interest_amount=amount, interest_currency=currency)
    LeadFactory()
    column = columns(logged_in(director).get(BOARD))["new"]["column"]
    assert (column.count, column.totals) == (4, ["JPY 5M", "CNY 3M"])


def test_sums_are_exact_to_the_cent(db):
    LeadFactory(interest_amount=Decimal("0.10"), interest_currency="USD")
    LeadFactory(interest_amount=Decimal("0.20"), interest_currency="USD")
    board = boards.for_model(Lead)
    (column,) = [c for c in boards.columns(board, Lead.objects.active()) if c.stage == "new"]
    ((currency, count, amount),) = column.listing.sums(F("interest_currency"), F("interest_amount"))
    assert (currency, count, round(Decimal(amount), 2)) == ("USD", 2, Decimal("0.30"))


def test_a_column_that_is_longer_than_is_counted_says_so_and_adds_nothing_up(director, logged_in, monkeypatch):
    LeadFactory.create_batch(3, interest_amount=1, interest_currency="CNY")
    monkeypatch.setattr(boards, "MOST_COUNTED", 2)
    drawn = columns(logged_in(director).get(BOARD))["new"]
    assert drawn["column"].is_open
    assert drawn["column"].totals == []


def test_projects_count_what_is_announced_until_they_are_signed(director, logged_in):
    before, after = ProjectFactory(), ProjectFactory(stage="signed")
    for project in (before, after):
        AmountFactory(project=project, kind="announced", amount=5_000_000)
        AmountFactory(project=project, kind="contracted", amount=3_000_000)
    AmountFactory(project=before, kind="announced", amount=7_000_000, dated_on=datetime.date(2024, 6, 1))
    shown = columns(logged_in(director).get(PROJECTS))
    assert shown["negotiating"]["column"].totals == ["CNY 7M"]
    assert shown["signed"]["column"].totals == ["CNY 3M"]
    assert [item["card"].amount for item in shown["negotiating"]["cards"]] == ["CNY 7M"]


def test_a_card_tells_what_is_due(director, logged_in):
    LeadFactory(
        organization=OrganizationFactory(name="日本電気", name_en="NEC"), next_step="Call them",
        next_step_on=timezone.localdate() - datetime.timedelta(days=1), likelihood=40,
    )  # fmt: skip
    (item,) = columns(logged_in(director).get(BOARD))["new"]["cards"]
    card = item["card"]
    assert (card.about, card.step, card.due.tone, card.likelihood) == ("NEC", "Call them", "red", 40)


def test_more_cards_come_with_show_more(director, logged_in):
    for number in range(CARDS + 2):
        LeadFactory(title=f"Lead {number}")
    client = logged_in(director)
    drawn = columns(client.get(BOARD))["new"]
    more = client.get(drawn["more_url"])
    assert len(drawn["cards"]) == CARDS
    assert len(more.context["drawn"]["cards"]) == 2
    assert more.context["drawn"]["more_url"] == ""
    assert "<html" not in more.content.decode()


@pytest.mark.parametrize("start", ["x", "-1", "²", "9" * 30])
def test_a_start_that_is_no_number_is_not_found(start, director, logged_in):
    assert logged_in(director).get(f"{BOARD}new/", {"start": start}).status_code == 404


def test_a_column_that_does_not_exist_is_not_found(director, logged_in):
    assert logged_in(director).get(f"{BOARD}nonsense/").status_code == 404


@pytest.mark.parametrize("address", [BOARD, PROJECTS])
def test_the_board_reads_as_often_for_three_cards_as_for_one(address, officer, tokyo_station, logged_in):
    client = logged_in(officer)

    def queries():
        for factory in (LeadFactory, ProjectFactory):
            record = factory(station=tokyo_station, owner=officer)
            if factory is ProjectFactory:
                InvestorFactory(project=record)
                AmountFactory(project=record)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    one = queries()
    queries()
    assert queries() == one <= 45


# -- moving


def test_a_card_moves_by_the_flow_with_its_history(lead, officer, logged_in):
    response = move(logged_in(officer), lead, "contacted")
    assert response.status_code == 200
    lead.refresh_from_db()
    assert (lead.stage, lead.version) == ("contacted", 2)
    change = lead.stage_changes.last()
    assert (change.from_value, change.to_value, change.changed_by) == ("new", "contacted", officer)


def test_the_answer_has_the_new_card_and_both_heads(lead, officer, logged_in):
    LeadFactory(station=lead.station, organization=lead.organization)
    answer = move(logged_in(officer), lead, "contacted").json()
    assert 'data-version="2"' in answer["card"]
    counts = {stage: re.search(r'class="count">(\d+)<', html)[1] for stage, html in answer["heads"].items()}
    assert counts == {"new": "1", "contacted": "1"}


def test_only_moves_of_the_flow_are_offered(lead, officer, logged_in):
    shown = columns(logged_in(officer).get(BOARD))
    assert shown["new"]["column"].targets == ["contacted", "qualified", "disqualified"]
    assert shown["new"]["column"].asking == ["disqualified"]
    assert shown["converted"]["column"].targets == []
    assert "converted" not in shown["qualified"]["column"].targets


def test_a_move_that_needs_a_reason_asks_for_it(lead, officer, logged_in):
    client = logged_in(officer)
    questions = client.get(record_page(lead, "board_move", "disqualified")).content.decode()
    assert 'name="reason"' in questions
    assert 'name="lost_reason"' in questions
    answer = move(client, lead, "disqualified")
    assert answer.status_code == 400
    assert 'name="reason"' in answer.json()["form"]
    lead.refresh_from_db()
    assert lead.stage == "new"


def test_a_move_with_its_reason_is_made(lead, officer, logged_in):
    lost = LostReasonFactory()
    assert move(logged_in(officer), lead, "disqualified", reason="No money", lost_reason=lost.pk).status_code == 200
    assert lead.stage_changes.last().lost_reason == lost


def test_what_the_flow_forbids_is_refused_in_words(lead, officer, logged_in):
    answer = move(logged_in(officer), lead, "converted")
    assert answer.status_code == 400
    assert "opening a project" in json.loads(answer.content)["message"]


def test_a_rule_of_the_model_is_told_on_the_board(officer, tokyo_station, logged_in):
    project = ProjectFactory(station=tokyo_station, status="on_hold")
    answer = move(logged_in(officer), project, "signed")
    assert answer.status_code == 400
    assert "Only an active project moves on" in answer.json()["message"]
    project.refresh_from_db()
    assert project.stage == "negotiating"


@pytest.mark.parametrize("version", ["7", "", "x"])
def test_a_card_that_is_out_of_date_is_not_moved(version, lead, officer, logged_in):
    answer = move(logged_in(officer), lead, "contacted", record_version=version)
    assert answer.status_code == 412
    assert "Somebody else" in answer.json()["message"]
    lead.refresh_from_db()
    assert lead.stage == "new"


def test_an_archived_record_cannot_be_moved(lead, officer, logged_in):
    lead.archive("twice")
    client = logged_in(officer)
    (item,) = columns(client.get(BOARD, {"archived": "true"}))["new"]["cards"]
    assert not item["movable"]
    assert move(client, lead, "contacted").status_code == 400


def test_what_is_out_of_reach_is_not_found(lead, stranger, logged_in):
    assert move(logged_in(stranger), lead, "contacted").status_code == 404


def test_who_may_not_change_sees_cards_that_do_not_move(lead, auditor, logged_in):
    client = logged_in(auditor)
    (item,) = columns(client.get(BOARD))["new"]["cards"]
    assert not item["movable"]
    assert move(client, lead, "contacted").status_code == 403


def test_a_collaborator_moves_the_cards_of_others(lead, stranger, logged_in):
    lead.collaborators.add(stranger)
    lead.refresh_from_db()
    assert move(logged_in(stranger), lead, "contacted").status_code == 200


def test_who_has_no_right_to_projects_has_no_board_of_them(nobody, logged_in):
    assert logged_in(nobody).get(PROJECTS).status_code == 403
    assert logged_in(nobody).get(f"{PROJECTS}signed/").status_code == 403
    assert Project.objects.count() == 0
