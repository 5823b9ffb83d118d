"""Creating and changing records: checked like everywhere, all or nothing, and never over somebody else's change."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from core import access
from core.records import Part
from crm.models import Alias, Lead, Organization, Sector
from projects.models import Contract, Project
from tests.core.api.calling import errors, message
from tests.factories import (
    AliasFactory,
    ContactPointFactory,
    ContractFactory,
    DelegationFactory,
    EventFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PartyFactory,
    PersonFactory,
    ProjectFactory,
    SectorFactory,
    UserFactory,
)

MISSING = 2**31 - 1
NEW = {"name": "新会社", "country": "JP"}


@pytest.fixture
def nec(db):
    return OrganizationFactory(name="日本電気", name_en="NEC", country="JP")


def body_of_lead(organization, station, owner, **fields):
    return {"title": "Robots", "organization": organization.pk, "station": station.pk, "owner": owner.pk, **fields}


def test_creating_answers_the_record_and_where_it_is(api, officer, nec, tokyo_station):
    caller = api(officer)
    body = body_of_lead(nec, tokyo_station, officer, interest_amount="5000000", interest_currency="JPY", jobs=12)
    response = caller.post("leads/", body)
    lead = Lead.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver/api/v1/leads/{lead.pk}/"
    assert response["ETag"] == '"1"'
    record = response.json()
    assert record["organization_display"] == "NEC"
    assert (record["interest_amount"], record["jobs"], record["stage"]) == ("5000000.00", 12, "new")
    assert (record["created_by"], record["updated_by"], record["version"]) == (officer.pk, officer.pk, 1)
    assert caller.get(response["Location"]).json() == record


def test_missing_and_wrong_fields_are_named_together(api, officer):
    response = api(officer).post("leads/", {"title": "", "jobs": "many", "likelihood": 101, "received_on": "soon"})
    assert errors(response) == {
        "/title": "blank",
        "/jobs": "invalid",
        "/likelihood": "max_value",
        "/received_on": "invalid",
        "/organization": "required",
        "/station": "required",
        "/owner": "required",
    }


def test_the_rules_of_the_model_hold_with_their_own_words(api, officer):
    response = api(officer).post("organizations/", {**NEW, "corporate_number": "1234567890123"})
    assert errors(response) == {"/corporate_number": "checksum"}
    assert "check digit" in message(response, "/corporate_number")
    assert not Organization.objects.exists()


def test_rules_over_several_fields(api, officer, nec, tokyo_station):
    response = api(officer).post("leads/", body_of_lead(nec, tokyo_station, officer, interest_amount="5"))
    assert errors(response) == {"/interest_currency": "required"}
    assert not Lead.objects.exists()


def test_a_value_that_must_be_unique_is_refused_in_the_models_words(api, officer):
    OrganizationFactory(corporate_number="7010401022916")
    response = api(officer).post("organizations/", {**NEW, "corporate_number": "7010401022916"})
    assert response.status_code == 400
    assert [e["detail"] for e in response.json()["errors"]] == [
        "Another organization already has this corporate number."
    ]


def test_a_race_for_a_unique_value_is_a_conflict(api, officer, monkeypatch):
    OrganizationFactory(corporate_number="7010401022916")
    monkeypatch.setattr(Organization, "full_clean", lambda self: None)  # the other one came after the check
    response = api(officer).post("organizations/", {**NEW, "corporate_number": "7010401022916"})
    assert (response.status_code, errors(response)) == (409, {})
    assert Organization.objects.count() == 1


def test_a_field_nobody_knows_is_refused_at_its_place(api, officer):
    response = api(officer).post("organizations/", {**NEW, "colour": "red", "a/b": 1, "": 2})
    assert errors(response) == {"/colour": "unknown", "/a~1b": "unknown", "/": "unknown"}
    assert not Organization.objects.exists()


READ_ONLY = (
    "id", "reference", "version", "created_at", "created_by", "created_by_display", "updated_at", "updated_by", "stage",
    "archived_at", "archive_reason", "is_sample", "organization_display", "stage_changes", "collaborators_display",
)  # fmt: skip


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_only_read_is_refused_on_writing(api, director, name):
    lead = LeadFactory()
    response = api(director).patch(f"leads/{lead.pk}/", {name: getattr(lead, name, None) and 1}, match="*")
    assert (response.status_code, errors(response)) == (400, {f"/{name}": "read_only"})


def test_refusals_say_what_to_do_instead(api, director):
    body = {"stage": "contacted", "archive_reason": "x", "version": 3}
    response = api(director).patch(f"leads/{LeadFactory().pk}/", body, match="*")
    assert message(response, "/stage") == "Move it with POST …/stage/."
    assert "/archive/" in message(response, "/archive_reason")
    assert "If-Match" in message(response, "/version")


def test_patch_changes_what_is_given(api, officer, nec):
    response = api(officer).patch(f"organizations/{nec.pk}/", {"city": "東京"}, match='"1"')
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    nec.refresh_from_db()
    assert (nec.city, nec.name_en, nec.version, nec.updated_by) == ("東京", "NEC", 2, officer)
    assert response.json()["version"] == 2


def test_put_needs_what_creating_needs(api, officer, nec):
    caller = api(officer)
    assert errors(caller.put(f"organizations/{nec.pk}/", {"name": "x"}, match='"1"')) == {"/country": "required"}
    response = caller.put(f"organizations/{nec.pk}/", {"name": "NEC Corp", "country": "US"}, match='"1"')
    assert (response.json()["name"], response.json()["country"]) == ("NEC Corp", "US")


@pytest.mark.parametrize(("method", "tail"), [("put", ""), ("patch", ""), ("post", "archive/"), ("post", "restore/")])
def test_changing_needs_if_match(api, director, nec, method, tail):
    caller, path = api(director), f"organizations/{nec.pk}/{tail}"
    assert caller.call(method, path, {}).status_code == 428
    for stale in ('"0"', '"2"', '"1x"', 'W/"3", "9"'):
        assert caller.call(method, path, {}, match=stale).status_code == 412, stale
    assert caller.call(method, path, {}, match="1").status_code == 400
    nec.refresh_from_db()
    assert nec.version == 1


@pytest.mark.parametrize("match", ['"1"', "*", '"7", "1"', 'W/"1"'])
def test_if_match_names_the_version_that_was_read(api, director, nec, match):
    assert api(director).patch(f"organizations/{nec.pk}/", {"city": "x"}, match=match).status_code == 200


def test_of_two_who_read_the_same_version_the_second_is_told(api, director, officer, nec):
    first, second = api(director), api(officer)
    tag = first.get(f"organizations/{nec.pk}/")["ETag"]
    assert second.get(f"organizations/{nec.pk}/")["ETag"] == tag
    assert first.patch(f"organizations/{nec.pk}/", {"city": "Tokyo"}, match=tag).status_code == 200
    response = second.patch(f"organizations/{nec.pk}/", {"city": "Osaka"}, match=tag)
    assert response.status_code == 412
    assert response.json()["type"] == "urn:liaison:problem:stale"
    nec.refresh_from_db()
    assert nec.city == "Tokyo"


def test_a_change_between_reading_and_storing_is_told_too(api, director, nec, monkeypatch):
    checks = Organization.full_clean

    def slow_check(self):
        checks(self)
        Organization.objects.filter(pk=self.pk).update(version=9)

    monkeypatch.setattr(Organization, "full_clean", slow_check)
    assert api(director).patch(f"organizations/{nec.pk}/", {"city": "x"}, match="*").status_code == 412


def test_who_has_the_version_gets_no_body(api, director, nec):
    caller = api(director)
    response = caller.get(f"organizations/{nec.pk}/", headers={"If-None-Match": '"1"'})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", '"1"')
    assert caller.get(f"organizations/{nec.pk}/", headers={"If-None-Match": '"0", W/"1"'}).status_code == 304
    assert caller.get(f"organizations/{nec.pk}/", headers={"If-None-Match": '"2"'}).status_code == 200


def test_head_is_get_without_a_body(api, director, nec):
    response = api(director).call("head", f"organizations/{nec.pk}/")
    assert (response.status_code, response.content, response["ETag"]) == (200, b"", '"1"')


# Relations


def test_a_relation_out_of_sight_is_answered_like_one_that_does_not_exist(api, officer, tokyo_station):
    caller, hidden = api(officer), LeadFactory()
    body = {"subject": "Talk", "station": tokyo_station.pk}
    answers = [caller.post("interactions/", {**body, "lead": pk}).json()["errors"] for pk in (hidden.pk, MISSING)]
    assert [[(e["pointer"], e["code"]) for e in found] for found in answers] == [[("/lead", "does_not_exist")]] * 2
    assert answers[0][0]["detail"].replace(str(hidden.pk), "N") == answers[1][0]["detail"].replace(str(MISSING), "N")


def test_a_station_of_others_is_refused_at_its_field(api, officer, nec, osaka_station):
    response = api(officer).post("leads/", body_of_lead(nec, osaka_station, officer))
    assert errors(response) == {"/station": "foreign_station"}
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (MISSING, "does_not_exist"),
        (0, "does_not_exist"),
        (-1, "does_not_exist"),
        (2**63, "does_not_exist"),
        (2**200, "does_not_exist"),
        ("x", "incorrect_type"),
        (1.5, "incorrect_type"),
        (True, "incorrect_type"),
        ([1], "incorrect_type"),
        ({"id": 1}, "incorrect_type"),
        (None, "null"),
    ],
)
def test_a_relation_is_the_id_of_a_record(api, director, value, code):
    LeadFactory()
    response = api(director).patch(f"leads/{Lead.objects.get().pk}/", {"organization": value}, match="*")
    assert errors(response) == {"/organization": code}


def test_links_are_lists_of_ids(api, director, nec):
    first, second = SectorFactory.create_batch(2)
    caller, path = api(director), f"organizations/{nec.pk}/"
    body = caller.patch(path, {"sectors": [second.pk, first.pk, second.pk]}, match="*").json()
    assert sorted(body["sectors"]) == [first.pk, second.pk]
    assert caller.patch(path, {"city": "x"}, match="*").json()["sectors"] == body["sectors"]
    assert caller.patch(path, {"sectors": []}, match="*").json()["sectors"] == []


def test_each_wrong_id_of_a_list_is_named(api, director, nec):
    body = {"sectors": [SectorFactory().pk, MISSING, "x", 2**64]}
    response = api(director).patch(f"organizations/{nec.pk}/", body, match="*")
    assert errors(response) == {
        "/sectors/1": "does_not_exist",
        "/sectors/2": "incorrect_type",
        "/sectors/3": "does_not_exist",
    }


@pytest.mark.parametrize(
    ("value", "code"), [("1", "not_a_list"), ({}, "not_a_list"), (1, "not_a_list"), (None, "null")]
)
def test_links_that_are_no_list(api, director, nec, value, code):
    response = api(director).patch(f"organizations/{nec.pk}/", {"sectors": value}, match="*")
    assert errors(response) == {"/sectors": code}


def test_the_number_of_ids_is_limited(api, director, nec):
    response = api(director).patch(f"organizations/{nec.pk}/", {"sectors": [1] * 1001}, match="*")
    assert errors(response) == {"/sectors": "max_length"}


def test_a_list_of_ids_takes_one_query(api, director, nec, django_assert_max_num_queries):
    many = [sector.pk for sector in SectorFactory.create_batch(20)]
    caller = api(director)
    with django_assert_max_num_queries(50):
        assert caller.patch(f"organizations/{nec.pk}/", {"sectors": many}, match="*").status_code == 200


def test_links_to_records_out_of_sight_survive(api, officer, tokyo_station, monkeypatch):
    talk = InteractionFactory(station=tokyo_station)
    seen, hidden, new = PersonFactory.create_batch(3)
    talk.people.set([seen, hidden])
    rule = access.Rule(lambda user, people, action: people.exclude(pk=hidden.pk), restricted=True)
    monkeypatch.setitem(access._rules, type(hidden), rule)
    response = api(officer).patch(f"interactions/{talk.pk}/", {"people": [new.pk]}, match="*")
    assert response.status_code == 200
    assert set(talk.people.all()) == {hidden, new}


def test_null_for_a_record_out_of_sight_leaves_the_link(api, officer, tokyo_station):
    """It was shown as null, so a program that reads, changes and sends back must not cut it."""
    hidden = LeadFactory()
    talk = InteractionFactory(station=tokyo_station, lead=hidden)
    caller = api(officer)
    assert caller.get(f"interactions/{talk.pk}/").json()["lead"] is None
    assert caller.patch(f"interactions/{talk.pk}/", {"lead": None, "subject": "x"}, match="*").status_code == 200
    talk.refresh_from_db()
    assert (talk.lead, talk.subject) == (hidden, "x")


def test_null_for_a_record_in_sight_cuts_the_link(api, officer, tokyo_station):
    talk = InteractionFactory(station=tokyo_station, lead=LeadFactory(station=tokyo_station))
    assert api(officer).patch(f"interactions/{talk.pk}/", {"lead": None}, match="*").json()["lead"] is None


def test_a_retired_entry_is_kept_but_not_chosen_anew(api, director, nec):
    old, older = SectorFactory.create_batch(2, retired_on=timezone.localdate())
    nec.sectors.add(old)
    caller, path = api(director), f"organizations/{nec.pk}/"
    assert caller.patch(path, {"sectors": [old.pk]}, match="*").status_code == 200
    assert errors(caller.patch(path, {"sectors": [old.pk, older.pk]}, match="*")) == {"/sectors": "retired"}
    assert list(nec.sectors.all()) == [old]


def test_a_retired_entry_of_a_single_relation(api, director):
    old, older = SectorFactory(), SectorFactory(retired_on=timezone.localdate())
    lead = LeadFactory(sector=old)
    Sector.objects.filter(pk=old.pk).update(retired_on=timezone.localdate())
    caller, path = api(director), f"leads/{lead.pk}/"
    assert caller.patch(path, {"sector": old.pk, "title": "x"}, match="*").status_code == 200
    assert errors(caller.patch(path, {"sector": older.pk}, match="*")) == {"/sector": "retired"}


# Parts


def aliases(organization):
    return sorted(Alias.objects.filter(organization=organization).values_list("name", "kind"))


def test_parts_come_with_their_record(api, officer):
    body = {**NEW, "aliases": [{"name": "NEW"}, {"name": "旧会社", "kind": "former", "language": "ja"}]}
    response = api(officer).post("organizations/", body)
    assert response.status_code == 201
    assert [(a["name"], a["kind"]) for a in response.json()["aliases"]] == [("NEW", "short"), ("旧会社", "former")]
    assert response["ETag"] == f'"{Organization.objects.get().version}"'


def test_parts_are_changed_added_and_removed_as_the_list_says(api, officer, nec):
    kept, _gone = AliasFactory(organization=nec, name="Kept"), AliasFactory(organization=nec, name="Gone")
    nec.refresh_from_db()
    body = {"aliases": [{"id": kept.pk, "kind": "former"}, {"name": "New"}]}
    response = api(officer).patch(f"organizations/{nec.pk}/", body, match=f'"{nec.version}"')
    assert response.status_code == 200
    assert aliases(nec) == [("Kept", "former"), ("New", "short")]
    assert Alias.objects.get(name="Kept").pk == kept.pk
    nec.refresh_from_db()
    assert response.json()["version"] == nec.version
    assert "new" in nec.search_text


def test_parts_stay_when_their_list_is_not_given(api, officer, nec):
    AliasFactory(organization=nec, name="Kept")
    assert api(officer).patch(f"organizations/{nec.pk}/", {"city": "x"}, match="*").status_code == 200
    assert api(officer).put(f"organizations/{nec.pk}/", NEW, match="*").status_code == 200
    assert aliases(nec) == [("Kept", "short")]
    assert api(officer).patch(f"organizations/{nec.pk}/", {"aliases": []}, match="*").status_code == 200
    assert aliases(nec) == []


def test_a_part_that_stays_as_it_is_leaves_no_trace(api, director, monkeypatch):
    party = PartyFactory()
    party.signatories.add(PersonFactory())
    row = {"id": party.pk, "organization": party.organization_id, "role": "investor", "person": None}
    row["signatories"] = [person.pk for person in party.signatories.all()]
    monkeypatch.setattr(Part, "save", lambda *args, **kwargs: pytest.fail("stored"))
    assert api(director).patch(f"contracts/{party.contract_id}/", {"parties": [row]}, match="*").status_code == 200


def test_links_of_parts_are_stored(api, director):
    party, signatory = PartyFactory(), PersonFactory()
    rows = [
        {"id": party.pk, "signatories": [signatory.pk]},
        {"organization": OrganizationFactory().pk, "role": "partner"},
    ]
    response = api(director).patch(f"contracts/{party.contract_id}/", {"parties": rows}, match="*")
    assert [row["signatories"] for row in response.json()["parties"]] == [[signatory.pk], []]
    assert list(party.signatories.all()) == [signatory]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"name": "ok"}, {"kind": "short"}], {"/aliases/1/name": "required"}),
        ([{"name": "x", "kind": "wrong"}], {"/aliases/0/kind": "invalid_choice"}),
        ([{"name": "x", "colour": 1}], {"/aliases/0/colour": "unknown"}),
        ([{"name": "x", "organization": 1}], {"/aliases/0/organization": "read_only"}),
        ([{"name": "x\x00"}], {"/aliases/0/name": "null_characters_not_allowed"}),
        ([{"id": MISSING, "name": "x"}], {"/aliases/0/id": "does_not_exist"}),
        ([{"id": 2**63, "name": "x"}], {"/aliases/0/id": "max_value"}),
        ([{"id": "x", "name": "x"}], {"/aliases/0/id": "invalid"}),
        ([{"name": "same"}, {"name": "same"}], {"/aliases/1": "invalid"}),
        (["x"], {"/aliases/0": "invalid"}),
        ([None], {"/aliases/0": "null"}),
        ({}, {"/aliases": "not_a_list"}),
        ("x", {"/aliases": "not_a_list"}),
        (None, {"/aliases": "null"}),
        ([{"name": "x"}] * 1001, {"/aliases": "max_length"}),
    ],
)
def test_wrong_parts_are_named_by_row_and_nothing_is_stored(api, officer, rows, expected):
    response = api(officer).post("organizations/", {**NEW, "aliases": rows})
    assert (response.status_code, errors(response)) == (400, expected)
    assert not Organization.objects.exists()


def test_the_rules_of_parts_hold(api, director):
    contract = ContractFactory()
    rows = [{"organization": OrganizationFactory().pk}, {"role": "partner"}]
    response = api(director).patch(f"contracts/{contract.pk}/", {"title": "New", "parties": rows}, match="*")
    assert errors(response) == {"/parties/1/organization": "one_of"}
    contract.refresh_from_db()
    assert (contract.title == "New", contract.parties.count(), contract.version) == (False, 0, 1)


def test_a_new_part_needs_its_fields_on_patch_too(api, director, nec):
    response = api(director).patch(f"organizations/{nec.pk}/", {"aliases": [{"kind": "short"}]}, match="*")
    assert errors(response) == {"/aliases/0/name": "blank"}


def test_a_part_of_another_record_is_not_taken_over(api, officer, nec):
    foreign = AliasFactory()
    body = {"aliases": [{"id": foreign.pk, "name": "Stolen"}]}
    response = api(officer).patch(f"organizations/{nec.pk}/", body, match="*")
    assert errors(response) == {"/aliases/0/id": "does_not_exist"}
    foreign.refresh_from_db()
    assert foreign.name != "Stolen"


def test_a_part_is_named_once(api, officer, nec):
    alias = AliasFactory(organization=nec)
    body = {"aliases": [{"id": alias.pk, "name": "a"}, {"id": alias.pk, "name": "b"}]}
    response = api(officer).patch(f"organizations/{nec.pk}/", body, match="*")
    assert errors(response) == {"/aliases/1/id": "duplicate"}


def test_a_part_in_use_stays(api, officer, nec, monkeypatch):
    AliasFactory(organization=nec)

    def refuse(self):
        raise ProtectedError("in use", {self})

    monkeypatch.setattr(Alias, "delete", refuse)
    response = api(officer).patch(f"organizations/{nec.pk}/", {"aliases": []}, match="*")
    assert (response.status_code, response.json()["type"]) == (409, "urn:liaison:problem:in-use")


def test_relations_of_parts_reach_only_what_is_in_sight(api, officer):
    person = PersonFactory()
    body = {"affiliations": [{"organization": MISSING}]}
    response = api(officer).patch(f"people/{person.pk}/", body, match="*")
    assert errors(response) == {"/affiliations/0/organization": "does_not_exist"}


def test_values_of_parts_are_checked_by_their_kind(api, officer):
    point = ContactPointFactory(kind="phone", value="+81 3-1234-5678")
    body = {"contact_points": [{"id": point.pk, "kind": "email"}]}
    response = api(officer).patch(f"people/{point.person_id}/", body, match="*")
    assert list(errors(response)) == ["/contact_points/0/value"]


# Archive, restore, history, narrower resources, files


def test_archive_and_restore(api, officer, nec):
    caller, path = api(officer), f"organizations/{nec.pk}"
    response = caller.post(f"{path}/archive/", {"reason": "Registered twice"}, match='"1"')
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    assert response.json()["archive_reason"] == "Registered twice"
    assert response.json()["archived_at"] is not None
    assert caller.get("organizations/").json()["results"] == []
    assert caller.get(f"{path}/").status_code == 200
    response = caller.post(f"{path}/restore/", match='"2"')
    assert (response.status_code, response.json()["archived_at"], response.json()["version"]) == (200, None, 3)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/reason": "required"}),
        ({"reason": "  "}, {"/reason": "blank"}),
        ({"reason": "x" * 256}, {"/reason": "max_length"}),
        ({"reason": "x\x00"}, {"/reason": "null_characters_not_allowed"}),
        ({"reason": "x", "why": "y"}, {"/why": "unknown"}),
    ],
)
def test_archiving_needs_a_reason(api, officer, nec, body, expected):
    assert errors(api(officer).post(f"organizations/{nec.pk}/archive/", body, match="*")) == expected
    nec.refresh_from_db()
    assert not nec.is_archived


def test_archiving_and_restoring_twice(api, officer, nec):
    caller, path = api(officer), f"organizations/{nec.pk}"
    assert errors(caller.post(f"{path}/restore/", {}, match="*")) == {"": "not_archived"}
    assert errors(caller.post(f"{path}/restore/", {"x": 1}, match="*")) == {"/x": "unknown"}
    caller.post(f"{path}/archive/", {"reason": "x"}, match="*")
    assert errors(caller.post(f"{path}/archive/", {"reason": "x"}, match="*")) == {"": "archived"}


def test_history_tells_who_changed_what(api, officer, nec):
    caller = api(officer)
    body = {"city": "東京", "kind": "institute", "aliases": [{"name": "N"}]}
    caller.patch(f"organizations/{nec.pk}/", body, match="*")
    entries = caller.get(f"organizations/{nec.pk}/history/").json()["results"]
    assert [(e["action"], e["object"]) for e in entries] == [
        ("create", "Alias: N"),
        ("update", "Organization: NEC"),
        ("create", "Organization: NEC"),
    ]
    changed = entries[1]
    assert (changed["by"], changed["by_name"]) == (officer.pk, "officer")
    assert datetime.datetime.fromisoformat(changed["at"]) <= timezone.now()
    assert {(c["field"], c["label"], c["before"], c["after"]) for c in changed["changes"]} == {
        ("city", "City", "", "東京"),
        ("kind", "Kind", "Company", "Research institute"),
    }


def test_history_is_made_of_few_queries(api, officer, nec, django_assert_max_num_queries):
    caller = api(officer)
    for number in range(5):
        caller.patch(f"organizations/{nec.pk}/", {"city": f"{number}", "parent": OrganizationFactory().pk}, match="*")
    with django_assert_max_num_queries(12):
        assert len(caller.get(f"organizations/{nec.pk}/history/").json()["results"]) == 6


def test_a_narrower_resource_holds_only_its_own(api, director):
    event, delegation = EventFactory(), DelegationFactory()
    caller = api(director)
    assert [row["id"] for row in caller.get("delegations/").json()["results"]] == [delegation.pk]
    assert caller.get(f"delegations/{event.pk}/").status_code == 404
    assert caller.patch(f"delegations/{event.pk}/", {"name": "x"}, match="*").status_code == 404
    assert caller.get(f"events/{delegation.pk}/").status_code == 200


def test_a_record_stays_within_its_resource(api, director):
    event, delegation = EventFactory(), DelegationFactory()
    caller = api(director)
    response = caller.patch(f"delegations/{delegation.pk}/", {"kind": event.kind_id}, match="*")
    assert errors(response) == {"": "outside"}
    body = {"name": "x", "kind": event.kind_id, "starts_on": "2026-01-01", "ends_on": "2026-01-01", "time_zone": "UTC"}
    assert errors(caller.post("delegations/", body)) == {"": "outside"}
    assert caller.post("delegations/", {**body, "kind": delegation.kind_id}).status_code == 201
    delegation.refresh_from_db()
    assert delegation.kind_id != event.kind_id


def test_what_somebody_adds_must_be_in_their_reach(api, officer, nec, monkeypatch):
    rule = access.Rule(lambda user, queryset, action: queryset.none(), restricted=False)
    monkeypatch.setitem(access._rules, Organization, rule)
    assert errors(api(officer).post("organizations/", NEW)) == {"": "reach"}
    assert Organization.objects.count() == 1


def test_who_hands_a_record_over_still_gets_the_answer(api, officer, tokyo_station, osaka_station):
    lead = LeadFactory(owner=officer, station=osaka_station)
    other = UserFactory(role="Officer")
    response = api(officer).patch(f"leads/{lead.pk}/", {"owner": other.pk}, match="*")
    assert (response.status_code, response.json()["owner"]) == (200, other.pk)
    assert api(officer).get(f"leads/{lead.pk}/").status_code == 404


def test_a_file_is_sent_as_a_form(api, director):
    contract = ContractFactory(number="7")
    document = SimpleUploadedFile("contract.pdf", b"%PDF-1.4 test", content_type="application/pdf")
    form = encode_multipart(BOUNDARY, {"file": document, "notes": "signed"})
    path = f"contracts/{contract.pk}/"
    response = api(director).patch(path, raw=form, content_type=MULTIPART_CONTENT, match="*")
    assert response.status_code == 200, response.content
    stored = Contract.objects.get()
    assert (stored.notes, stored.number, stored.parties.count()) == ("signed", "7", 0)
    assert response.json()["file"] == f"/files/{stored.file.name}"


def test_a_form_keeps_the_parts_and_links_it_does_not_name(api, director):
    party = PartyFactory()
    project = ProjectFactory()
    project.collaborators.add(director)
    caller = api(director)
    form = encode_multipart(BOUNDARY, {"notes": "x"})
    for path in (f"contracts/{party.contract_id}/", f"projects/{project.pk}/"):
        assert caller.patch(path, raw=form, content_type=MULTIPART_CONTENT, match="*").status_code == 200
    assert party.contract.parties.count() == 1
    assert list(Project.objects.get().collaborators.all()) == [director]
