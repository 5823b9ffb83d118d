"""Stages and statuses move by rule, and each move is a row of history."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from core.records import StaleRecord
from core.request_context import acting
from core.stages import Flow
from crm.leads import STAGE_FLOW
from crm.models import Lead, LeadStageChange, LostReason
from projects.models import Project
from projects.projects import STATUS_FLOW
from tests.factories import LeadFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def rows(record):
    return list(record.stage_changes.values_list("from_value", "to_value", "reason"))


def codes(caught):
    return {name: [error.code for error in errors] for name, errors in caught.value.error_dict.items()}


# -- history ----------------------------------------------------------------------------------------------------------


def test_a_new_record_has_the_row_of_its_beginning(officer):
    with acting(officer):
        lead = LeadFactory()
    (row,) = lead.stage_changes.all()
    assert (row.from_value, row.to_value, row.changed_by, row.changed_at) == ("", "new", officer, lead.created_at)


def test_a_record_that_begins_later_says_so():
    assert rows(LeadFactory(stage="qualified")) == [("", "qualified", "")]


def test_each_flow_has_its_own_history():
    project = ProjectFactory()
    STATUS_FLOW.move(project, "on_hold", reason="waiting for the permit")
    assert rows(project) == [("", "negotiating", "")]
    assert list(project.status_changes.values_list("from_value", "to_value")) == [("", "active"), ("active", "on_hold")]


def test_a_move_says_who_from_to_and_why(officer):
    lead = LeadFactory()
    with acting(officer):
        row = STAGE_FLOW.move(lead, "contacted", reason="  called them ")
    lead.refresh_from_db()
    assert (lead.stage, lead.updated_by) == ("contacted", officer)
    assert (row.from_value, row.to_value, row.reason, row.changed_by) == ("new", "contacted", "called them", officer)
    assert rows(lead) == [("", "new", ""), ("new", "contacted", "called them")]


def test_a_move_raises_the_version_once():
    lead = LeadFactory()
    STAGE_FLOW.move(lead, "contacted")
    assert lead.version == Lead.objects.get(pk=lead.pk).version == 2


def test_further_fields_of_the_row_come_with_the_move():
    lead, reason = LeadFactory(), LostReason.objects.first()
    row = STAGE_FLOW.move(lead, "disqualified", reason="too expensive", lost_reason=reason)
    assert row.lost_reason == reason


def test_a_row_reads_as_a_step():
    lead = LeadFactory()
    row = STAGE_FLOW.move(lead, "contacted")
    assert [str(change) for change in lead.stage_changes.all()] == ["New", "New → Contacted"]
    assert (row.from_label, row.to_label) == ("New", "Contacted")


# -- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "reason", "errors"),
    [
        ("colour", "x", {"to": ["invalid"]}),
        ("new", "x", {"to": ["not_allowed"]}),
        ("converted", "x", {"to": ["by_rule"]}),
        ("disqualified", "", {"reason": ["required"]}),
        ("disqualified", "  ", {"reason": ["required"]}),
        ("disqualified", "x", {"lost_reason": ["required"]}),
    ],
)
def test_a_move_against_the_rules_is_refused_and_leaves_no_trace(to, reason, errors):
    lead = LeadFactory()
    with pytest.raises(ValidationError) as caught:
        STAGE_FLOW.move(lead, to, reason=reason)
    assert codes(caught) == errors
    assert (lead.stage, lead.version, rows(lead)) == ("new", 1, [("", "new", "")])


def test_a_step_back_needs_a_reason():
    lead = LeadFactory(stage="qualified")
    with pytest.raises(ValidationError) as caught:
        STAGE_FLOW.move(lead, "contacted")
    assert codes(caught) == {"reason": ["required"]}
    STAGE_FLOW.move(lead, "contacted", reason="the contact left")
    assert lead.stage == "contacted"


def test_an_end_cannot_be_left_where_no_move_leads_out():
    lead = LeadFactory(stage="converted")
    for to in ("new", "qualified", "converted"):
        with pytest.raises(ValidationError) as caught:
            STAGE_FLOW.move(lead, to, reason="x", rule=True)
        assert codes(caught) == {"to": ["not_allowed"]}


def test_a_use_case_may_move_by_rule():
    lead = LeadFactory(stage="qualified")
    STAGE_FLOW.move(lead, "converted", rule=True)
    assert lead.stage == "converted"


def test_an_archived_record_does_not_move():
    lead = LeadFactory()
    lead.archive("registered twice")
    with pytest.raises(ValidationError, match="archived"):
        STAGE_FLOW.move(lead, "contacted")


def test_what_a_person_may_choose_leaves_out_what_only_a_rule_does():
    assert STAGE_FLOW.targets(LeadFactory(stage="qualified")) == ["contacted", "disqualified"]
    assert STAGE_FLOW.targets(LeadFactory(stage="converted")) == []


def test_the_flow_is_checked_before_the_row_is(monkeypatch):
    lead = LeadFactory()
    monkeypatch.setattr(LeadStageChange, "clean", lambda self: pytest.fail("the row was asked"))
    with pytest.raises(ValidationError):
        STAGE_FLOW.move(lead, "colour")


# -- no way around ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [None, ["stage"], ["title"]])
def test_assigning_the_stage_and_saving_is_refused(fields):
    lead = LeadFactory()
    lead.stage = "qualified"
    with pytest.raises(RuntimeError, match=r"crm.Lead.stage changes only through Flow.move"):
        lead.save(update_fields=fields)
    assert Lead.objects.get(pk=lead.pk).stage == "new"


def test_assigning_is_refused_on_a_record_read_again():
    lead = Lead.objects.get(pk=LeadFactory().pk)
    lead.stage = "qualified"
    with pytest.raises(RuntimeError):
        lead.save()


def test_assigning_one_of_several_flows_is_refused():
    project = ProjectFactory()
    project.status = "lost"
    with pytest.raises(RuntimeError, match="status"):
        project.save()


def test_a_record_read_without_its_stage_can_be_saved():
    lead = Lead.objects.only("title", "version").get(pk=LeadFactory(title="old").pk)
    lead.title = "new"
    lead.save(update_fields=["title"])
    assert Lead.objects.get(pk=lead.pk).title == "new"


def test_reading_again_forgets_an_assignment():
    lead = LeadFactory()
    lead.stage = "qualified"
    lead.refresh_from_db()
    lead.save()
    assert Lead.objects.get(pk=lead.pk).stage == "new"


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_stale_record_does_not_move():
    lead = LeadFactory()
    stale = Lead.objects.get(pk=lead.pk)
    lead.save()
    with pytest.raises(StaleRecord):
        STAGE_FLOW.move(stale, "contacted")
    assert (stale.stage, rows(lead)) == ("new", [("", "new", "")])


def test_of_two_who_move_at_once_one_does():
    lead = LeadFactory()
    first, second = Lead.objects.get(pk=lead.pk), Lead.objects.get(pk=lead.pk)
    STAGE_FLOW.move(first, "contacted")
    with pytest.raises(StaleRecord):
        STAGE_FLOW.move(second, "qualified")
    assert rows(lead) == [("", "new", ""), ("new", "contacted", "")]


def test_a_move_whose_row_cannot_be_stored_is_undone(monkeypatch):
    lead = LeadFactory()

    def fail(self, *args, **kwargs):
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(LeadStageChange, "save", fail)
        with pytest.raises(OSError, match="disk full"), transaction.atomic():
            STAGE_FLOW.move(lead, "contacted")
    stored = Lead.objects.get(pk=lead.pk)
    assert (stored.stage, stored.version, lead.stage) == ("new", 1, "new")


def test_a_record_is_usable_after_a_failed_move(monkeypatch):
    lead = LeadFactory()

    def fail(self, *args, **kwargs):
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(LeadStageChange, "save", fail)
        with pytest.raises(OSError, match="disk full"), transaction.atomic():
            STAGE_FLOW.move(lead, "contacted")
    STAGE_FLOW.move(lead, "contacted")
    assert Lead.objects.get(pk=lead.pk).stage == "contacted"


# -- declarations -----------------------------------------------------------------------------------------------------


def test_a_flow_is_found_by_its_field():
    assert Project().flow("status") is STATUS_FLOW
    with pytest.raises(StopIteration):
        Lead().flow("status")


def test_the_label_is_that_of_the_choice():
    assert LeadFactory.build(organization=None, station=None, owner=None).label_of(STAGE_FLOW) == "New"


@pytest.mark.parametrize(
    "flow", [flow for model in (Lead, Project) for flow in model.flows], ids=lambda flow: flow.field
)
def test_every_move_leads_from_and_to_a_choice(flow: Flow):
    model = Project if flow.changes == "status_changes" or "negotiating" in flow.moves else Lead
    choices = {value for value, _label in model._meta.get_field(flow.field).choices}
    assert set(flow.moves) == choices
    assert {to for targets in flow.moves.values() for to in targets} <= choices
