"""The pages of a record beside its form: archive, restore, moves, history, export."""

import csv
import io

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.admin.links import add_url, change_url, list_url
from core.exports_log import ExportLog
from core.request_context import acting
from crm.leads import STAGE_FLOW
from crm.models import Interaction, Lead, LostReason, Organization, Sector
from projects.models import Project
from projects.projects import STATUS_FLOW
from tests.factories import (
    EventFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    ProjectFactory,
    StationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
HUGE = 2**63


def page(record, name, *args):
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[record.pk, *args])


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors_of(response):
    return {
        name: [error.code for error in errors] for name, errors in response.context["form"].errors.as_data().items()
    }


# -- archive and restore ----------------------------------------------------------------------------------------------


def test_archiving_asks_why(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    response = logged_in(officer).get(page(lead, "archive"))
    assert (response.status_code, list(response.context["form"].fields)) == (200, ["reason"])
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_archiving_with_a_reason_takes_the_record_out_of_the_list(officer, tokyo_station, logged_in):
    lead, client = LeadFactory(station=tokyo_station, title="Battery plant"), logged_in(officer)
    response = client.post(page(lead, "archive"), {"reason": "registered twice"})
    lead.refresh_from_db()
    assert response["Location"] == change_url(lead)
    assert (lead.archive_reason, lead.archived_by) == ("registered twice", officer)
    assert messages_of(response) == ["“Battery plant” is archived. It is kept, and can be restored."]
    assert client.get(list_url(Lead)).context["cl"].result_count == 0


@pytest.mark.parametrize("reason", ["", "   ", "x" * 256])
def test_archiving_without_a_proper_reason_stores_nothing(reason, director, logged_in):
    lead = LeadFactory()
    response = logged_in(director).post(page(lead, "archive"), {"reason": reason})
    assert list(errors_of(response)) == ["reason"]
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_an_archived_record_says_who_archived_it_when_and_why(director, logged_in):
    lead = LeadFactory()
    with acting(director):
        lead.archive("registered twice")
    response = logged_in(director).get(change_url(lead))
    assert response.context["record_header"]["archived"] == {
        "at": lead.archived_at, "by": director, "reason": "registered twice",
    }  # fmt: skip
    assert "registered twice" in response.content.decode()


def test_an_archived_record_is_not_archived_again(director, logged_in):
    lead = LeadFactory()
    lead.archive("registered twice")
    response = logged_in(director).post(page(lead, "archive"), {"reason": "once more"})
    assert errors_of(response) == {"__all__": ["archived"]}


def test_restoring_brings_the_record_back(director, logged_in):
    lead = LeadFactory()
    lead.archive("registered twice")
    client = logged_in(director)
    assert client.get(page(lead, "restore")).status_code == 200
    assert Lead.objects.get(pk=lead.pk).is_archived
    assert client.post(page(lead, "restore"))["Location"] == change_url(lead)
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_a_current_record_is_not_restored(director, logged_in):
    response = logged_in(director).post(page(LeadFactory(), "restore"))
    assert errors_of(response) == {"__all__": ["not_archived"]}


@pytest.mark.parametrize("name", ["archive", "restore"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_archive_is_refused(name, method, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    user = UserFactory(role="Event manager", station=tokyo_station)
    response = getattr(logged_in(user), method)(page(lead, name), {"reason": "x"})
    assert response.status_code == 403
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_archiving_a_record_that_changed_meanwhile_stores_nothing(director, logged_in, monkeypatch):
    lead = LeadFactory()
    archive = Lead.archive

    def late(record, reason):
        record.version = 7
        archive(record, reason)

    monkeypatch.setattr(Lead, "archive", late)
    response = logged_in(director).post(page(lead, "archive"), {"reason": "registered twice"})
    assert "Somebody else changed this record just now" in response.content.decode()
    assert not Lead.objects.get(pk=lead.pk).is_archived


# -- moves ------------------------------------------------------------------------------------------------------------


def test_the_stage_bar_offers_the_moves_that_the_rules_allow(director, logged_in):
    lead = LeadFactory(stage="contacted")
    (bar,) = logged_in(director).get(change_url(lead)).context["stage_bars"]
    steps = {step["value"]: (step["state"], bool(step["url"]), bool(step["post_url"])) for step in bar["steps"]}
    assert steps == {
        "new": ("done", True, False),  # a step back asks why
        "contacted": ("current", False, False),
        "qualified": ("todo", False, True),
        "converted": ("todo", False, False),  # only by opening a project
        "disqualified": ("end", True, False),
    }


def test_a_record_with_two_flows_has_two_bars(director, logged_in):
    bars = logged_in(director).get(change_url(ProjectFactory())).context["stage_bars"]
    assert [(bar["field"], bar["label"]) for bar in bars] == [("stage", "Stage"), ("status", "Status")]


@pytest.mark.parametrize("archived", [True, False])
def test_who_may_not_move_is_offered_no_move(archived, auditor, director, logged_in):
    lead = LeadFactory()
    if archived:
        lead.archive("registered twice")
    reader = director if archived else auditor
    (bar,) = logged_in(reader).get(change_url(lead)).context["stage_bars"]
    assert not [step for step in bar["steps"] if step["url"] or step["post_url"]]


def test_a_move_without_questions_is_one_click(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    response = logged_in(officer).post(page(lead, "move", "stage", "contacted"), {"to": "contacted"})
    lead.refresh_from_db()
    assert (response["Location"], lead.stage) == (change_url(lead), "contacted")
    assert lead.stage_changes.get(to_value="contacted").changed_by == officer


def test_a_move_to_an_end_asks_and_stores_the_answers(director, logged_in):
    lead, client, reason = LeadFactory(), logged_in(director), LostReason.objects.get(code="cost")
    address = page(lead, "move", "stage", "disqualified")
    assert list(client.get(address).context["form"].fields) == ["reason", "lost_reason"]
    client.post(address, {"reason": "too expensive", "lost_reason": reason.pk})
    row = lead.stage_changes.get(to_value="disqualified")
    assert (row.reason, row.lost_reason) == ("too expensive", reason)


def test_a_move_that_lacks_an_answer_stores_nothing(director, logged_in):
    project, client = ProjectFactory(), logged_in(director)
    address = page(project, "move", "status", "lost")
    assert errors_of(client.post(address, {})) == {"reason": ["required"]}
    assert errors_of(client.post(address, {"reason": "x"})) == {"lost_reason": ["required"], "ended_on": ["required"]}
    assert Project.objects.get(pk=project.pk).status == "active"


@pytest.mark.parametrize("to", ["converted", "new"])
def test_a_move_against_the_rules_says_why(to, director, logged_in):
    response = logged_in(director).post(page(LeadFactory(), "move", "stage", to), {"reason": "x"})
    assert errors_of(response)["__all__"] in (["by_rule"], ["not_allowed"])


def test_looking_at_a_move_does_not_move(director, logged_in):
    lead = LeadFactory()
    assert logged_in(director).get(page(lead, "move", "stage", "contacted")).status_code == 200
    assert Lead.objects.get(pk=lead.pk).stage == "new"


@pytest.mark.parametrize(
    ("field", "to"), [("stage", "painted"), ("colour", "new"), ("title", "new"), ("status", "active")]
)
def test_a_move_that_does_not_exist_is_not_found(field, to, director, logged_in):
    assert logged_in(director).post(page(LeadFactory(), "move", field, to)).status_code == 404


def test_a_record_without_stages_does_not_move(director, logged_in):
    assert logged_in(director).post(page(OrganizationFactory(), "move", "stage", "new")).status_code == 404


def test_who_may_only_read_does_not_move(auditor, logged_in):
    lead = LeadFactory()
    assert logged_in(auditor).post(page(lead, "move", "stage", "contacted")).status_code == 403
    assert Lead.objects.get(pk=lead.pk).stage == "new"


# -- out of sight -----------------------------------------------------------------------------------------------------

RECORD_PAGES = [("change",), ("history",), ("archive",), ("restore",), ("move", "stage", "contacted")]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", RECORD_PAGES, ids=lambda name: name[0])
def test_a_record_out_of_sight_answers_like_one_that_does_not_exist(name, method, stranger, tokyo_station, logged_in):
    # A number that occurs nowhere else on the page.
    lead, client = LeadFactory(pk=470_011, station=tokyo_station, title="Secret plant"), logged_in(stranger)
    theirs = getattr(client, method)(page(lead, *name), {"reason": "x"})
    none = getattr(client, method)(page(Lead(pk=999_999), *name), {"reason": "x"})
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.content.replace(str(lead.pk).encode(), b"") == none.content.replace(b"999999", b"")
    assert Lead.objects.get(pk=lead.pk).version == 1


@pytest.mark.parametrize("name", RECORD_PAGES, ids=lambda name: name[0])
@pytest.mark.parametrize("pk", [0, HUGE, 10**30])
def test_a_number_beyond_all_records_is_not_found(name, pk, director, logged_in):
    assert logged_in(director).get(page(Lead(pk=pk), *name)).status_code == 404


@pytest.mark.parametrize("name", ["abc", "1.5", "-1", "_5F"])
def test_an_address_without_a_number_is_not_found(name, director, logged_in):
    LeadFactory(pk=1)
    response = logged_in(director).get(list_url(Lead) + f"{name}/change/")
    assert response.status_code == 404


@pytest.mark.parametrize("user", ["director", "officer"])
def test_nobody_deletes(user, request, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    client = logged_in(request.getfixturevalue(user))
    assert client.get(page(lead, "delete")).status_code == 403
    assert client.post(page(lead, "delete"), {"post": "yes"}).status_code == 403
    assert Lead.objects.filter(pk=lead.pk).exists()


# -- history ----------------------------------------------------------------------------------------------------------


def test_the_history_page_tells_who_changed_what_in_words(director, officer, logged_in):
    organization = OrganizationFactory(kind="company")
    organization.kind = "finance"
    officer.full_name = "田中 一郎"
    officer.save()
    with acting(officer, "192.0.2.7"):
        organization.save()
    text = logged_in(director).get(page(organization, "history")).content.decode()
    for word in ("田中 一郎", "Changed", "Kind", "Company", "Bank or fund", "192.0.2.7", "System", "Created"):
        assert word in text


def test_the_history_page_is_in_the_language_of_the_reader(logged_in):
    organization = OrganizationFactory()
    reader = UserFactory(role="Director", language="zh-hans")
    text = logged_in(reader).get(page(organization, "history")).content.decode()
    assert ("创建" in text, "Created" in text) == (True, False)


def test_a_long_history_has_pages(director, logged_in):
    lead = LeadFactory()
    for number in range(51):
        lead.next_step = str(number)
        lead.save()
    client = logged_in(director)
    assert len(client.get(page(lead, "history")).context["entries"]) == 50
    assert len(client.get(page(lead, "history") + "?p=2").context["entries"]) == 2
    assert client.get(page(lead, "history") + "?p=x").status_code == 200


# -- head of the page -------------------------------------------------------------------------------------------------


def test_the_head_names_the_record_in_the_language_of_the_reader(director, logged_in):
    event = EventFactory(name="説明会", name_en="Conference", name_zh="推介会", name_ja="説明会")
    header = logged_in(director).get(change_url(event)).context["record_header"]
    assert (header["title"], header["subtitle"], header["reference"]) == (
        "Conference",
        "説明会 · 推介会",
        event.reference,
    )


def test_the_head_shows_stage_and_status(director, logged_in):
    project = ProjectFactory(stage="land")
    STATUS_FLOW.move(project, "on_hold", reason="waiting")
    badges = logged_in(director).get(change_url(project)).context["record_header"]["badges"]
    assert [badge.badge for badge in badges] == ["Land granted", "On hold"]


def test_a_sample_record_says_so(director, logged_in):
    client = logged_in(director)
    shown = [client.get(change_url(OrganizationFactory(is_sample=sample))).content.decode() for sample in (True, False)]
    assert ["badge sample" in text for text in shown] == [True, False]


@pytest.mark.parametrize(
    ("user", "actions"),
    [("director", ["History", "Archive"]), ("auditor", ["History"])],
)
def test_the_actions_are_those_that_the_reader_may_do(user, actions, request, logged_in):
    shown = logged_in(request.getfixturevalue(user)).get(change_url(LeadFactory())).context["actions"]
    assert [str(action["label"]) for action in shown] == actions


def test_an_archived_record_offers_to_be_restored(director, logged_in):
    lead = LeadFactory()
    lead.archive("registered twice")
    shown = logged_in(director).get(change_url(lead)).context["actions"]
    assert [str(action["label"]) for action in shown] == ["History", "Restore"]


def test_an_upper_app_adds_its_action_to_a_lead(director, logged_in):
    lead = LeadFactory(stage="qualified")
    shown = logged_in(director).get(change_url(lead)).context["actions"]
    assert "Open a project" in [str(action["label"]) for action in shown]


# -- new records ------------------------------------------------------------------------------------------------------


def test_a_new_record_starts_with_its_author_and_own_station(officer, tokyo_station, logged_in):
    StationFactory(name="A station before it")
    form = logged_in(officer).get(add_url(Lead)).context["adminform"].form
    assert (form.initial["owner"], form.initial["station"]) == (officer.pk, tokyo_station.pk)
    form = logged_in(officer).get(add_url(Interaction)).context["adminform"].form
    assert form.initial["staff"] == [officer.pk]


def test_a_link_can_fill_in_a_new_record(officer, logged_in):
    organization = OrganizationFactory(name="日本電気")
    response = logged_in(officer).get(add_url(Lead, organization=organization.pk, title="Battery plant"))
    text = response.content.decode()
    assert 'value="Battery plant"' in text
    assert "日本電気" in text


def test_who_may_not_add_has_no_form(auditor, logged_in):
    assert logged_in(auditor).get(add_url(Lead)).status_code == 403
    assert logged_in(auditor).post(add_url(Organization), {"name": "x", "country": "JP"}).status_code == 403
    assert not Organization.objects.exists()


def test_who_may_only_read_cannot_save(auditor, logged_in):
    lead = LeadFactory(next_step="call")
    assert logged_in(auditor).post(change_url(lead), {"title": "x", "record_version": "1"}).status_code == 403
    assert Lead.objects.get(pk=lead.pk).version == 1


def test_the_code_of_a_reference_entry_is_set_once(director, logged_in):
    client, sector = logged_in(director), Sector.objects.first()
    assert "code" in client.get(add_url(Sector)).context["adminform"].form.fields
    assert "code" not in client.get(change_url(sector)).context["adminform"].form.fields


# -- choices ----------------------------------------------------------------------------------------------------------


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


# -- export -----------------------------------------------------------------------------------------------------------


def exported(client, model, **parameters):
    meta = model._meta
    response = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_export"), parameters)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def test_the_export_holds_the_list_as_it_is_filtered(officer, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station, title="Battery plant")
    LeadFactory(station=tokyo_station, title="Warehouse")
    LeadFactory(title="Battery plant of others")
    rows = exported(logged_in(officer), Lead, search="battery", headers="codes")
    assert [row["title"] for row in rows] == ["Battery plant"]


def test_the_frame_of_the_page_does_not_disturb_the_export(officer, logged_in):
    OrganizationFactory(name="日本電気")
    rows = exported(logged_in(officer), Organization, o="1", p="7", e="1", _popup="1", headers="codes")
    assert [row["name"] for row in rows] == ["日本電気"]


def test_the_links_to_the_export_carry_the_filters(officer, logged_in):
    response = logged_in(officer).get(list_url(Lead, search="battery", stage="new", p="1"))
    links = {link["label"]: link["url"] for link in response.context["export_links"]}
    assert links["CSV"].endswith("/export/?search=battery&stage=new&format=csv")
    assert links["XLSX"].endswith("/export/?search=battery&stage=new&format=xlsx")


def test_who_may_not_export_is_offered_none_and_gets_none(auditor, logged_in):
    OrganizationFactory()
    client = logged_in(auditor)
    assert client.get(list_url(Organization)).context["export_links"] == []
    assert client.get(list_url(Organization) + "export/").status_code == 403
    assert not ExportLog.objects.exists()


@pytest.mark.parametrize("parameters", [{"format": "pdf"}, {"format": ""}, {"headers": "none"}])
def test_a_format_that_does_not_exist_is_not_found(parameters, officer, logged_in):
    assert logged_in(officer).get(list_url(Organization) + "export/", parameters).status_code == 404


def test_a_wrong_filter_exports_nothing_and_leads_back_to_the_list(officer, logged_in):
    OrganizationFactory()
    response = logged_in(officer).get(list_url(Organization) + "export/", {"country": "ATLANTIS"})
    assert response["Location"] == list_url(Organization) + "?country=ATLANTIS"
    assert messages_of(response)
    assert not ExportLog.objects.exists()


def test_an_export_is_logged_with_its_filter(officer, logged_in):
    exported(logged_in(officer), Organization, country="JP")
    log = ExportLog.objects.get()
    assert (log.user, log.resource, log.format, log.rows) == (officer, "organizations", "csv", 0)
    assert log.parameters == {"country": "JP"}


def test_moves_in_the_admin_follow_the_flow_of_the_model():
    lead = LeadFactory(stage="qualified")
    assert STAGE_FLOW.targets(lead) == ["contacted", "disqualified"]
