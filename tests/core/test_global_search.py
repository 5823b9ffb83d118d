"""One search over every kind of record, in the reader's reach, best first."""

import pytest

from core import global_search
from core.global_search import LONGEST_QUERY, PER_KIND, find, searchable
from core.search_index import FoundLately
from crm.models import Lead, Organization
from tests.factories import InteractionFactory, LeadFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db


def found(user, text, limit=PER_KIND):
    return {group.resource.slug: group.records for group in find(user, text, limit)}


def test_kind_by_kind_as_the_work_goes(director):
    company = OrganizationFactory(name="Toto Valves")
    person = PersonFactory(family_latin="Toto", given_latin="Ken")
    lead = LeadFactory(title="Plant", organization=company)
    groups = found(director, "toto")
    assert list(groups)[:2] == ["organizations", "people"]
    assert (groups["organizations"], groups["people"], groups["leads"]) == ([company], [person], [lead])


@pytest.mark.parametrize("text", ["日本電気", "日本电气", "nec", "ＮＥＣ", "Nec corp"])
def test_any_script_and_width(officer, text):
    company = OrganizationFactory(name="日本電気株式会社", name_en="NEC Corporation")
    assert found(officer, text)["organizations"] == [company]


def test_a_name_that_begins_so_comes_before_newer_ones(officer):
    begins = OrganizationFactory(name="Minori Works")
    inside = OrganizationFactory(name="Sons of Minori")
    assert found(officer, "minori")["organizations"] == [begins, inside]


def test_the_newest_first_and_whether_there_are_more(officer):
    made = [OrganizationFactory(name=f"Sons of Minori {number}") for number in range(PER_KIND + 1)]
    (group,) = find(officer, "minori")
    assert group.records == made[:0:-1]
    assert group.more
    assert not find(officer, "minori", PER_KIND + 1)[0].more


def test_a_reference_number_finds_its_record(officer):
    company = OrganizationFactory()
    assert found(officer, company.reference) == {"organizations": [company]}


def test_archived_records_are_left_out(officer):
    OrganizationFactory(name="Minori Works").archive("entered twice")
    assert found(officer, "minori") == {}


# The newest of those found may all be another station's: then the rest is asked as well.
@pytest.mark.parametrize("most", [1, 2, 20_000])
@pytest.mark.parametrize("limit", [1, 5])
def test_only_what_the_reader_reaches(officer, stranger, tokyo_station, osaka_station, monkeypatch, most, limit):
    monkeypatch.setattr(FoundLately, "MOST", most)
    own = [LeadFactory(title=f"The minori plant {number}", station=tokyo_station) for number in range(3)]
    others = [LeadFactory(title=f"The minori plant {number}", station=osaka_station) for number in range(4)]
    InteractionFactory(subject="About minori", station=osaka_station)
    assert found(officer, "minori", limit) == {"leads": own[::-1][:limit]}
    assert found(stranger, "minori", limit)["leads"] == others[::-1][:limit]


# Of many whose names begin so, some are taken: they may all be another station's.
@pytest.mark.parametrize("many", [2, 200])
def test_a_name_that_begins_so_is_not_lost_among_those_of_others(
    officer, tokyo_station, osaka_station, monkeypatch, many
):
    monkeypatch.setattr(global_search, "MANY", many)
    for number in range(3):
        LeadFactory(title=f"Minori plant {number}", station=osaka_station)
    begins = LeadFactory(title="Minori works", station=tokyo_station)
    inside = LeadFactory(title="The minori works", station=tokyo_station)
    assert found(officer, "minori")["leads"] == [begins, inside]


def test_kinds_that_one_may_not_see_are_not_asked(nobody):
    OrganizationFactory(name="Minori Works")
    assert find(nobody, "minori") == []


@pytest.mark.parametrize(
    "text", ["", "  ", "\x00", "minori\x00", "x" * (LONGEST_QUERY + 1), "…", '" OR "', "NEAR(a b)", "* AND"]
)
def test_what_nobody_looks_for_finds_nothing(officer, text):
    OrganizationFactory(name="Minori Works")
    assert find(officer, text) == []


def test_every_kind_of_record_with_a_list_is_searched():
    assert {Lead, Organization} < {resource.model for resource in searchable()}
    assert len(searchable()) == 13


# The page and the API.


def test_the_page_shows_groups_with_their_lists(officer, logged_in):
    made = [OrganizationFactory(name=f"Sons of Minori {number}") for number in range(PER_KIND + 1)]
    page = logged_in(officer).get("/admin/search/?q=minori").content.decode()
    assert page.count("Sons of Minori") == PER_KIND
    assert f"/admin/crm/organization/{made[-1].pk}/" in page
    assert "/admin/crm/organization/?search=minori" in page


def test_the_page_says_that_nothing_was_found(officer, logged_in):
    response = logged_in(officer).get("/admin/search/?q=%3Cb%3E")
    assert response.status_code == 200
    assert "<b>" not in response.content.decode().partition("<main")[2]


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow_with_what_is_found(officer, number, django_assert_max_num_queries):
    for name in range(number):
        LeadFactory(title=f"Minori {name}", organization=OrganizationFactory(name=f"Minori {name}"), owner=officer)
    with django_assert_max_num_queries(16):
        assert len(find(officer, "minori")) == 2
