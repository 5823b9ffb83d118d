"""The calendar's page."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.admin.calendar import Stretch
from tests.factories import (
    ContractFactory,
    EventFactory,
    InteractionFactory,
    LeadFactory,
    PartyFactory,
    SessionFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
CALENDAR = "/admin/calendar/"
DAY = datetime.date(2019, 7, 2)


def shown(response):
    return [item["entry"].title for day in response.context["days"] for item in day["entries"]]


@pytest.mark.parametrize(
    ("view", "first", "last"),
    [
        ("month", datetime.date(2019, 7, 1), datetime.date(2019, 8, 4)),
        ("week", datetime.date(2019, 7, 1), datetime.date(2019, 7, 7)),
        ("agenda", datetime.date(2019, 7, 3), datetime.date(2019, 8, 1)),
    ],
)
def test_a_view_has_its_days_and_weeks_begin_on_monday(view, first, last):
    stretch = Stretch(view, datetime.date(2019, 7, 3))
    assert (stretch.first, stretch.last) == (first, last)


def test_the_months_before_and_after_are_reached_from_any_day():
    stretch = Stretch("month", datetime.date(2019, 1, 31))
    assert (stretch.previous, stretch.next) == (datetime.date(2018, 12, 1), datetime.date(2019, 2, 1))


@pytest.mark.parametrize("view", ["month", "week", "agenda"])
def test_every_view_shows_what_takes_place(view, director, logged_in):
    EventFactory(name="Conference")
    assert shown(logged_in(director).get(CALENDAR, {"view": view, "on": "2019-07-02"})) == ["Conference"]


def test_an_event_stands_on_each_of_its_days(director, logged_in):
    EventFactory(name="Fair", ends_on=datetime.date(2019, 7, 4))
    assert shown(logged_in(director).get(CALENDAR, {"on": "2019-07-02"})) == ["Fair"] * 3


@pytest.mark.parametrize(
    "query",
    [{"on": "2019-02-31"}, {"on": "x"}, {"on": "0001-01-01"}, {"on": "9999-12-31"}, {"view": "year"}, {"whose": "x"},
     {"kind": "nonsense"}, {"on": "\x00"}],
)  # fmt: skip
def test_what_makes_no_sense_is_the_default(query, director, logged_in):
    response = logged_in(director).get(CALENDAR, query)
    assert response.status_code == 200
    assert response.context["stretch"].view == "month"


def test_kinds_are_taken_away_and_brought_back(director, logged_in):
    EventFactory(name="Conference")
    LeadFactory(next_step="Call", next_step_on=DAY)
    client = logged_in(director)
    response = client.get(CALENDAR, {"on": "2019-07-02"})
    assert set(shown(response)) == {"Conference", "Call"}
    events = next(kind for kind in response.context["kinds"] if str(kind["label"]) == "events")
    without = client.get(CALENDAR + events["url"])
    assert shown(without) == ["Call"]
    events = next(kind for kind in without.context["kinds"] if str(kind["label"]) == "events")
    assert set(shown(client.get(CALENDAR + events["url"]))) == {"Conference", "Call"}


def test_the_days_are_those_of_the_reader(director, logged_in):
    director.time_zone = "Asia/Tokyo"
    director.save()
    InteractionFactory(subject="Call", starts_at=datetime.datetime(2019, 7, 2, 23, tzinfo=datetime.UTC))
    days = logged_in(director).get(CALENDAR, {"on": "2019-07-02"}).context["days"]
    assert [day["date"].day for day in days if day["entries"]] == [3]


def test_a_full_day_of_a_month_leads_to_its_agenda(director, logged_in):
    for number in range(6):
        LeadFactory(next_step=f"Step {number}", next_step_on=DAY)
    page = logged_in(director).get(CALENDAR, {"on": "2019-07-02"})
    assert "2 more" in page.content.decode()
    (day,) = [day for day in page.context["days"] if day["hidden"]]
    assert day["url"] == "?view=agenda&on=2019-07-02"


def test_more_than_is_read_is_told(director, logged_in, monkeypatch):
    monkeypatch.setattr("crm.calendars.MOST", 2)
    monkeypatch.setattr("core.admin.calendar.MOST", 2)
    LeadFactory.create_batch(3, next_step_on=DAY)
    page = logged_in(director).get(CALENDAR, {"on": "2019-07-02"})
    assert len(shown(page)) == 2
    assert [str(label) for label in page.context["cut"]] == ["Next steps"]


def test_nothing_of_other_stations_is_on_the_page(stranger, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station, title="CANARY", next_step="CANARY", next_step_on=timezone.localdate())
    InteractionFactory(station=tokyo_station, subject="CANARY")
    ContractFactory(station=tokyo_station, title="CANARY", signed_on=timezone.localdate())
    for view in ("month", "week", "agenda"):
        assert "CANARY" not in logged_in(stranger).get(CALENDAR, {"view": view}).content.decode()


def test_the_page_reads_as_often_for_three_of_each_as_for_one(director, logged_in):
    client = logged_in(director)

    def queries():
        SessionFactory(event=EventFactory(), held_on=DAY)
        VisitFactory(held_on=DAY)
        LeadFactory(next_step_on=DAY)
        InteractionFactory(starts_at=datetime.datetime(2019, 7, 2, 5, tzinfo=datetime.UTC))
        PartyFactory(contract=ContractFactory(signed_on=DAY))
        client.get(CALENDAR, {"on": "2019-07-02"})
        with CaptureQueriesContext(connection) as captured:
            client.get(CALENDAR, {"on": "2019-07-02"})
        return len(captured)

    one = queries()
    queries()
    assert queries() == one <= 16
