"""The search index as a part of the database that is kept in order."""

import pytest
from django.db import connection

from core import search_index
from core.search import parse
from core.tasks import clear_expired
from crm.models import Organization
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its indexes by itself")


def pieces():
    """In how many places a word may have to be looked up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(DISTINCT segid) FROM crm_organization_search_idx")
        return cursor.fetchone()[0]


def written_in_pieces():
    """Whoever searches makes what was written a piece of the index."""
    for number in range(6):
        OrganizationFactory(name=f"日本電気{number}")
        assert Organization.objects.search("日本电气").count() == number + 1


@on_sqlite
def test_the_pieces_of_the_index_are_joined():
    written_in_pieces()
    assert pieces() > 1
    search_index.tidy(Organization, connection)
    assert pieces() == 1
    assert Organization.objects.search("日本电气").count() == 6
    search_index.tidy(Organization, connection)
    assert pieces() == 1


@on_sqlite
def test_that_is_done_every_day():
    written_in_pieces()
    clear_expired.call()
    assert pieces() == 1


def test_an_index_made_anew_finds_the_same():
    written_in_pieces()
    connection.check_constraints()  # what PostgreSQL would check later keeps it from making an index
    search_index.rebuild(Organization, connection)
    assert Organization.objects.search("日本电气").count() == 6
    OrganizationFactory(name="日本電気 新")
    assert Organization.objects.search("日本电气").count() == 7


def test_all_records_that_are_found():
    first, second = OrganizationFactory(name="日本電気"), OrganizationFactory(name="日本製鉄")
    OrganizationFactory(name="新日鐵")
    assert sorted(search_index.hits(Organization, parse("日本"))) == [first.pk, second.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no list of what was written last")
def test_what_was_written_last_is_put_in_its_place():
    OrganizationFactory.create_batch(20)
    with connection.cursor() as cursor:
        cursor.execute(search_index.SETTLE, ["crm_organization_search"])
        assert cursor.fetchone()[0] > 0  # pages
    search_index.settle(Organization)
    with connection.cursor() as cursor:
        cursor.execute(search_index.SETTLE, ["crm_organization_search"])
        assert cursor.fetchone()[0] == 0
