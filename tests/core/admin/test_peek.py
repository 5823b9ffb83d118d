"""The quick look at a record beside its list."""

import pytest
from django.contrib import admin

from core.admin.base import RecordAdmin
from core.admin.links import change_url, record_url
from core.records import Record
from tests.factories import InteractionFactory, LeadFactory, OrganizationFactory
from tests.filled import filled, surround
from tests.pages import record_page
from tests.test_registry_queries import read

pytestmark = pytest.mark.django_db

RECORDS = [model for model, page in admin.site._registry.items() if isinstance(page, RecordAdmin)]


def come_and_go(record):
    """Whatever came before, its newest changes name the same kinds of records."""
    for _time in range(2):
        record = type(record).objects.get(pk=record.pk)
        record.archive("Registered twice")
        record.restore()


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label_lower)
def test_it_opens_for_every_record_with_a_constant_number_of_queries(model, director, logged_in):
    assert issubclass(model, Record)
    record, client, counts = filled(model), logged_in(director), []
    for times in (1, 3):
        come_and_go(surround(record, times=times))
        counts.append(read(client, record_page(record, "peek")))
    few, more = counts
    assert more == few
    assert few <= 40


def test_it_tells_where_the_record_stands_and_what_comes_next(officer, tokyo_station, logged_in):
    lead = LeadFactory(
        title="Battery plant", station=tokyo_station, organization=OrganizationFactory(name="日本電気"),
        next_step="Send the offer", next_step_on="2024-07-02", jobs=300,
    )  # fmt: skip
    text = logged_in(officer).get(record_page(lead, "peek")).content.decode()
    for told in ("Battery plant", lead.reference, "New", "日本電気", "Send the offer", "2024-07-02", "300"):
        assert told in text
    assert record_url(lead) in text
    assert "Created" in text


def test_it_leads_to_the_form_only_for_who_may_change(officer, auditor, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    pages = [logged_in(user).get(record_page(lead, "peek")).content.decode() for user in (officer, auditor)]
    assert [record_url(lead) in text for text in pages] == [True, True]
    assert [change_url(lead) in text for text in pages] == [True, False]


def test_it_is_a_part_of_a_page(officer, tokyo_station, logged_in):
    text = logged_in(officer).get(record_page(LeadFactory(station=tokyo_station), "peek")).content.decode()
    assert "<html" not in text
    assert "<script" not in text


def test_a_record_out_of_reach_is_like_one_that_was_never_given(stranger, tokyo_station, logged_in):
    client, lead = logged_in(stranger), LeadFactory(station=tokyo_station)
    theirs, none = (client.get(f"/admin/crm/lead/{pk}/peek/") for pk in (lead.pk, 999_999))
    assert (theirs.status_code, theirs.content) == (none.status_code, none.content)
    assert theirs.status_code == 404


def test_an_impossible_number_is_not_found(officer, logged_in):
    assert logged_in(officer).get("/admin/crm/lead/99999999999999999999999/peek/").status_code == 404


def test_a_linked_record_out_of_reach_is_not_named(stranger, tokyo_station, logged_in):
    talk = InteractionFactory(station=tokyo_station, lead=LeadFactory(station=tokyo_station, title="Secret plant"))
    talk.staff.add(stranger)
    text = logged_in(stranger).get(record_page(talk, "peek")).content.decode()
    assert talk.subject in text
    assert "Secret plant" not in text


def test_it_tells_what_happened_last(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    talk = InteractionFactory(station=tokyo_station, lead=lead, subject="Asked for a site visit")
    text = logged_in(officer).get(record_page(lead, "peek")).content.decode()
    assert talk.subject in text
    assert record_url(talk) in text


def test_an_archived_record_says_so(officer, tokyo_station, logged_in):
    lead = LeadFactory(station=tokyo_station)
    lead.archive("registered twice")
    assert "Archived" in logged_in(officer).get(record_page(lead, "peek")).content.decode()


def test_lists_of_records_offer_it_and_others_do_not(director, logged_in):
    client = logged_in(director)
    assert "data-peek=" in client.get("/admin/crm/lead/").content.decode()
    assert "data-peek=" not in client.get("/admin/crm/sector/").content.decode()
