"""The form of a record: the version it carries, and what it keeps without showing it."""

import re

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Permission

from core.access import SYSTEM
from core.admin.forms import move_form
from core.admin.links import add_url, change_url
from core.records import StaleRecord
from core.request_context import acting
from crm.leads import STAGE_FLOW
from crm.models import Channel, Lead, LostReason, Organization, Sector
from events.models import Guest
from projects.models import Contract
from projects.projects import STATUS_FLOW
from tests.factories import (
    AliasFactory,
    ContractFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    ProjectFactory,
    UserFactory,
    VisitFactory,
)
from tests.pages import form_values, record_form

pytestmark = pytest.mark.django_db


# -- versions ---------------------------------------------------------------------------------------------------------


def test_a_form_saves_what_was_typed_and_raises_the_version(director, logged_in):
    lead = LeadFactory(next_step="call")
    client, url = logged_in(director), change_url(lead)
    response = client.post(url, record_form(client, url, next_step="visit"))
    lead.refresh_from_db()
    assert response.status_code == 302
    assert (lead.next_step, lead.version, lead.updated_by) == ("visit", 2, director)


def test_a_form_opened_before_somebody_else_saved_stores_nothing(director, logged_in):
    lead = LeadFactory(next_step="call", notes="")
    client, url = logged_in(director), change_url(lead)
    mine = record_form(client, url, next_step="mine", notes="mine too")
    lead.next_step = "theirs"
    lead.save()
    response = client.post(url, mine)
    lead.refresh_from_db()
    assert response.status_code == 200
    assert (lead.next_step, lead.notes, lead.version) == ("theirs", "", 2)


def conflict_of(client, url, record, mine, **theirs):
    """Answers the conflict page after `theirs` were stored while `mine` were typed."""
    values = record_form(client, url, **mine)
    for name, value in theirs.items():
        setattr(record, name, value)
    record.save()
    return client.post(url, values)


def test_the_conflict_page_shows_both_values_by_field(director, logged_in):
    lead = LeadFactory(next_step="call", likelihood=10)
    client, url = logged_in(director), change_url(lead)
    response = conflict_of(client, url, lead, {"next_step": "mine"}, next_step="theirs", likelihood=20)
    fields = {
        str(field["label"]): (field["theirs"], field["yours"]) for field in response.context["conflict"]["fields"]
    }
    assert fields == {"Next step": ("theirs", "mine"), "Likelihood (%)": ("20", "10")}


def test_the_conflict_page_names_who_saved_and_when(director, officer, logged_in):
    lead = LeadFactory()
    client, url = logged_in(director), change_url(lead)
    values = record_form(client, url)
    with acting(officer):
        lead.save()
    conflict = client.post(url, values).context["conflict"]
    assert (conflict["by"], conflict["at"]) == (officer, Lead.objects.get(pk=lead.pk).updated_at)


def test_relations_and_choices_are_shown_by_name(director, logged_in):
    organization = OrganizationFactory(kind="company", parent=OrganizationFactory(name="日本電気"))
    client, url = logged_in(director), change_url(organization)
    mine = {"kind": "media", "parent": ""}
    response = conflict_of(client, url, organization, mine, name_en="Theirs", kind="finance")
    fields = {
        str(field["label"]): (field["theirs"], field["yours"]) for field in response.context["conflict"]["fields"]
    }
    assert fields["Kind"] == ("Bank or fund", "Media")
    assert fields["Parent organization"] == ("日本電気", "")


def test_links_are_compared_by_name(director, logged_in):
    talk, first = InteractionFactory(), OrganizationFactory(name="日本電気")
    client, url = logged_in(director), change_url(talk)
    talk.organizations.add(OrganizationFactory(name="三菱電機"))
    response = conflict_of(client, url, talk, {"organizations": [first.pk]}, place="Tokyo")
    fields = {
        str(field["label"]): (field["theirs"], field["yours"]) for field in response.context["conflict"]["fields"]
    }
    assert fields == {"Place": ("Tokyo", ""), "Organizations": ("三菱電機", "日本電気")}


def test_the_conflict_page_keeps_the_input_and_the_second_save_wins(director, logged_in):
    lead = LeadFactory(next_step="call")
    client, url = logged_in(director), change_url(lead)
    page = conflict_of(client, url, lead, {"next_step": "mine"}, next_step="theirs")
    again = form_values(page, "lead_form")
    assert (again["next_step"], again["record_version"]) == (["mine"], ["2"])
    assert client.post(url, again).status_code == 302
    lead.refresh_from_db()
    assert (lead.next_step, lead.version) == ("mine", 3)


def test_a_third_change_in_between_is_a_conflict_again(director, logged_in):
    lead = LeadFactory(next_step="call")
    client, url = logged_in(director), change_url(lead)
    again = form_values(conflict_of(client, url, lead, {"next_step": "mine"}, next_step="theirs"), "lead_form")
    lead.next_step = "theirs again"
    lead.save()
    assert client.post(url, again).context["conflict"]
    lead.refresh_from_db()
    assert lead.next_step == "theirs again"


