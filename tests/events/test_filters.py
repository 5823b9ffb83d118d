import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from events import resources
from tests.factories import DelegationFactory, EventFactory, GuestFactory, SessionFactory, VisitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(director):
    """`found(resource, status="held")` answers what the list shows with these parameters."""
    request = RequestFactory().get("/")
    request.user = director
    return lambda resource, **params: list(resource.ordered(resource.filtered(request, params)))


def event_in(days, **fields):
    day = timezone.localdate() + datetime.timedelta(days)
    return EventFactory(starts_on=day, ends_on=day, **fields)


def test_upcoming_events_or_not(found):
    past, next_week, cancelled = event_in(-7), event_in(7), event_in(7, status="cancelled")
    assert found(resources.events, upcoming="true") == [next_week]
    assert set(found(resources.events, upcoming="false")) == {past, cancelled}


def test_events_of_a_period_without_its_end(found):
    days = [timezone.localdate() + datetime.timedelta(n) for n in (0, 1, 2)]
    events = [event_in(n) for n in (0, 1, 2)]
    assert found(resources.events, starts_after=str(days[1]), starts_before=str(days[2])) == [events[1]]


def test_delegations_are_the_journeys_only(found):
    EventFactory()
    delegation = DelegationFactory()
    assert found(resources.delegations) == found(resources.events, kind__is_delegation="true") == [delegation]


@pytest.mark.parametrize(
    ("resource", "factory"), [(resources.sessions, SessionFactory), (resources.guests, GuestFactory)]
)
def test_what_belongs_to_an_event(found, resource, factory):
    record, _other = factory.create_batch(2)
    assert found(resource, event=record.event_id) == [record]


def test_visits_of_a_delegation(found):
    visit, _other = VisitFactory.create_batch(2)
    assert found(resources.visits, delegation=visit.delegation_id) == [visit]


def test_guests_by_answer(found):
    accepted, declined, _open = (GuestFactory(invitation=answer) for answer in ("accepted", "declined", "to_invite"))
    assert set(found(resources.guests, invitation__in="accepted,declined")) == {accepted, declined}
