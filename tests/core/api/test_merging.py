"""Merging through the API: two records become one, and the address of the other leads on."""

import pytest

from core.merges import Merge
from core.tokens import ApiToken
from tests.core.api.calling import Caller, errors, message
from tests.factories import LeadFactory, OrganizationFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(director):
    return Caller(ApiToken.issue(director, "merging", scope="write")[1])


@pytest.fixture
def two():
    return OrganizationFactory(name="日本電気", city=""), OrganizationFactory(name="NEC", city="Tokyo")


def merge(api, kept, to_merge, *, match=None, version=1, **body):
    body = {"other": to_merge.pk, "version": version, **body}
    return api.post(f"organizations/{kept.pk}/merge/", body, match=match or '"1"')


def test_the_answer_is_the_record_that_stays_with_its_new_version(api, two):
    kept, other = two
    answer = merge(api, kept, other)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["id"], answer.json()["city"], answer["ETag"]) == (kept.pk, "Tokyo", '"2"')
    assert [alias["name"] for alias in answer.json()["aliases"]] == ["NEC"]


def test_winners_are_chosen_by_field(api, two):
    answer = merge(api, *two, winners={"name": "other", "city": "kept"})
    assert (answer.json()["name"], answer.json()["city"]) == ("NEC", "")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"winners": {"name": "both"}}, "/winners/name"),
        ({"winners": {"shoe_size": "other"}}, "/winners"),
        ({"other": 999_999_999}, "/other"),
        ({"version": None}, "/version"),
        ({"mode": "fast"}, "/mode"),
    ],
)
def test_a_wrong_body_is_refused_at_its_place(api, two, body, pointer):
    answer = merge(api, *two, **body)
    assert answer.status_code == 400
    assert pointer in errors(answer)
    assert Merge.objects.count() == 0


def test_a_record_is_not_merged_into_itself(api, two):
    assert errors(merge(api, two[0], two[0])) == {"/other": "itself"}


def test_both_versions_are_asked_for(api, two):
    assert merge(api, *two, match='"7"').status_code == 412
    assert merge(api, *two, version=7).status_code == 412
    without = api.post(f"organizations/{two[0].pk}/merge/", {"other": two[1].pk, "version": 1})
    assert without.status_code == 428


def test_two_companies_by_their_numbers_are_refused_with_what_to_do(api):
    kept = OrganizationFactory(corporate_number="7010401022916")
    other = OrganizationFactory(corporate_number="5010401018628")
    answer = merge(api, kept, other)
    assert errors(answer) == {"": "different"}
    assert "correct it first" in message(answer, "")


def test_a_merged_record_answers_301_with_the_address_of_the_one_that_stays(api, two):
    kept, other = two
    merge(api, kept, other)
    for path in (f"organizations/{other.pk}/", f"organizations/{other.pk}/history/", f"organizations/{other.pk}"):
        answer = api.get(path)
        assert answer.status_code == 301
        assert answer.json() == {"id": other.pk, "merged_into": kept.pk}
        assert answer["Location"] == f"http://testserver/api/v1/{path.replace(str(other.pk), str(kept.pk))}"
        assert "no-cache" in answer["Cache-Control"]  # it may be undone


def test_writing_a_merged_record_tells_which_to_use(api, two):
    kept, other = two
    merge(api, kept, other)
    answer = api.patch(f"organizations/{other.pk}/", {"city": "Kobe"}, match="*")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:liaison:problem:merged")
    assert answer.json()["merged_into"] == kept.pk


def test_a_merged_record_is_in_no_list_and_cannot_be_assigned(api, two, tokyo_station, director):
    kept, other = two
    merge(api, kept, other)
    for query in ("", "?archived=all", "?archived=true", "?search=NEC"):
        assert other.pk not in [row["id"] for row in api.get(f"organizations/{query}").json()["results"]]
    body = {"title": "x", "organization": other.pk, "station": tokyo_station.pk, "owner": director.pk}
    assert errors(api.post("leads/", body)) == {"/organization": "does_not_exist"}


def test_a_filter_by_a_merged_record_means_the_one_that_stays(api, two):
    kept, other = two
    lead = LeadFactory(organization=other)
    merge(api, kept, other)
    for pk in (kept.pk, other.pk):
        assert [row["id"] for row in api.get(f"leads/?organization={pk}").json()["results"]] == [lead.pk]


def test_a_merge_that_is_heard_twice_happens_once(api, two):
    kept, other = two
    body, headers = {"other": other.pk, "version": 1}, {"Idempotency-Key": "merge-1"}
    first, again = (
        api.post(f"organizations/{kept.pk}/merge/", body, match='"1"', headers=headers) for _time in range(2)
    )
    assert (first.status_code, again.content, again["Idempotent-Replayed"]) == (200, first.content, "true")
    assert Merge.objects.count() == 1


def test_unmerging_brings_the_other_back(api, two):
    kept, other = two
    merge(api, kept, other)
    answer = api.post(f"organizations/{kept.pk}/unmerge/", {"other": other.pk}, match='"2"')
    assert (answer.status_code, answer["ETag"], answer.json()["city"]) == (200, '"3"', "")
    assert api.get(f"organizations/{other.pk}/").json()["city"] == "Tokyo"
    again = api.post(f"organizations/{kept.pk}/unmerge/", {"other": other.pk}, match='"3"')
    assert errors(again) == {"/other": "not_merged"}


def test_what_stands_in_the_way_of_unmerging_is_named(api, two):
    kept, other = two
    merge(api, kept, other)
    api.patch(f"organizations/{kept.pk}/", {"city": "Kobe"}, match='"2"')
    answer = api.post(f"organizations/{kept.pk}/unmerge/", {"other": other.pk}, match='"3"')
    assert errors(answer) == {"": "edited"}
    assert "“city”" in message(answer, "")
    assert api.get(f"organizations/{other.pk}/").status_code == 301


def test_the_merges_of_a_record_are_listed(api, two, director):
    kept, other = two
    merge(api, kept, other)
    (row,) = api.get(f"organizations/{kept.pk}/merges/").json()["results"]
    assert (row["other"], row["other_display"], row["by"], row["undone_at"]) == (other.pk, "NEC", director.pk, None)
    api.post(f"organizations/{kept.pk}/unmerge/", {"other": other.pk}, match="*")
    (row,) = api.get(f"organizations/{kept.pk}/merges/").json()["results"]
    assert row["undone_by"] == director.pk


def test_people_are_merged_likewise(api):
    kept, other = (
        PersonFactory(family_name="棚崎", notes=""),
        PersonFactory(family_name="Tanazaki", notes="met in 2019"),
    )
    answer = api.post(f"people/{kept.pk}/merge/", {"other": other.pk, "version": 1}, match='"1"')
    assert answer.json()["notes"] == "met in 2019"
    assert [row["id"] for row in api.get("people/?search=Tanazaki").json()["results"]] == [kept.pk]
    assert api.get(f"people/{other.pk}/").status_code == 301


def test_whoever_may_change_but_not_archive_does_not_merge(two):
    secret = ApiToken.issue(UserFactory(role="Event manager"), "merging", scope="write")[1]
    assert merge(Caller(secret), *two).status_code == 403


def test_of_a_kind_that_nobody_may_see_no_address_leads_on(two, api):
    kept, other = two
    merge(api, kept, other)
    secret = ApiToken.issue(UserFactory(), "nothing", scope="write")[1]
    assert Caller(secret).get(f"organizations/{other.pk}/").status_code == 403