def test_a_wrong_input_and_a_conflict_are_told_together(director, logged_in):
    lead = LeadFactory()
    client, url = logged_in(director), change_url(lead)
    response = conflict_of(client, url, lead, {"jobs": "many"}, next_step="theirs")
    assert response.context["conflict"]
    assert "jobs" in response.context["adminform"].form.errors


def test_a_change_of_a_part_is_a_conflict(director, logged_in):
    organization = OrganizationFactory()
    client, url = logged_in(director), change_url(organization)
    values = record_form(client, url)
    AliasFactory(organization=organization)
    assert client.post(url, values).context["conflict"]


@pytest.mark.parametrize("version", [None, "", "x", "0", "2"])
def test_a_form_that_does_not_say_what_it_read_stores_nothing(version, director, logged_in):
    lead = LeadFactory(next_step="call")
    client, url = logged_in(director), change_url(lead)
    values = record_form(client, url, next_step="mine", record_version=version)
    response = client.post(url, {name: value for name, value in values.items() if value is not None})
    assert response.context["conflict"]
    assert Lead.objects.get(pk=lead.pk).next_step == "call"


def test_a_save_between_reading_and_writing_is_a_conflict_too(director, logged_in, monkeypatch):
    """The last moment: the version on the page was still right when the form was checked."""
    lead = LeadFactory(next_step="call")
    client, url = logged_in(director), change_url(lead)
    values = record_form(client, url, next_step="mine")
    post = ModelAdmin.changeform_view
    others = ["theirs"]

    def changeform_view(*args, **kwargs):
        if others:
            Lead.objects.filter(pk=lead.pk).update(version=2, next_step=others.pop())
            raise StaleRecord(lead)
        return post(*args, **kwargs)

    monkeypatch.setattr(ModelAdmin, "changeform_view", changeform_view)
    response = client.post(url, values)
    (field,) = response.context["conflict"]["fields"]
    assert (field["theirs"], field["yours"]) == ("theirs", "mine")
    assert Lead.objects.get(pk=lead.pk).next_step == "theirs"


def test_the_form_for_a_new_record_has_no_version_to_compare(director, logged_in):
    client = logged_in(director)
    values = record_form(client, add_url(Organization), name="日本電気", country="JP")
    assert client.post(add_url(Organization), values).status_code == 302
    assert Organization.objects.get().version == 1


# -- what a form keeps without showing it -----------------------------------------------------------------------------


@pytest.fixture
def secret(tokyo_station):
    """A lead that the officer of another station does not see."""
    return LeadFactory(pk=470_011, station=tokyo_station, title="Secret plant")


def shows(response, lead):
    text = response.content.decode()
    return lead.title in text or f'value="{lead.pk}"' in text


@pytest.mark.parametrize("factory", [GuestFactory, VisitFactory])
def test_a_form_keeps_a_relation_out_of_sight_and_does_not_show_it(factory, secret, stranger, logged_in):
    record = factory(lead=secret)
    client, url = logged_in(stranger), change_url(record)
    page = client.get(url)
    assert not shows(page, secret)
    assert client.post(url, form_values(page, f"{record._meta.model_name}_form")).status_code == 302
    record.refresh_from_db()
    assert (record.lead, record.version) == (secret, 2)


def test_a_relation_in_sight_can_be_cleared(secret, officer, logged_in):
    guest = GuestFactory(lead=secret)
    client, url = logged_in(officer), change_url(guest)
    client.post(url, record_form(client, url, lead=""))
    guest.refresh_from_db()
    assert guest.lead is None


def test_a_relation_out_of_sight_can_be_replaced_by_one_in_sight(secret, stranger, osaka_station, logged_in):
    guest, mine = GuestFactory(lead=secret), LeadFactory(station=osaka_station)
    client, url = logged_in(stranger), change_url(guest)
    client.post(url, record_form(client, url, lead=str(mine.pk)))
    guest.refresh_from_db()
    assert guest.lead == mine


@pytest.mark.parametrize("asked", ["theirs", "none"])
def test_naming_a_record_out_of_sight_answers_like_one_that_does_not_exist(asked, secret, stranger, logged_in):
    guest = GuestFactory()
    client, url = logged_in(stranger), change_url(guest)
    pk = secret.pk if asked == "theirs" else 999_999
    response = client.post(url, record_form(client, url, lead=str(pk)))
    assert response.context["adminform"].form.errors.as_data()["lead"][0].code == "invalid_choice"
    assert "Secret" not in response.content.decode()
    assert Guest.objects.get(pk=guest.pk).lead is None


def test_a_conflict_does_not_show_a_relation_out_of_sight(secret, stranger, logged_in):
    guest = GuestFactory()
    client, url = logged_in(stranger), change_url(guest)
    response = conflict_of(client, url, guest, {"rank": "1"}, lead=secret)
    assert not shows(response, secret)
    assert [str(field["label"]) for field in response.context["conflict"]["fields"]] == ["Rank"]
    assert client.post(url, form_values(response, "guest_form")).status_code == 302
    guest.refresh_from_db()
    assert (guest.lead, guest.rank) == (secret, 1)


