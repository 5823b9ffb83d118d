"""Pages by position: complete, stable, and no dearer at the end than at the beginning."""

import base64
import datetime
import itertools
import json

import pytest
from django.utils import timezone

from core.api.pagination import SIGNER
from crm.models import Lead, Person
from tests.core.api.calling import errors, message
from tests.factories import (
    AffiliationFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    StationFactory,
    UserFactory,
)


@pytest.fixture
def leads(db):
    """Eleven leads, some created at the same moment, some without a next step."""
    shared = {"owner": UserFactory(), "station": StationFactory(), "organization": OrganizationFactory()}
    noon = timezone.now().replace(microsecond=123456)
    for number in range(11):
        LeadFactory(
            title=f"Lead {number % 4}",
            created_at=noon - datetime.timedelta(hours=number // 3),
            next_step_on=None if number % 3 else datetime.date(2026, 1, 1 + number % 2),
            **shared,
        )
    return Lead.objects.all()


def walk(caller, address, link="next"):
    """All pages from an address on, each as the list of its ids."""
    pages = []
    while address:
        body = caller.get(address).json()
        pages.append([row["id"] for row in body["results"]])
        address = body[link]
    return pages


def ids(caller, path):
    return [row["id"] for row in caller.get(path).json()["results"]]


ORDERS = [
    "",
    "title",
    "-title",
    "next_step_on",
    "-next_step_on",
    "-next_step_on,title",
    "interest_amount",
    "-created_at",
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 11])
def test_the_pages_together_are_the_list(api, director, leads, order, size):
    caller = api(director)
    everything = ids(caller, f"leads/?ordering={order}&page_size=1000")
    pages = walk(caller, f"leads/?ordering={order}&page_size={size}")
    assert [len(page) for page in pages] == [size] * (11 // size) + [11 % size] * bool(11 % size)
    assert list(itertools.chain(*pages)) == everything
    assert sorted(everything) == sorted(lead.pk for lead in leads)


@pytest.mark.parametrize("order", ORDERS)
def test_previous_leads_back_over_the_same_pages(api, director, leads, order):
    caller = api(director)
    there = walk(caller, f"leads/?ordering={order}&page_size=4")
    address = f"leads/?ordering={order}&page_size=4"
    for _page in there[1:]:
        address = caller.get(address).json()["next"]
    # Backwards the pages are cut from the end: 11 = 3 + 4 + 4 becomes 3, then two full ones.
    assert walk(caller, address, "previous") == there[::-1]


def test_after_going_back_next_leads_on(api, director, leads):
    caller = api(director)
    first = caller.get("leads/?page_size=4").json()
    second = caller.get(first["next"]).json()
    back = caller.get(second["previous"]).json()
    assert back["results"] == first["results"]
    assert back["previous"] is None
    assert caller.get(back["next"]).json()["results"] == second["results"]


def test_a_single_page_has_no_neighbours(api, director, leads):
    body = api(director).get("leads/?page_size=11").json()
    assert (body["next"], body["previous"], len(body["results"])) == (None, None, 11)


def test_an_empty_list(api, director):
    assert api(director).get("leads/").json() == {"next": None, "previous": None, "results": []}


def test_links_are_absolute_and_keep_the_question(api, director, leads):
    link = api(director).get("leads/?page_size=2&ordering=title&fields=id,title&archived=all").json()["next"]
    assert link.startswith("http://testserver/api/v1/leads/?")
    for kept in ("page_size=2", "ordering=title", "archived=all"):
        assert kept in link


def test_records_that_come_in_between_do_not_shift_pages(api, director, leads):
    caller = api(director)
    first = caller.get("leads/?page_size=4").json()
    LeadFactory(station=leads[0].station, owner=director, organization=leads[0].organization)
    rest = list(itertools.chain(*walk(caller, first["next"])))
    assert len(rest) == 7
    assert not set(rest) & {row["id"] for row in first["results"]}


def test_a_page_that_became_empty_leads_back(api, director, leads):
    caller = api(director)
    first = caller.get("leads/?page_size=10").json()
    gone = [lead for lead in leads if lead.pk not in {row["id"] for row in first["results"]}]
    for lead in gone:
        lead.archive("duplicate")
    body = caller.get(first["next"]).json()
    assert (body["results"], body["next"]) == ([], None)
    assert len(caller.get(body["previous"]).json()["results"]) == 9  # before the last record of the first page


def test_a_page_takes_one_query_and_never_counts(api, director, leads, django_assert_num_queries):
    caller = api(director)
    link = caller.get("leads/?page_size=2&fields=id,title").json()["next"]
    with django_assert_num_queries(3) as captured:  # the token, the rights, the page
        caller.get(link)
    assert not any("COUNT(" in query["sql"] for query in captured.captured_queries)


def test_one_record_more_than_asked_for_is_read(api, director, leads, django_assert_num_queries):
    caller = api(director)
    with django_assert_num_queries(5) as captured:  # the token, a lock of the address, its use, the rights, the page
        caller.get("leads/?page_size=7&fields=id")
    assert "LIMIT 8)" in captured.captured_queries[-1]["sql"]


def test_filters_over_several_rows_repeat_no_record(api, director):
    organization, person = OrganizationFactory(), PersonFactory()
    AffiliationFactory.create_batch(3, person=person, organization=organization)
    others = PersonFactory.create_batch(3)
    for other in others:
        AffiliationFactory(person=other, organization=organization)
    caller = api(director)
    pages = walk(caller, f"people/?organization={organization.pk}&page_size=2&ordering=created_at")
    assert pages == [[person.pk, others[0].pk], [others[1].pk, others[2].pk]]
    assert Person.objects.count() == 4


@pytest.mark.parametrize("size", ["0", "-1", "1001", "x", "1.5", "", "9" * 30, "１"])
def test_a_page_size_out_of_bounds_is_refused(api, director, size):
    response = api(director).get(f"leads/?page_size={size}")
    assert (response.status_code, errors(response)) == (400, {"/page_size": "invalid"})
    assert message(response, "/page_size") == "Give a whole number from 1 to 1000."


def changed(cursor, change):
    payload, _dot, _signature = cursor.rpartition(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return base64.urlsafe_b64encode(json.dumps(change(content)).encode()).decode().rstrip("=")


def cursor_of(link):
    return link.partition("cursor=")[2].partition("&")[0]


@pytest.mark.parametrize("cursor", ["x", "e30", "e30.x", "%00", "null", "W10.W10", "." * 50, "%F0%9F%8D%A3"])
def test_what_is_no_cursor_is_refused(api, director, cursor):
    response = api(director).get(f"leads/?cursor={cursor}")
    assert (response.status_code, errors(response)) == (400, {"/cursor": "cursor"})


def test_a_tampered_cursor_is_refused(api, director, leads):
    caller = api(director)
    cursor = cursor_of(caller.get("leads/?page_size=2").json()["next"])
    forged = changed(cursor, lambda content: [content[0], ["2000-01-01", "1"], content[2]])
    signature = cursor.rpartition(".")[2]
    assert errors(caller.get(f"leads/?cursor={forged}.{signature}")) == {"/cursor": "cursor"}


@pytest.mark.parametrize(
    "content", [None, [], {}, ["-created_at,-id", ["no date", "1"], False], ["-created_at,-id", [], 0]]
)
def test_a_cursor_of_an_older_release_is_refused_not_an_error(api, director, content):
    response = api(director).get(f"leads/?cursor={SIGNER.sign_object(content)}")
    assert (response.status_code, errors(response)) == (400, {"/cursor": "cursor"})


def test_a_cursor_of_another_ordering_is_refused(api, director, leads):
    caller = api(director)
    cursor = cursor_of(caller.get("leads/?page_size=2&ordering=title").json()["next"])
    assert errors(caller.get(f"leads/?cursor={cursor}")) == {"/cursor": "ordering"}
    assert errors(caller.get(f"leads/?cursor={cursor}&ordering=-title")) == {"/cursor": "ordering"}
    assert caller.get(f"leads/?cursor={cursor}&ordering=title").status_code == 200
