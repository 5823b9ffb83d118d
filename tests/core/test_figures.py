"""Figures of the month: counted by month, in the reader's time zone, of what the reader reaches."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import figures
from crm.models import Lead
from tests.factories import ContractFactory, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 15)
LEADS, CONTRACTS = figures._measures["leads"], figures._measures["contracts"]


def lead_of(moment, **fields):
    lead = LeadFactory(**fields)
    Lead.objects.filter(pk=lead.pk).update(created_at=timezone.make_aware(datetime.datetime.fromisoformat(moment)))
    return lead


def counts(user, made=LEADS, today=TODAY):
    return {str(day): count for day, count in figures.figure(user, made, today).months if count}


def test_it_counts_thirteen_months_by_month(director):
    for moment in ("2025-02-28 23:59", "2025-03-01 00:00", "2025-03-31 12:00", "2026-03-01 00:00", "2026-04-01 00:00"):
        lead_of(moment)
    figure = figures.figure(director, LEADS, TODAY)
    assert [str(day) for day, _count in figure.months][:: figures.MONTHS - 1] == ["2025-03-01", "2026-03-01"]
    assert counts(director) == {"2025-03-01": 2, "2026-03-01": 1}
    assert (figure.now, figure.a_year_ago) == (1, 2)


def test_the_same_month_is_compared_up_to_this_day(director):
    for moment in ("2025-03-15 23:00", "2025-03-16 00:00"):
        lead_of(moment)
    assert figures.figure(director, LEADS, TODAY).by_this_day == 1


def test_the_last_day_of_a_leap_year_stays_in_its_month(director):
    lead_of("2023-03-01 00:00")
    assert figures.figure(director, LEADS, datetime.date(2024, 2, 29)).by_this_day == 0


def test_a_moment_belongs_to_the_month_where_the_reader_is(director):
    with timezone.override(datetime.UTC):
        lead_of("2026-02-28 16:00")
        assert counts(director) == {"2026-02-01": 1}
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert counts(director) == {"2026-03-01": 1}


def test_days_belong_to_their_month_everywhere(director):
    ContractFactory(signed_on="2026-03-01")
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        with timezone.override(ZoneInfo(zone)):
            assert counts(director, CONTRACTS) == {"2026-03-01": 1}


def test_only_current_records_in_reach_are_counted(officer, stranger, tokyo_station):
    lead_of("2026-03-02", station=tokyo_station)
    lead_of("2026-03-02", station=tokyo_station).archive("Registered twice")
    assert counts(officer) == {"2026-03-01": 1}
    assert counts(stranger) == {}


def test_a_lead_is_counted_once_however_it_is_reached(officer, tokyo_station):
    lead_of("2026-03-02", station=tokyo_station, owner=officer).collaborators.add(officer)
    assert counts(officer) == {"2026-03-01": 1}


def test_measures_are_of_what_the_reader_may_see(nobody, director):
    def slugs(user):
        return [made.slug for made in figures.offered(user)]

    assert slugs(nobody) == []
    assert slugs(director) == ["leads", "talks", "events", "projects", "contracts"]
    assert slugs(UserFactory(role="Event manager")) == ["leads", "talks", "events"]
    assert slugs(UserFactory(role="Contract manager")) == ["leads", "events", "projects", "contracts"]


def test_a_figure_is_one_query_however_many_records(director):
    director.get_all_permissions()
    for _more in range(2):
        lead_of("2026-03-02")
        with CaptureQueriesContext(connection) as queries:
            figures.figure(director, LEADS, TODAY)
        assert len(queries) == 1


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (0, "2026-03-01"),
        (2, "2026-01-01"),
        (3, "2025-12-01"),
        (12, "2025-03-01"),
        (-1, "2026-04-01"),
        (-10, "2027-01-01"),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(months, day):
    assert str(figures.month_before(TODAY, months)) == day
