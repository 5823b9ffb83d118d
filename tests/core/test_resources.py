"""A resource: whose records, which, and in what order."""

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from core import resources
from core.columns import Columns
from core.resources import Resource
from crm.filters import LeadFilterSet
from crm.models import Lead
from events.models import Event
from tests.factories import DelegationFactory, EventFactory, GuestFactory, LeadFactory

pytestmark = pytest.mark.django_db
LEADS = Resource(
    "test-leads", Columns(Lead, "title"), LeadFilterSet, ordering=("-created_at",), orderable=("title", "jobs")
)


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_all_holds_what_the_reader_reaches_archived_or_not(officer, tokyo_station):
    mine, archived = LeadFactory(station=tokyo_station), LeadFactory(station=tokyo_station)
    archived.archive("registered twice")
    LeadFactory()
    assert set(LEADS.all(officer)) == {mine, archived}


def test_all_asks_for_the_action(auditor):
    LeadFactory()
    assert LEADS.all(auditor).count() == 1
    assert LEADS.all(auditor, "export").count() == 0


def test_filtered_holds_what_the_reader_reaches_and_asks_for(officer, tokyo_station):
    mine = LeadFactory(station=tokyo_station, title="Battery plant")
    LeadFactory(station=tokyo_station)
    LeadFactory(title="Battery plant")
    assert list(LEADS.filtered(request_of(officer), {"search": "battery"})) == [mine]


def test_a_wrong_parameter_is_reported_by_name(officer):
    with pytest.raises(ValidationError) as caught:
        LEADS.filtered(request_of(officer), {"stage": "lost", "created_after": "x"})
    assert set(caught.value.error_dict) == {"stage", "created_after"}


def test_a_narrower_resource_holds_its_part_of_the_model(director):
    EventFactory()
    delegation = DelegationFactory()
    assert list(resources.get("delegations").all(director)) == [delegation]


def test_the_resource_of_a_model_is_the_widest():
    assert resources.for_model(Event).slug == "events"


def test_everything_is_a_copy():
    resources.everything().clear()
    assert "leads" in resources.everything()


def test_fields_to_order_by_are_the_default_order_and_the_declared_ones():
    assert LEADS.order_fields == ("created_at", "title", "jobs")


@pytest.mark.parametrize(
    ("text", "names"),
    [("title", ("title",)), ("-title,jobs", ("-title", "jobs")), (" title , ", ("title",)), ("", ())],
)
def test_an_order_is_read_from_an_address(text, names):
    assert LEADS.order_names(text) == names


@pytest.mark.parametrize("text", ["notes", "-station__name", "--title", "title,owner", "?"])
def test_an_order_by_another_field_is_refused_with_the_choices(text):
    with pytest.raises(ValidationError, match="Choose from: created_at, title, jobs") as caught:
        LEADS.order_names(text)
    assert list(caught.value.error_dict) == ["ordering"]


def test_the_default_order_is_newest_first_and_total():
    first, second = LeadFactory(), LeadFactory()
    Lead.objects.update(created_at=first.created_at)
    assert list(LEADS.ordered(Lead.objects.all())) == [second, first]


def test_empty_values_come_last_in_both_directions():
    empty, low, high = LeadFactory(jobs=None), LeadFactory(jobs=1), LeadFactory(jobs=9)
    assert list(LEADS.ordered(Lead.objects.all(), ("jobs",))) == [low, high, empty]
    assert list(LEADS.ordered(Lead.objects.all(), ("-jobs",))) == [high, low, empty]


def test_guests_are_listed_by_rank_those_without_one_last(director):
    last, second, first = GuestFactory(rank=None), GuestFactory(rank=2), GuestFactory(rank=1)
    for guest in (second, first):
        guest.event = last.event
        guest.save()
    guests = resources.get("guests")
    assert list(guests.ordered(guests.all(director))) == [first, second, last]
