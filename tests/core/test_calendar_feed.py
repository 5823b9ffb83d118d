"""The personal calendar as a file: who gets it, and what is in it."""

import datetime
import logging

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from core import throttle
from core.calendar_feed import MARK, SHAPE, CalendarFeed
from core.logs import redacted
from tests.factories import EventFactory, InteractionFactory, LeadFactory, SessionFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/calendar/feed/"


def address(secret):
    return f"/calendar/{secret}.ics"


def fetched(user, client=None):
    response = (client or Client()).get(address(CalendarFeed.renew(user)))
    assert response.status_code == 200
    return response


def components(response):
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))


def summaries(response):
    return [str(event["SUMMARY"]) for event in components(response)]


@pytest.fixture
def lead(officer, tokyo_station):
    return LeadFactory(owner=officer, station=tokyo_station, next_step="Call them", next_step_on=timezone.localdate())


def test_holds_the_owners_own_items_alone(lead, officer, tokyo_station):
    LeadFactory(station=tokyo_station, next_step="A colleague's", next_step_on=timezone.localdate())
    EventFactory(name="Nobody's", starts_on=timezone.localdate(), ends_on=timezone.localdate())
    assert summaries(fetched(officer)) == ["Call them"]


def test_a_lead_that_left_the_owners_reach_left_the_file(lead, officer, osaka_station):
    lead.owner, lead.station = LeadFactory().owner, osaka_station
    lead.save()
    assert summaries(fetched(officer)) == []


def test_only_the_digest_is_stored(officer):
    secret = CalendarFeed.renew(officer)
    assert SHAPE.fullmatch(secret)
    stored = CalendarFeed.objects.values().get()
    assert secret not in repr(stored)
    assert stored["prefix"] == secret[:10]


def test_a_new_address_ends_the_one_before(officer):
    before, after = CalendarFeed.renew(officer), CalendarFeed.renew(officer)
    assert Client().get(address(before)).status_code == 404
    assert Client().get(address(after)).status_code == 200


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_an_account_that_is_closed_has_no_feed(change, officer):
    secret = CalendarFeed.renew(officer)
    for name, value in change.items():
        setattr(officer, name, value)
    officer.save()
    assert Client().get(address(secret)).status_code == 404


def test_who_lost_all_rights_has_no_feed(officer):
    secret = CalendarFeed.renew(officer)
    officer.groups.clear()
    lost, unknown = Client().get(address(secret)), Client().get(address(MARK + "x" * 43))
    assert (lost.status_code, lost.content) == (unknown.status_code, unknown.content)
    assert lost.status_code == 404


def test_wrong_addresses_are_throttled_and_the_right_one_goes_on_where_it_was_used(officer):
    secret, client = CalendarFeed.renew(officer), Client(REMOTE_ADDR="203.0.113.7")
    assert client.get(address(secret)).status_code == 200
    for _number in range(throttle.TOKENS_PER_ADDRESS):
        assert client.get(address(f"{MARK}wrong")).status_code == 404
    locked = client.get(address(f"{MARK}wrong"))
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0
    assert client.get(address(secret)).status_code == 200


def test_a_right_address_from_where_too_many_wrong_ones_came_waits(officer):
    secret, client = CalendarFeed.renew(officer), Client(REMOTE_ADDR="203.0.113.8")
    for _number in range(throttle.TOKENS_PER_ADDRESS):
        client.get(address(f"{MARK}wrong"))
    assert client.get(address(secret)).status_code == 429


def test_no_shared_cache_keeps_it(lead, officer):
    response = fetched(officer)
    assert response["Cache-Control"].startswith("private")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in response


def test_the_secret_is_in_no_log_line(officer, caplog):
    secret = CalendarFeed.renew(officer)
    for text in (address(secret), f"GET {address(secret)} HTTP/1.1", secret.replace("_", "%5F", 1)):
        assert secret[10:] not in redacted(text)
    with caplog.at_level(logging.DEBUG):
        Client().get(address(MARK + "w" * 43))
    assert "w" * 43 not in redacted(caplog.text)


