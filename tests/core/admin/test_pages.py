"""The pages of a record beside its form: archive, restore, moves."""

import pytest
from django.contrib.messages import get_messages

from core.admin.links import list_url, record_url
from core.request_context import acting
from crm.models import Lead, LostReason
from projects.models import Project
from tests.factories import LeadFactory, OrganizationFactory, ProjectFactory, UserFactory
from tests.pages import record_page

pytestmark = pytest.mark.django_db


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors_of(response):
    errors = response.context["form"].errors.as_data()
    return {name: [error.code for error in found] for name, found in errors.items()}


# -- archive and restore -----------------------------------------------------------------------------------------------


def test_archiving_asks_why(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    response = logged_in(officer).get(record_page(lead, "archive"))
    assert (response.status_code, list(response.context["form"].fields)) == (200, ["reason"])
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_archiving_with_a_reason_takes_the_record_out_of_the_list(officer, tokyo_station, logged_in):
    lead, client = LeadFactory(station=tokyo_station, title="Battery plant"), logged_in(officer)
    response = client.post(record_page(lead, "archive"), {"reason": "registered twice"})
    lead.refresh_from_db()
    assert response["Location"] == record_url(lead)
    assert (lead.archive_reason, lead.archived_by) == ("registered twice", officer)
    assert messages_of(response) == ["“Battery plant” is archived. It is kept, and can be restored."]
    assert client.get(list_url(Lead)).context["cl"].result_count == 0


@pytest.mark.parametrize("reason", ["", "   ", "x" * 256])
def test_archiving_without_a_proper_reason_stores_nothing(reason, director, logged_in):
    lead = LeadFactory()
    response = logged_in(director).post(record_page(lead, "archive"), {"reason": reason})
    assert list(errors_of(response)) == ["reason"]
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_an_archived_record_says_who_archived_it_when_and_why(director, logged_in):
    lead = LeadFactory()
    with acting(director):
        lead.archive("registered twice")
    response = logged_in(director).get(record_url(lead))
    assert response.context["record_header"]["archived"] == {
        "at": lead.archived_at, "by": director, "reason": "registered twice",
    }  # fmt: skip
    assert "registered twice" in response.content.decode()


def test_an_archived_record_is_not_archived_again(director, logged_in):
    lead = LeadFactory()
    lead.archive("registered twice")
    response = logged_in(director).post(record_page(lead, "archive"), {"reason": "once more"})
    assert errors_of(response) == {"__all__": ["archived"]}


def test_restoring_brings_the_record_back(director, logged_in):
    lead = LeadFactory()
    lead.archive("registered twice")
    client = logged_in(director)
    assert client.get(record_page(lead, "restore")).status_code == 200
    assert Lead.objects.get(pk=lead.pk).is_archived
    assert client.post(record_page(lead, "restore"))["Location"] == record_url(lead)
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_a_current_record_is_not_restored(director, logged_in):
    response = logged_in(director).post(record_page(LeadFactory(), "restore"))
    assert errors_of(response) == {"__all__": ["not_archived"]}


@pytest.mark.parametrize("name", ["archive", "restore"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_archive_is_refused(name, method, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    user = UserFactory(role="Event manager", station=tokyo_station)
    response = getattr(logged_in(user), method)(record_page(lead, name), {"reason": "x"})
    assert response.status_code == 403
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_archiving_a_record_that_changed_meanwhile_stores_nothing(director, logged_in, monkeypatch):
    lead = LeadFactory()
    archive = Lead.archive

    def late(record, reason):
        record.version = 7
        archive(record, reason)

    monkeypatch.setattr(Lead, "archive", late)
    response = logged_in(director).post(record_page(lead, "archive"), {"reason": "registered twice"})
    assert "Somebody else changed this record just now" in response.content.decode()
    assert not Lead.objects.get(pk=lead.pk).is_archived


# -- moves -------------------------------------------------------------------------------------------------------------


def test_a_move_without_questions_is_one_click(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    response = logged_in(officer).post(record_page(lead, "move", "stage", "contacted"), {"to": "contacted"})
    lead.refresh_from_db()
    assert (response["Location"], lead.stage) == (record_url(lead), "contacted")
    assert lead.stage_changes.get(to_value="contacted").changed_by == officer


def test_a_move_to_an_end_asks_and_stores_the_answers(director, logged_in):
    lead, client, reason = LeadFactory(), logged_in(director), LostReason.objects.get(code="cost")
    address = record_page(lead, "move", "stage", "disqualified")
    assert list(client.get(address).context["form"].fields) == ["reason", "lost_reason"]
    client.post(address, {"reason": "too expensive", "lost_reason": reason.pk})
    row = lead.stage_changes.get(to_value="disqualified")
    assert (row.reason, row.lost_reason) == ("too expensive", reason)


def test_a_move_that_lacks_an_answer_stores_nothing(director, logged_in):
    project, client = ProjectFactory(), logged_in(director)
    address = record_page(project, "move", "status", "lost")
    missing = {"reason": ["required"], "lost_reason": ["required"], "ended_on": ["required"]}
    assert errors_of(client.post(address, {})) == missing
    assert errors_of(client.post(address, {"reason": "x"})) == {"lost_reason": ["required"], "ended_on": ["required"]}
    assert Project.objects.get(pk=project.pk).status == "active"


@pytest.mark.parametrize("to", ["converted", "new"])
def test_a_move_against_the_rules_says_why(to, director, logged_in):
    response = logged_in(director).post(record_page(LeadFactory(), "move", "stage", to), {"reason": "x"})
    assert errors_of(response)["__all__"] in (["by_rule"], ["not_allowed"])


def test_looking_at_a_move_does_not_move(director, logged_in):
    lead = LeadFactory()
    assert logged_in(director).get(record_page(lead, "move", "stage", "contacted")).status_code == 200
    assert Lead.objects.get(pk=lead.pk).stage == "new"


@pytest.mark.parametrize(
    ("field", "to"), [("stage", "painted"), ("colour", "new"), ("title", "new"), ("status", "active")]
)
def test_a_move_that_does_not_exist_is_not_found(field, to, director, logged_in):
    assert logged_in(director).post(record_page(LeadFactory(), "move", field, to)).status_code == 404


def test_a_record_without_stages_does_not_move(director, logged_in):
    assert logged_in(director).post(record_page(OrganizationFactory(), "move", "stage", "new")).status_code == 404


def test_who_may_only_read_does_not_move(auditor, logged_in):
    lead = LeadFactory()
    assert logged_in(auditor).post(record_page(lead, "move", "stage", "contacted")).status_code == 403
    assert Lead.objects.get(pk=lead.pk).stage == "new"
