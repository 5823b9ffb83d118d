"""Idempotency-Key: one effect however often a POST comes, and the first answer again."""

import datetime
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from core.api.idempotency import _lock, key_of
from core.idempotency import KeptAnswer
from core.tasks import clear_expired
from core.tokens import ApiToken
from crm.models import Lead, LeadStageChange, Organization, StationMembership
from projects.models import Contract, Project
from tests.core.api.calling import Caller
from tests.factories import LeadFactory, OrganizationFactory, ProjectFactory, StationFactory, UserFactory

pytestmark = pytest.mark.django_db
BODY = {"name": "日本電気", "country": "JP"}


def keyed(key, **headers):
    return {"headers": {"Idempotency-Key": key, **headers}}


@pytest.fixture
def caller(api, officer):
    return api(officer)


@pytest.fixture
def lead(officer, tokyo_station):
    return LeadFactory(station=tokyo_station, owner=officer)


def move(caller, lead, key, to="contacted", **fields):
    return caller.post(f"leads/{lead.pk}/stage/", {"to": to, **fields}, match='"1"', **keyed(key))


def problem(response):
    return response.status_code, response.json()["type"].rpartition(":")[2]


# -- the first answer again -------------------------------------------------------------------------------------------


def test_a_repeated_request_adds_nothing_and_is_answered_as_the_first(caller):
    first = caller.post("organizations/", BODY, **keyed("a"))
    entries = LogEntry.objects.count()
    again = caller.post("organizations/", BODY, **keyed("a"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert {name: again[name] for name in ("ETag", "Location", "Content-Type", "Content-Language")} == {
        name: first[name] for name in ("ETag", "Location", "Content-Type", "Content-Language")
    }
    assert Organization.objects.count() == 1
    assert LogEntry.objects.count() == entries


def test_only_the_repeated_answer_says_that_it_is_one(caller):
    first, again = (caller.post("organizations/", BODY, **keyed("a")) for _time in range(2))
    assert [response.get("Idempotent-Replayed") for response in (first, again)] == [None, "true"]


def test_the_answer_stays_the_first_when_the_record_goes_on(caller):
    first = caller.post("organizations/", BODY, **keyed("a"))
    organization = Organization.objects.get()
    organization.name_en = "NEC"
    organization.save()
    again = caller.post("organizations/", BODY, **keyed("a"))
    assert (again.json()["name_en"], again["ETag"]) == ("", first["ETag"])


def test_a_repeated_move_is_one_move(caller, lead):
    """The If-Match of the repetition is stale by its own effect, and is no part of what was asked."""
    answers = [move(caller, lead, "a") for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer["ETag"] for answer in answers} == {'"2"'}
    assert LeadStageChange.objects.filter(record=lead).count() == 2


@pytest.mark.parametrize("action", ["archive", "restore"])
def test_archiving_and_restoring_are_repeatable(caller, lead, action):
    if action == "restore":
        lead.archive("registered twice")
    body = {"reason": "registered twice"} if action == "archive" else {}
    answers = [caller.post(f"leads/{lead.pk}/{action}/", body, match="*", **keyed("a")) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


def test_a_repeated_conversion_opens_one_project(caller, lead):
    for to in ("contacted", "qualified"):
        caller.post(f"leads/{lead.pk}/stage/", {"to": to}, match="*")
    answers = [caller.post("projects/convert/", {"lead": lead.pk}, **keyed("a")) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Project.objects.count() == 1


def test_a_repeated_upload_is_recognised_whatever_its_boundary(api, director):
    caller = api(director)
    project = ProjectFactory()
    for _time in range(2):
        file = SimpleUploadedFile("lease.pdf", b"%PDF-1.7 lease")
        data = {"title": "Lease", "station": project.station_id, "project": project.pk, "file": file}
        response = caller.client.post(
            "/api/v1/contracts/",
            data,
            headers={"Authorization": f"Bearer {caller.secret}", "Idempotency-Key": "a"},
        )
        assert response.status_code == 201, response.content
    assert Contract.objects.count() == 1


def test_without_a_key_each_request_counts(caller):
    for _time in range(2):
        caller.post("organizations/", BODY)
    assert Organization.objects.count() == 2


@pytest.mark.parametrize("method", ["put", "patch"])
def test_put_and_patch_need_no_key_and_heed_none(caller, method):
    organization = OrganizationFactory()
    for version in (1, 2):
        answer = getattr(caller, method)(f"organizations/{organization.pk}/", BODY, match=f'"{version}"', **keyed("a"))
        assert (answer.status_code, answer["ETag"]) == (200, f'"{version + 1}"')
    assert not KeptAnswer.objects.exists()


# -- another request --------------------------------------------------------------------------------------------------


def test_the_same_key_with_another_body_is_refused(caller):
    caller.post("organizations/", BODY, **keyed("a"))
    other = caller.post("organizations/", {**BODY, "name": "富士通"}, **keyed("a"))
    assert problem(other) == (422, "idempotency-key-reused")
    assert Organization.objects.count() == 1


def test_the_same_key_at_another_address_is_refused(caller, lead):
    second = LeadFactory(station=lead.station, owner=lead.owner)
    move(caller, lead, "a")
    assert problem(move(caller, second, "a")) == (422, "idempotency-key-reused")
    second.refresh_from_db()
    assert second.stage == "new"


def test_the_order_of_the_keys_in_a_body_is_no_difference(caller):
    texts = ['{"name": "日本電気", "country": "JP"}', '{"country":"JP","name":"日本電気"}']
    answers = [caller.post("organizations/", raw=text, **keyed("a")) for text in texts]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Organization.objects.count() == 1


def test_a_key_belongs_to_its_user(api, officer, director):
    for user in (officer, director):
        assert api(user).post("organizations/", BODY, **keyed("a")).status_code == 201
    assert Organization.objects.count() == 2


def test_a_session_and_the_tokens_of_a_user_share_their_keys(api, officer, logged_in):
    api(officer).post("organizations/", BODY, **keyed("a"))
    again = Caller(client=logged_in(officer)).post("organizations/", BODY, **keyed("a"))
    assert again["Idempotent-Replayed"] == "true"


# -- what is not kept -------------------------------------------------------------------------------------------------


def test_a_request_that_was_refused_may_be_corrected_under_its_key(caller):
    assert caller.post("organizations/", {"name": ""}, **keyed("a")).status_code == 400
    assert caller.post("organizations/", BODY, **keyed("a")).status_code == 201


def test_a_conflict_may_be_resolved_under_its_key(caller, lead):
    lead.save()
    assert move(caller, lead, "a").status_code == 412
    answer = caller.post(f"leads/{lead.pk}/stage/", {"to": "contacted"}, match='"2"', **keyed("a"))
    assert (answer.status_code, answer.get("Idempotent-Replayed")) == (200, None)


@pytest.mark.filterwarnings("ignore")
def test_a_failure_of_the_server_is_not_kept(caller, lead, monkeypatch):
    caller.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(LeadStageChange, "save", lambda self: 1 / 0)
        assert move(caller, lead, "a").status_code == 500
    assert not KeptAnswer.objects.exists()
    assert move(caller, lead, "a").status_code == 200


def test_effect_and_answer_are_stored_together_or_not_at_all(caller, monkeypatch):
    caller.client.raise_request_exception = False
    monkeypatch.setattr(KeptAnswer, "save", lambda self: 1 / 0)
    assert caller.post("organizations/", BODY, **keyed("a")).status_code == 500
    assert not Organization.objects.exists()


# -- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["", " ", '""', "x" * 256, "a\x00b", "a\x7fb", "a\nb", "ключ", "キー".encode().decode("latin-1")]
)
def test_what_cannot_be_a_key_is_refused(caller, key):
    answer = caller.post("organizations/", BODY, **keyed(key))
    assert problem(answer) == (400, "malformed")
    assert "1 to 255" in answer.json()["detail"]
    assert not Organization.objects.exists()


@pytest.mark.parametrize("key", ["x", "x" * 255, "8e03978e-40d5-43e8-bc93-6894a57f9324", "a b", '"quoted"', "'", '"'])
def test_what_can_be_a_key(caller, key):
    answers = [caller.post("organizations/", BODY, **keyed(key)) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Organization.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "key"), [('"a"', "a"), ("a", "a"), (r'"a\"b\\"', 'a"b\\'), ('"a', '"a'), (" a ", "a")]
)
def test_a_quoted_key_is_the_text_within(rf, sent, key):
    assert key_of(rf.post("/", HTTP_IDEMPOTENCY_KEY=sent)) == key


@pytest.mark.parametrize("path", ["", "schema/", "leads/1/", "sectors/"])
def test_a_key_where_there_is_no_post_changes_nothing(caller, path):
    assert caller.post(path, {}, **keyed("a")).status_code == 405


def test_a_wrong_key_tells_nothing_to_those_without_rights(api, nobody):
    assert api(nobody).post("organizations/", BODY, **keyed("")).status_code == 403
    assert Caller().post("organizations/", BODY, **keyed("")).status_code == 401


# -- how long ---------------------------------------------------------------------------------------------------------


def age(**duration):
    KeptAnswer.objects.update(created_at=timezone.now() - datetime.timedelta(**duration))


def test_a_key_counts_for_a_day(caller, settings):
    assert settings.IDEMPOTENCY_HOURS == 24
    caller.post("organizations/", BODY, **keyed("a"))
    age(hours=23, minutes=59)
    caller.post("organizations/", BODY, **keyed("a"))
    assert Organization.objects.count() == 1
    age(hours=24, minutes=1)
    caller.post("organizations/", BODY, **keyed("a"))
    assert Organization.objects.count() == 2
    assert KeptAnswer.objects.count() == 1


def test_expired_answers_are_cleared(caller):
    for key in ("old", "new"):
        caller.post("organizations/", BODY, **keyed(key))
        if key == "old":
            age(hours=25)
    clear_expired.func()
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


# -- rights -----------------------------------------------------------------------------------------------------------


def test_an_answer_is_not_repeated_to_who_lost_sight_of_the_record(caller, lead, officer):
    assert move(caller, lead, "a").status_code == 200
    StationMembership.objects.filter(user=officer).delete()
    Lead.objects.filter(pk=lead.pk).update(owner=UserFactory())
    assert move(caller, lead, "a").status_code == 404


def test_an_answer_is_not_repeated_to_who_lost_the_right(caller, lead, officer):
    assert move(caller, lead, "a").status_code == 200
    officer.groups.clear()
    assert move(caller, lead, "a").status_code == 403


def test_an_answer_is_not_repeated_to_a_revoked_token(caller, lead):
    assert move(caller, lead, "a").status_code == 200
    ApiToken.objects.update(revoked_at=timezone.now())
    assert move(caller, lead, "a").status_code == 401


def test_a_repeated_answer_leaves_out_links_that_went_out_of_sight(api, officer, lead):
    """The project is the officer's own; the lead it came from went to another station since."""
    own = {"name": "Plant", "station": lead.station_id, "owner": officer.pk, "lead": lead.pk}
    first = api(officer).post("projects/", own, **keyed("a"))
    assert (first.status_code, first.json()["lead"]) == (201, lead.pk)
    Lead.objects.filter(pk=lead.pk).update(station=StationFactory(), owner=UserFactory())
    again = api(officer).post("projects/", own, **keyed("a")).json()
    assert (again["lead"], again["lead_display"]) == (None, "")
    assert again == {**first.json(), "lead": None, "lead_display": ""}


# -- at the same time -------------------------------------------------------------------------------------------------


@pytest.fixture
def eight(request):
    """Eight callers of one superuser, each with a connection of its own; needs rows that are committed."""
    if connection.vendor != "postgresql":
        pytest.skip("the test database of SQLite is in memory and has one connection; tests/e2e has the real server")
    user = UserFactory(is_superuser=True)
    return [Caller(ApiToken.issue(user, "test", scope="write")[1]) for _number in range(8)]


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_has_an_effect(eight):
    def post(caller):
        try:
            return caller.post("organizations/", BODY, **keyed("a"))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(post, eight))
    assert Organization.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.status_code == 201 and "Idempotent-Replayed" not in answer for answer in answers) == 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_at_work_the_others_are_told_to_wait(eight):
    user = ApiToken.objects.first().user

    def post(_none):
        try:
            return eight[0].post("organizations/", BODY, **keyed("a"))
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as callers:
        _lock(user, "a")
        answer = next(callers.map(post, [None]))
    assert problem(answer) == (409, "still-running")
    assert int(answer["Retry-After"]) > 0
    assert post(None).status_code == 201


def test_the_document_tells_of_it(api, director):
    document = json.loads(api(director).get("schema/").content)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            assert ("Idempotency-Key" in names) is (method == "post"), path
            assert method != "post" or {"400", "409", "422"} <= set(operation["responses"]), path
