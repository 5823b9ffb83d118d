"""`POST …/bulk/change/`, `…/bulk/archive/`, `…/bulk/restore/`."""

import pytest
from auditlog.models import LogEntry

from config.api import router
from core.api.views import RecordViewSet
from core.bulk import MOST
from core.tokens import ApiToken
from crm.models import Lead
from tests.core.api.calling import Caller, errors
from tests.factories import BY_RESOURCE, LeadFactory, StationFactory, UserFactory

WRITTEN = [slug for slug, viewset, _name in router.registry if issubclass(viewset, RecordViewSet)]


def caller_of(user, scope="write"):
    return Caller(ApiToken.issue(user, "bulk", scope=scope)[1])


def named(*records):
    return [{"id": record.pk, "version": record.version} for record in records]


@pytest.fixture
def leads(officer, tokyo_station):
    return [LeadFactory(station=tokyo_station, owner=officer) for _n in range(3)]


@pytest.fixture
def caller(officer):
    return caller_of(officer)


def test_changes_all(caller, leads, tokyo_station):
    colleague = UserFactory(role="Officer", station=tokyo_station)
    body = {"records": named(*leads), "changes": {"owner": colleague.pk, "next_step": "Call"}}
    response = caller.post("leads/bulk/change/", body)
    assert response.status_code == 200, response.content
    assert response.json()["results"] == [{"id": lead.pk, "version": 2} for lead in leads]
    assert set(Lead.objects.values_list("owner", "next_step")) == {(colleague.pk, "Call")}


def test_each_change_is_in_the_history_under_one_request(caller, leads):
    body = {"records": named(*leads), "changes": {"next_step": "Call"}}
    request = caller.post("leads/bulk/change/", body)["X-Request-ID"]
    entries = LogEntry.objects.filter(cid=request)
    assert {entry.object_id for entry in entries} == {lead.pk for lead in leads}
    assert {tuple(entry.changes_dict) for entry in entries} == {("next_step",)}


def test_a_wrong_value_changes_none(caller, leads):
    body = {"records": named(*leads), "changes": {"likelihood": 101}}
    response = caller.post("leads/bulk/change/", body)
    assert response.status_code == 400
    assert set(errors(response)) == {f"/records/{n}/likelihood" for n in range(3)}
    assert set(Lead.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize("field", ["version", "created_by", "stage", "archived_at", "id", "nonsense"])
def test_what_nobody_sets_is_refused(caller, leads, field):
    response = caller.post("leads/bulk/change/", {"records": named(leads[0]), "changes": {field: 1}})
    assert response.status_code == 400
    assert set(errors(response)) == {f"/records/0/{field}"}


def test_parts_are_refused(caller, director):
    record = BY_RESOURCE["organizations"]()
    body = {"records": named(record), "changes": {"aliases": []}}
    assert errors(caller.post("organizations/bulk/change/", body)) == {"/changes/aliases": "parts"}


def test_a_foreign_relation_is_answered_like_none(caller, leads):
    station = StationFactory()

    def answer(changes):
        response = caller.post("interactions/bulk/change/", {"records": named(talk), "changes": changes})
        return response.status_code, errors(response)

    talk = BY_RESOURCE["interactions"](station=leads[0].station)
    foreign = LeadFactory(station=station)
    assert answer({"lead": foreign.pk}) == answer({"lead": 999_999}) == (400, {"/records/0/lead": "does_not_exist"})


def test_a_stale_version_is_412_and_says_which(caller, leads):
    stale = {"id": leads[1].pk, "version": 7}
    response = caller.post("leads/bulk/archive/", {"records": [*named(leads[0]), stale], "reason": "Done"})
    assert response.status_code == 412
    assert errors(response) == {"/records/1": "stale"}
    assert not Lead.objects.archived().exists()


def test_archive_and_restore(caller, leads):
    assert caller.post("leads/bulk/archive/", {"records": named(*leads), "reason": "Fair is over"}).status_code == 200
    assert set(Lead.objects.values_list("archive_reason", flat=True)) == {"Fair is over"}
    archived = named(*Lead.objects.all())
    assert caller.post("leads/bulk/restore/", {"records": archived}).status_code == 200
    assert Lead.objects.active().count() == 3


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/records"),
        ({"records": []}, "/records"),
        ({"records": [{"id": 1}]}, "/records/0/version"),
        ({"records": [{"id": "x", "version": 1}]}, "/records/0/id"),
        ({"records": [{"id": 1, "version": 1}] * (MOST + 1)}, "/records"),
        ({"records": 7}, "/records"),
        ({"records": [{"id": 1, "version": 1}], "force": True}, "/force"),
    ],
)
def test_a_body_that_cannot_be_followed(caller, body, pointer):
    response = caller.post("leads/bulk/restore/", body)
    assert response.status_code == 400
    assert pointer in errors(response)


@pytest.mark.parametrize("name", ["change", "archive", "restore"])
def test_needs_the_right_and_a_token_that_writes(auditor, officer, leads, name):
    body = {"records": named(leads[0]), "changes": {"next_step": "x"}, "reason": "x"}
    assert caller_of(auditor).post(f"leads/bulk/{name}/", body).status_code == 403
    assert caller_of(officer, "read").post(f"leads/bulk/{name}/", body).status_code == 403
    assert Lead.objects.filter(version=1).count() == 3


@pytest.mark.parametrize("slug", WRITTEN)
def test_every_resource_can_be_archived_in_bulk(director, slug):
    record = BY_RESOURCE[slug]()
    response = caller_of(director).post(f"{slug}/bulk/archive/", {"records": named(record), "reason": "Old"})
    assert response.status_code == 200, response.content
    record.refresh_from_db()
    assert record.is_archived


def test_a_repeated_request_changes_once_and_shows_what_is_still_in_reach(officer, leads, tokyo_station):
    caller = caller_of(officer)
    body = {"records": named(*leads), "changes": {"next_step": "Call"}}
    first = caller.post("leads/bulk/change/", body, headers={"Idempotency-Key": "a"})
    again = caller.post("leads/bulk/change/", body, headers={"Idempotency-Key": "a"})
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert set(Lead.objects.values_list("version", flat=True)) == {2}
    tokyo_station.memberships.all().delete()
    Lead.objects.update(owner=UserFactory())
    kept = caller.post("leads/bulk/change/", body, headers={"Idempotency-Key": "a"})
    assert kept.json() == {"results": []}
