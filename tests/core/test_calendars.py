"""What stands in the calendar, for whom, and at which time."""

import datetime
import zoneinfo

import pytest
from django.utils import timezone

from core import calendars
from core.calendars import ALL, MINE, Asked
from crm.calendars import OURS
from tests.factories import (
    ContractFactory,
    DelegationFactory,
    EventFactory,
    InteractionFactory,
    LeadFactory,
    SessionFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime.date(2019, 7, 1), datetime.date(2019, 7, 31)
DAY = datetime.date(2019, 7, 2)


def entries(user, whose=ALL, first=FIRST, last=LAST):
    return calendars.read(Asked(user, first, last, whose), calendars.sources_for(user))


def titles(user, whose=ALL):
    return [entry.title for entry in entries(user, whose)]


def at(hour, zone="UTC"):
    return datetime.datetime(2019, 7, 2, hour, tzinfo=zoneinfo.ZoneInfo(zone))


def test_every_kind_stands_in_it(director):
    event, delegation = EventFactory(name="Conference"), DelegationFactory(name="Journey")
    SessionFactory(event=event, title="Opening", starts_at=datetime.time(9), held_on=DAY)
    VisitFactory(delegation=delegation, held_on=DAY)
    LeadFactory(next_step="Call them", next_step_on=DAY)
    InteractionFactory(subject="Lunch", starts_at=at(5))
    ContractFactory(title="Agreement", signed_on=DAY)
    kinds = {entry.kind for entry in entries(director)}
    assert kinds == {"events", "sessions", "visits", "next-steps", "interactions", "contracts"}


def test_whole_days_come_first_and_the_others_by_time(director):
    event = EventFactory(name="Conference")
    SessionFactory(event=event, title="Late", starts_at=datetime.time(15), held_on=DAY)
    SessionFactory(event=event, title="Early", starts_at=datetime.time(9), held_on=DAY)
    assert titles(director) == ["Conference", "Early", "Late"]


def test_what_ends_or_begins_outside_stands_in_it_too_and_the_rest_does_not(director):
    EventFactory(name="From June", starts_on=datetime.date(2019, 6, 20), ends_on=datetime.date(2019, 7, 1))
    EventFactory(name="June", starts_on=datetime.date(2019, 6, 20), ends_on=datetime.date(2019, 6, 30))
    EventFactory(name="August", starts_on=datetime.date(2019, 8, 1), ends_on=datetime.date(2019, 8, 1))
    assert titles(director) == ["From June"]


def test_records_of_another_station_do_not_stand_in_it(officer, stranger, tokyo_station):
    LeadFactory(station=tokyo_station, next_step="Ours", next_step_on=DAY)
    InteractionFactory(station=tokyo_station, subject="Our talk", starts_at=at(5))
    ContractFactory(station=tokyo_station, title="Our contract", signed_on=DAY)
    assert len(titles(officer)) == 3
    assert titles(stranger) == []


def test_who_may_not_see_a_kind_is_not_offered_it(nobody, auditor):
    EventFactory()
    assert calendars.sources_for(nobody) == []
    assert entries(nobody) == []
    assert {one.kind for one in calendars.sources_for(auditor)} >= {"events", "contracts"}


def test_mine_are_those_that_i_own_or_take_part_in(officer, tokyo_station):
    LeadFactory(station=tokyo_station, owner=officer, next_step="Mine", next_step_on=DAY)
    LeadFactory(station=tokyo_station, next_step="A colleague's", next_step_on=DAY)
    InteractionFactory(station=tokyo_station, subject="With me", starts_at=at(5)).staff.add(officer)
    InteractionFactory(station=tokyo_station, subject="Without me", starts_at=at(6))
    EventFactory(name="My event", owner=officer)
    EventFactory(name="Another event")
    assert set(titles(officer, MINE)) == {"Mine", "With me", "My event"}


def test_those_of_my_stations(officer, tokyo_station):
    LeadFactory(station=tokyo_station, next_step="Here", next_step_on=DAY)
    EventFactory(name="Our event", station=tokyo_station)
    EventFactory(name="An event of nobody")
    LeadFactory(owner=officer, next_step="Mine elsewhere", next_step_on=DAY)
    assert set(titles(officer, OURS)) == {"Here", "Our event"}


def test_ended_leads_and_archived_records_have_nothing_due(director):
    LeadFactory(stage="disqualified", next_step_on=DAY)
    LeadFactory(next_step_on=DAY).archive("twice")
    EventFactory().archive("twice")
    assert titles(director) == []


def test_the_programme_of_an_archived_event_is_gone(director):
    event = EventFactory()
    SessionFactory(event=event, held_on=DAY, starts_at=datetime.time(9))
    event.archive("cancelled long ago")
    assert titles(director) == []


def test_times_are_on_the_clock_of_the_reader_with_that_of_the_place(director):
    SessionFactory(
        event=EventFactory(time_zone="Asia/Tokyo"), title="Opening", held_on=DAY,
        starts_at=datetime.time(0, 30), ends_at=datetime.time(2),
    )  # fmt: skip
    with timezone.override("Asia/Shanghai"):
        (entry,) = [entry for entry in entries(director) if entry.kind == "sessions"]
        assert (entry.time, entry.own_time, entry.first) == (
            "23:30–01:00", "00:30–02:00 Tokyo", datetime.date(2019, 7, 1),
        )  # fmt: skip
    with timezone.override("Asia/Tokyo"):
        (entry,) = [entry for entry in entries(director) if entry.kind == "sessions"]
        assert (entry.time, entry.own_time, entry.first) == ("00:30–02:00", "", DAY)


def test_a_session_without_a_day_stands_on_the_first_day(director):
    SessionFactory(event=EventFactory(), title="Opening", starts_at=datetime.time(9))
    (entry,) = [entry for entry in entries(director) if entry.kind == "sessions"]
    assert entry.first == DAY


def test_an_interaction_stands_on_the_day_that_the_reader_has(director):
    InteractionFactory(subject="Late call", starts_at=at(23))
    with timezone.override("Asia/Tokyo"):
        (entry,) = entries(director)
        assert (entry.first, entry.time) == (datetime.date(2019, 7, 3), "08:00")


def test_uids_stay_and_differ(director):
    event = EventFactory()
    SessionFactory(event=event, held_on=DAY, starts_at=datetime.time(9))
    before = {entry.kind: entry.uid for entry in entries(director)}
    event.name = "Renamed"
    event.save()
    assert {entry.kind: entry.uid for entry in entries(director)} == before
    assert len(set(before.values())) == 2
