"""The head of a record's page: names, stages, actions."""

import pytest

from core.admin.links import record_url
from projects.projects import STATUS_FLOW
from tests.factories import EventFactory, LeadFactory, OrganizationFactory, ProjectFactory

pytestmark = pytest.mark.django_db


# -- stage bars --------------------------------------------------------------------------------------------------------


def test_the_stage_bar_offers_the_moves_that_the_rules_allow(director, logged_in):
    lead = LeadFactory(stage="contacted")
    (bar,) = logged_in(director).get(record_url(lead)).context["stage_bars"]
    steps = {step["value"]: (step["state"], bool(step["url"]), bool(step["post_url"])) for step in bar["steps"]}
    assert steps == {
        "new": ("done", True, False),  # a step back asks why
        "contacted": ("current", False, False),
        "qualified": ("todo", False, True),
        "converted": ("todo", False, False),  # only by opening a project
        "disqualified": ("end", True, False),
    }


def test_a_record_with_two_flows_has_two_bars(director, logged_in):
    bars = logged_in(director).get(record_url(ProjectFactory())).context["stage_bars"]
    assert [(bar["field"], bar["label"]) for bar in bars] == [("stage", "Stage"), ("status", "Status")]


@pytest.mark.parametrize("archived", [True, False])
def test_who_may_not_move_is_offered_no_move(archived, auditor, director, logged_in):
    lead = LeadFactory()
    if archived:
        lead.archive("registered twice")
    reader = director if archived else auditor
    (bar,) = logged_in(reader).get(record_url(lead)).context["stage_bars"]
    assert not [step for step in bar["steps"] if step["url"] or step["post_url"]]


# -- names and actions -------------------------------------------------------------------------------------------------


def test_the_head_names_the_record_in_the_language_of_the_reader(director, logged_in):
    event = EventFactory(name="説明会", name_en="Conference", name_zh="推介会", name_ja="説明会")
    header = logged_in(director).get(record_url(event)).context["record_header"]
    assert (header["title"], header["lang"], header["reference"]) == ("Conference", "en", event.reference)
    assert header["names"] == [{"text": "説明会", "lang": "ja"}, {"text": "推介会", "lang": "zh-Hans"}]


def test_the_head_shows_stage_and_status(director, logged_in):
    project = ProjectFactory(stage="land")
    STATUS_FLOW.move(project, "on_hold", reason="waiting")
    badges = logged_in(director).get(record_url(project)).context["record_header"]["badges"]
    assert [badge.badge for badge in badges] == ["Land granted", "On hold"]


def test_a_sample_record_says_so(director, logged_in):
    client = logged_in(director)
    shown = [client.get(record_url(OrganizationFactory(is_sample=sample))).content.decode() for sample in (True, False)]
    assert ["badge sample" in text for text in shown] == [True, False]


@pytest.mark.parametrize(
    ("user", "actions"),
    [("director", ["History", "Archive"]), ("auditor", ["History"])],
)
def test_the_actions_are_those_that_the_reader_may_do(user, actions, request, logged_in):
    shown = logged_in(request.getfixturevalue(user)).get(record_url(LeadFactory())).context["actions"]
    assert [str(action["label"]) for action in shown] == actions


def test_an_archived_record_offers_to_be_restored(director, logged_in):
    lead = LeadFactory()
    lead.archive("registered twice")
    shown = logged_in(director).get(record_url(lead)).context["actions"]
    assert [str(action["label"]) for action in shown] == ["History", "Restore"]


def test_an_upper_app_adds_its_action_to_a_lead(director, logged_in):
    lead = LeadFactory(stage="qualified")
    shown = logged_in(director).get(record_url(lead)).context["actions"]
    assert "Open a project" in [str(action["label"]) for action in shown]
