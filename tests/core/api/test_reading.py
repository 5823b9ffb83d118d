"""Pages read by a statement whose long part is compiled once give what Django itself would give."""

import pytest
from django.db import connection

from core.api.reading import rows
from core.ordering import expressions, keys
from crm.models import Lead
from tests.factories import LeadFactory

PATHS = ("pk", "title", "organization__name", "created_at", "interest_amount", "is_sample", "channel__name_en")

pytestmark = pytest.mark.django_db


def order(*names):
    return keys(Lead, names)


def plain(queryset, by, limit):
    return list(queryset.order_by(*expressions(by)).values_list(*PATHS)[:limit])


def read(queryset, by, limit):
    return [tuple(row) for row in rows(queryset, PATHS, by, limit)]


@pytest.mark.parametrize("names", [("-created_at",), ("title",), ("next_step_on",), ("-interest_amount", "title")])
def test_rows_are_those_of_values_list(names):
    for number in range(4):
        LeadFactory(
            title=f"Lead {number % 2}", interest_amount=number or None, interest_currency="CNY" if number else ""
        )
    by = order(*names)
    assert read(Lead.objects.active(), by, 3) == plain(Lead.objects.active(), by, 3)


def test_the_same_statement_serves_other_records():
    first, second = LeadFactory.create_batch(2)
    by = order("title")
    assert [row[0] for row in read(Lead.objects.filter(pk=first.pk), by, 5)] == [first.pk]
    assert [row[0] for row in read(Lead.objects.filter(pk=second.pk), by, 5)] == [second.pk]


def test_nothing_is_asked_where_nothing_can_be(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read(Lead.objects.none(), order("title"), 5) == []


def test_a_page_takes_one_statement(django_assert_num_queries):
    LeadFactory.create_batch(3)
    with django_assert_num_queries(1):
        assert len(read(Lead.objects.all(), order("title"), 2)) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads the keys first of its own accord")
def test_the_keys_are_read_before_anything_is_joined(django_assert_num_queries):
    LeadFactory()
    with django_assert_num_queries(1) as captured:
        read(Lead.objects.all(), order("title"), 5)
    assert 'WHERE "crm_lead"."id" = ANY(ARRAY(SELECT' in captured.captured_queries[0]["sql"]
