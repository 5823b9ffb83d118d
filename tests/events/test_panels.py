import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from events import panels
from tests.factories import (
    DelegationFactory,
    EventFactory,
    GuestFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    SessionFactory,
    SpeakerFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
DAY = datetime.date(2019, 7, 2)


@pytest.fixture
def request_(director):
    request = RequestFactory().get("/")
    request.user = director
    return request


def urls(panel):
    return [row.url for row in panel.rows]


def address(record):
    return f"/admin/events/{record._meta.model_name}/{record.pk}/"


def texts(panel):
    return [" | ".join(str(getattr(cell, "badge", cell)) for cell in row.cells) for row in panel.rows]


def test_upcoming_events_the_next_one_first(request_):
    later, sooner = (
        EventFactory(starts_on=day, ends_on=day)
        for day in (timezone.localdate() + datetime.timedelta(days) for days in (9, 1))
    )
    EventFactory(starts_on=DAY, ends_on=DAY)
    panel = panels.upcoming_events(request_)
    assert (panel.count, urls(panel)) == (2, [address(sooner), address(later)])


def test_programme_in_its_order_with_the_speakers(request_):
    event = EventFactory()
    SessionFactory(event=event, position=2, title="Round table", announced_speakers=5)
    opening = SessionFactory(event=event, position=1, title="Opening")
    SpeakerFactory(session=opening, person=PersonFactory(family_name="顾", given_name="海东"))
    first, second = texts(panels.programme(request_, event))
    assert "Opening" in first
    assert "顾海东" in first
    assert "Round table" in second
    assert "0 of 5 named" in second


def test_announced_speakers_are_counted_beside_those_named(request_):
    session = SessionFactory(announced_speakers=5)
    SpeakerFactory(session=session, person=PersonFactory(family_name="", family_latin="Tanazaki", given_name=""))
    (text,) = texts(panels.programme(request_, session.event))
    assert "Tanazaki" in text
    assert "1 of 5 named" in text


def test_a_journey_has_visits_and_a_programme_only_if_there_is_one(request_):
    delegation = DelegationFactory(starts_on=DAY, ends_on=DAY + datetime.timedelta(1))
    second, first = (VisitFactory(delegation=delegation, held_on=DAY + datetime.timedelta(n)) for n in (1, 0))
    assert panels.programme(request_, delegation) is None
    assert urls(panels.delegation_visits(request_, delegation)) == [address(first), address(second)]


def test_an_event_at_a_venue_has_no_visits(request_):
    assert panels.delegation_visits(request_, EventFactory()) is None


def test_guests_in_order_of_protocol(request_):
    event = EventFactory()
    second, first = (GuestFactory(event=event, rank=rank) for rank in (2, 1))
    GuestFactory()
    assert urls(panels.guest_list(request_, event)) == [address(first), address(second)]


@pytest.mark.parametrize(
    ("panel", "field", "factory"),
    [
        (panels.organization_guests, "organization", OrganizationFactory),
        (panels.person_guests, "person", PersonFactory),
        (panels.lead_guests, "lead", LeadFactory),
    ],
)
def test_where_somebody_was_met(request_, panel, field, factory):
    record = factory()
    assert panel(request_, record) is None
    guest = GuestFactory(**{field: record})
    assert urls(panel(request_, record)) == [address(guest)]


@pytest.mark.parametrize(
    ("panel", "field", "factory"),
    [(panels.organization_visits, "organization", OrganizationFactory), (panels.lead_visits, "lead", LeadFactory)],
)
def test_which_visits_there_were(request_, panel, field, factory):
    record = factory()
    assert panel(request_, record) is None
    visit = VisitFactory(**{field: record})
    VisitFactory()
    assert urls(panel(request_, record)) == [address(visit)]


def test_archived_records_are_not_shown(request_):
    visit, guest, session = VisitFactory(), GuestFactory(), SessionFactory()
    for record in (visit, guest, session):
        record.archive("Entered twice")
    assert panels.delegation_visits(request_, visit.delegation).rows == []
    assert panels.guest_list(request_, guest.event).rows == []
    assert panels.programme(request_, session.event).rows == []


def test_without_the_right_there_is_nothing(nobody):
    request = RequestFactory().get("/")
    request.user = nobody
    guest = GuestFactory()
    assert panels.upcoming_events(request) is None
    assert panels.guest_list(request, guest.event).rows == []