def test_a_collaborator_keeps_the_project_of_a_contract_out_of_sight(stranger, osaka_station, logged_in):
    project = ProjectFactory(name="Secret plant")
    contract = ContractFactory(project=project, station=osaka_station)
    client, url = logged_in(stranger), change_url(contract)
    client.post(url, record_form(client, url, number="1"))
    contract = Contract.objects.get()
    assert (contract.project, contract.number) == (project, "1")


def test_links_without_a_right_are_kept_and_added_to(logged_in, tokyo_station):
    """A role of the agency's own making that may not see organizations at all."""
    user = UserFactory(station=tokyo_station)
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_interaction", "change_interaction", "view_liaisonstation"])
    )
    talk, organization = InteractionFactory(station=tokyo_station), OrganizationFactory()
    talk.organizations.add(organization)
    client, url = logged_in(user), change_url(talk)
    assert client.post(url, record_form(client, url, subject="renamed")).status_code == 302
    talk.refresh_from_db()
    assert (list(talk.organizations.all()), talk.subject) == ([organization], "renamed")


def test_a_page_without_a_form_does_not_show_a_relation_out_of_sight(secret, logged_in, osaka_station):
    user = UserFactory(station=osaka_station)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_guest", "view_lead"]))
    guest = GuestFactory(lead=secret)
    page = logged_in(user).get(change_url(guest))
    assert page.status_code == 200
    assert not shows(page, secret)
    assert str(guest.person) in page.content.decode()


def test_a_page_without_a_form_shows_a_relation_in_sight(secret, auditor, logged_in):
    assert "Secret plant" in logged_in(auditor).get(change_url(GuestFactory(lead=secret))).content.decode()


def test_a_new_record_cannot_begin_with_a_relation_out_of_sight(secret, stranger, logged_in):
    page = logged_in(stranger).get(add_url(Guest, lead=secret.pk))
    assert not shows(page, secret)


# -- forms of moves ---------------------------------------------------------------------------------------------------


def test_a_move_asks_why_only_where_the_rule_does():
    lead = LeadFactory()
    assert move_form(SYSTEM, lead, STAGE_FLOW, "contacted").fields["reason"].required is False
    assert move_form(SYSTEM, lead, STAGE_FLOW, "disqualified").fields["reason"].required is True


def test_a_move_to_an_end_asks_for_the_details_of_its_history():
    assert list(move_form(SYSTEM, LeadFactory(), STAGE_FLOW, "disqualified").fields) == ["reason", "lost_reason"]
    assert list(move_form(SYSTEM, ProjectFactory(), STATUS_FLOW, "lost").fields) == [
        "reason", "lost_reason", "ended_on", "lost_to",
    ]  # fmt: skip


def test_a_retired_reason_is_not_offered():
    retired = LostReason.objects.first()
    LostReason.objects.filter(pk=retired.pk).update(retired_on="2020-01-01")
    offered = move_form(SYSTEM, LeadFactory(), STAGE_FLOW, "disqualified").fields["lost_reason"].queryset
    assert offered.exists()
    assert retired not in offered


def test_what_a_move_cannot_do_without_is_marked():
    form = move_form(SYSTEM, ProjectFactory(), STATUS_FLOW, "terminated")
    assert {name for name, field in form.fields.items() if field.required} == {"reason", "lost_reason", "ended_on"}


def test_putting_on_hold_asks_for_no_end():
    assert list(move_form(SYSTEM, ProjectFactory(), STATUS_FLOW, "on_hold").fields) == ["reason"]


# -- entries of reference lists ---------------------------------------------------------------------------------------


def offered(page, name):
    """The values that the select of a page offers."""
    bound = page.context["adminform"].form[name]
    return set(re.findall(r'<option value="(\d+)"', str(bound)))


def test_a_retired_entry_is_not_offered_for_a_new_record(officer, logged_in):
    kept, retired = Channel.objects.all()[:2]
    Channel.objects.filter(pk=retired.pk).update(retired_on="2020-01-01")
    values = offered(logged_in(officer).get(add_url(Lead)), "channel")
    assert str(kept.pk) in values
    assert str(retired.pk) not in values


def test_a_record_keeps_the_retired_entry_that_it_has(officer, tokyo_station, logged_in):
    retired, other = Channel.objects.all()[:2]
    lead = LeadFactory(station=tokyo_station, channel=retired)
    Channel.objects.filter(pk__in=[retired.pk, other.pk]).update(retired_on="2020-01-01")
    values = offered(logged_in(officer).get(change_url(lead)), "channel")
    assert str(retired.pk) in values
    assert str(other.pk) not in values


def test_typing_finds_only_entries_in_use(officer, logged_in):
    Sector.objects.filter(code="logistics").update(retired_on="2020-01-01")
    field = {"app_label": "crm", "model_name": "organization", "field_name": "sectors"}
    answer = logged_in(officer).get("/admin/autocomplete/", {**field, "term": "o"}).json()["results"]
    names = [row["text"] for row in answer]
    assert "Food and beverages" in names
    assert "Logistics" not in names