def test_the_last_use_is_noted(officer):
    fetched(officer, Client(REMOTE_ADDR="203.0.113.9"))
    feed = CalendarFeed.objects.get()
    assert feed.last_used_at is not None
    assert feed.last_used_address == "203.0.113.9"


# -- RFC 5545


def test_lines_are_folded_and_end_in_crlf(officer, tokyo_station):
    LeadFactory(owner=officer, station=tokyo_station, next_step="連絡" * 60, next_step_on=timezone.localdate())
    body = fetched(officer).content
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert "連絡" * 60 in summaries(fetched(officer))


def test_text_cannot_break_out_of_its_property(officer, tokyo_station):
    hostile = "x\r\nATTENDEE:mailto:a@b.c"
    InteractionFactory(station=tokyo_station, subject="A; b, c\\d", place=hostile).staff.add(officer)
    (event,) = components(fetched(officer))
    assert str(event["SUMMARY"]) == "A; b, c\\d"
    assert "ATTENDEE" not in event


def test_a_time_keeps_the_zone_of_its_place_and_the_zone_is_described(officer):
    today = timezone.localdate()
    event = EventFactory(owner=officer, starts_on=today, ends_on=today, time_zone="Asia/Tokyo")
    SessionFactory(event=event, held_on=today, starts_at=datetime.time(9), ends_at=datetime.time(10))
    response = fetched(officer)
    timed = next(found for found in components(response) if isinstance(found.decoded("DTSTART"), datetime.datetime))
    assert timed["DTSTART"].params["TZID"] == "Asia/Tokyo"
    assert timed.decoded("DTSTART").hour == 9
    assert timed.decoded("DTEND").hour == 10
    (zone,) = icalendar.Calendar.from_ical(response.content).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Tokyo"


def test_whole_days_end_on_the_day_after_the_last(officer):
    today = timezone.localdate()
    EventFactory(owner=officer, starts_on=today, ends_on=today + datetime.timedelta(days=1))
    (event,) = components(fetched(officer))
    assert event.decoded("DTSTART") == today
    assert event.decoded("DTEND") == today + datetime.timedelta(days=2)


@pytest.mark.parametrize(
    ("status", "told"), [("planned", "TENTATIVE"), ("confirmed", "CONFIRMED"), ("cancelled", "CANCELLED")]
)
def test_the_status_is_told(status, told, officer):
    EventFactory(owner=officer, starts_on=timezone.localdate(), ends_on=timezone.localdate(), status=status)
    (event,) = components(fetched(officer))
    assert str(event["STATUS"]) == told


def test_the_stamp_is_of_the_last_change_and_the_uid_stays(lead, officer):
    (before,) = components(fetched(officer))
    lead.refresh_from_db()
    lead.next_step = "Write to them"
    lead.save()
    (after,) = components(fetched(officer))
    assert before["UID"] == after["UID"]
    assert after.decoded("DTSTAMP") == lead.updated_at.replace(microsecond=0)
    assert after.decoded("SEQUENCE") == before.decoded("SEQUENCE") + 1


# -- its page


def test_the_address_is_shown_once(officer, logged_in):
    client = logged_in(officer)
    made = client.post(PAGE, {"do": "renew"})
    secret = SHAPE.search(made.content.decode())[0]
    assert "no-store" in made["Cache-Control"]
    assert f"http://testserver{address(secret)}" in made.content.decode()
    again = client.get(PAGE).content.decode()
    assert secret not in again
    assert secret[:10] in again
    assert Client().get(address(secret)).status_code == 200


def test_it_is_switched_off(officer, logged_in):
    secret = CalendarFeed.renew(officer)
    assert logged_in(officer).post(PAGE, {"do": "revoke"}).status_code == 302
    assert Client().get(address(secret)).status_code == 404


def test_the_feed_of_others_stays(officer, stranger, logged_in):
    secret = CalendarFeed.renew(stranger)
    logged_in(officer).post(PAGE, {"do": "revoke"})
    logged_in(officer).post(PAGE, {"do": "renew"})
    assert Client().get(address(secret)).status_code == 200


def test_the_page_is_linked_from_the_menu_and_the_calendar(officer, logged_in):
    assert f'class="menu-item" href="{PAGE}"' in logged_in(officer).get("/admin/calendar/").content.decode()
