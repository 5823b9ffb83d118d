"""Stages and statuses through the API."""

import pytest

from core.api.flows import plural
from crm.models import Lead
from tests.core.api.calling import errors
from tests.factories import LeadFactory, LostReasonFactory, OrganizationFactory, ProjectFactory


@pytest.fixture
def lead(tokyo_station):
    return LeadFactory(station=tokyo_station)


def test_a_move_is_a_row_of_history(api, officer, lead):
    caller = api(officer)
    response = caller.post(f"leads/{lead.pk}/stage/", {"to": "contacted", "reason": "Called"}, match='"1"')
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    assert response.json()["stage"] == "contacted"
    rows = caller.get(f"leads/{lead.pk}/stages/").json()["results"]
    assert [(r["from_value"], r["to_value"], r["reason"], r["changed_by_display"]) for r in rows] == [
        ("", "new", "", ""),
        ("new", "contacted", "Called", "officer"),
    ]
    assert response.json()["stage_changes"] == rows


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/to": "required"}),
        ({"to": "won"}, {"/to": "invalid_choice"}),
        ({"to": "new"}, {"/to": "not_allowed"}),
        ({"to": "converted"}, {"/to": "by_rule"}),
        ({"to": "disqualified"}, {"/reason": "required"}),
        ({"to": "disqualified", "reason": "no"}, {"/lost_reason": "required"}),
        ({"to": "disqualified", "reason": "no", "lost_reason": 2**40}, {"/lost_reason": "does_not_exist"}),
        ({"to": "contacted", "from_value": "x", "colour": 1}, {"/from_value": "read_only", "/colour": "unknown"}),
    ],
)
def test_a_move_against_the_rules_is_refused_at_its_field(api, officer, lead, body, expected):
    response = api(officer).post(f"leads/{lead.pk}/stage/", body, match="*")
    assert (response.status_code, errors(response)) == (400, expected)
    lead.refresh_from_db()
    assert (lead.stage, lead.version, lead.stage_changes.count()) == ("new", 1, 1)


def test_details_of_a_move_are_stored_in_its_row(api, officer, lead):
    reason = LostReasonFactory()
    body = {"to": "disqualified", "reason": "Chose Vietnam", "lost_reason": reason.pk}
    assert api(officer).post(f"leads/{lead.pk}/stage/", body, match="*").status_code == 200
    change = lead.stage_changes.last()
    assert (change.lost_reason, change.reason, change.changed_by) == (reason, "Chose Vietnam", officer)


def test_moves_need_if_match(api, officer, lead):
    caller = api(officer)
    assert caller.post(f"leads/{lead.pk}/stage/", {"to": "contacted"}).status_code == 428
    assert caller.post(f"leads/{lead.pk}/stage/", {"to": "contacted"}, match='"9"').status_code == 412
    assert Lead.objects.get().stage == "new"


def test_an_archived_record_does_not_move(api, officer, lead):
    lead.archive("double")
    assert errors(api(officer).post(f"leads/{lead.pk}/stage/", {"to": "contacted"}, match="*")) == {"": "archived"}


def test_an_auditor_reads_the_history_and_moves_nothing(api, auditor, lead):
    caller = api(auditor)
    assert len(caller.get(f"leads/{lead.pk}/stages/").json()["results"]) == 1
    assert caller.post(f"leads/{lead.pk}/stage/", {"to": "contacted"}, match="*").status_code == 403


def test_a_second_flow_has_its_own_addresses(api, director):
    project = ProjectFactory()
    caller = api(director)
    response = caller.post(f"projects/{project.pk}/status/", {"to": "on_hold", "reason": "Board"}, match="*")
    assert (response.status_code, response.json()["status"]) == (200, "on_hold")
    assert [r["to_value"] for r in caller.get(f"projects/{project.pk}/statuses/").json()["results"]] == [
        "active",
        "on_hold",
    ]
    assert [r["to_value"] for r in caller.get(f"projects/{project.pk}/stages/").json()["results"]] == ["negotiating"]


def test_a_record_without_flows_has_no_such_addresses(api, director):
    record = OrganizationFactory()
    assert api(director).get(f"organizations/{record.pk}/stages/").status_code == 404
    assert api(director).post(f"organizations/{record.pk}/stage/", {}, match="*").status_code == 404


def test_the_history_of_a_flow_has_the_plural_of_its_name():
    assert [plural("stage"), plural("status")] == ["stages", "statuses"]
