"""What others changed lately, of what the reader reaches."""

import datetime

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.admin.links import record_url
from core.admin.recent import LATELY, SHOWN, recent_changes
from tests.factories import LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def panel(user):
    request = RequestFactory().get("/")
    request.user = user
    return recent_changes(request)


def urls(user):
    return [row.url for row in panel(user).rows]


def by(user, record):
    LogEntry.objects.get_for_object(record).update(actor=user)


def test_changes_of_others_the_newest_first(officer, stranger, tokyo_station):
    first, second, own = (LeadFactory(station=tokyo_station, organization=OrganizationFactory()) for _n in range(3))
    for record, user in ((first, stranger), (second, stranger), (own, officer)):
        by(user, record)
    found = urls(officer)
    assert found.index(record_url(second)) < found.index(record_url(first))
    assert record_url(own) not in found


def test_a_record_stands_there_once(officer, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    lead.title = "Another"
    lead.save()
    assert urls(officer).count(record_url(lead)) == 1
    assert panel(officer).rows[0].cells[1] == "Changed"


def test_records_out_of_reach_are_not_named(stranger, tokyo_station):
    lead = LeadFactory(station=tokyo_station, title="Battery plant")
    assert record_url(lead) not in urls(stranger)
    assert "Battery plant" not in str(panel(stranger))


def test_old_changes_are_no_news(officer, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    LogEntry.objects.get_for_object(lead).update(timestamp=timezone.now() - LATELY - datetime.timedelta(hours=1))
    assert record_url(lead) not in urls(officer)


def test_only_the_newest_are_shown(officer, tokyo_station):
    LeadFactory.create_batch(SHOWN + 2, station=tokyo_station)
    assert len(panel(officer).rows) == SHOWN


def test_staff_without_rights_have_no_such_panel(nobody):
    assert panel(nobody) is None


def test_the_log_is_linked_for_those_who_may_read_it(officer, director, auditor):
    assert [bool(panel(user).more_url) for user in (officer, director, auditor)] == [False, True, True]


def test_it_takes_as_many_queries_for_one_record_as_for_several(officer, tokyo_station):
    counts = []
    for _rows in range(3):
        LeadFactory(station=tokyo_station)
        panel(officer)
        with CaptureQueriesContext(connection) as queries:
            panel(officer)
        counts.append(len(queries))
    assert counts[0] == counts[-1] <= 3
