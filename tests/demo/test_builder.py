"""How rows of the data files become records."""

import datetime

import pytest
from django.core.exceptions import FieldDoesNotExist, ValidationError

from crm.models import Organization
from demo.builder import Builder
from demo.calendar import Calendar
from demo.known import Known
from demo.models import DemoRecord

WEDNESDAY = datetime.date(2026, 3, 4)
SATURDAY = datetime.date(2026, 3, 7)
SUNDAY = datetime.date(2026, 3, 8)


@pytest.fixture
def builder(db):
    return Builder(Known(), is_sample=True)


def company(**fields):
    return {"key": "one", "name": "霧沢精機株式会社", "country": "JP", **fields}


def test_record_with_sectors_and_aliases(builder):
    row = company(sectors=["machinery"], aliases=[{"name": "霧沢", "language": "ja"}])
    builder.create(Organization, row)
    made = Organization.objects.get()
    assert [sector.code for sector in made.sectors.all()] == ["machinery"]
    assert [alias.name for alias in made.aliases.all()] == ["霧沢"]
    assert made.is_sample
    assert "雾泽" in made.search_text


def test_known_record_is_not_made_twice(builder):
    builder.create(Organization, company())
    assert Builder(Known(), is_sample=True).create(Organization, company()) is None
    assert (Organization.objects.count(), DemoRecord.objects.count()) == (1, 1)


def test_company_that_users_entered_is_taken_over_unchanged(builder):
    entered = Organization.objects.create(name="NEC", country="JP", corporate_number="7010401022916")
    assert builder.create(Organization, company(corporate_number="7010401022916")) == entered
    entered.refresh_from_db()
    assert (entered.name, entered.is_sample, Organization.objects.count()) == ("NEC", False, 1)


def test_word_that_no_model_knows_stops_the_load(builder):
    with pytest.raises(FieldDoesNotExist):
        builder.create(Organization, company(colour="red"))


def test_name_of_a_missing_record_is_told(builder):
    with pytest.raises(LookupError, match=r"crm\.Sector “gardening”"):
        builder.create(Organization, company(sectors=["gardening"]))


def test_rules_of_the_model_hold_for_the_data_files_too(builder):
    with pytest.raises(ValidationError):
        builder.create(Organization, company(corporate_number="1010401022916"))


@pytest.mark.parametrize(
    ("start", "offset", "day"),
    [
        (WEDNESDAY, 1, datetime.date(2026, 3, 5)),
        (WEDNESDAY, 3, datetime.date(2026, 3, 6)),
        (WEDNESDAY, 4, datetime.date(2026, 3, 9)),
        (WEDNESDAY, -4, datetime.date(2026, 2, 27)),
        (SATURDAY, 0, SATURDAY),
        (SUNDAY, 0, SUNDAY),
        (SUNDAY, -1, datetime.date(2026, 3, 6)),
    ],
)
def test_work_is_done_on_working_days(start, offset, day):
    assert Calendar(start).day(offset) == day


@pytest.mark.parametrize("start", [WEDNESDAY + datetime.timedelta(days=n) for n in range(7)])
def test_days_stay_in_order(start):
    days = [Calendar(start).day(offset) for offset in range(-30, 30)]
    assert days == sorted(days)


def test_moment_is_a_time_at_the_place():
    moment = Calendar(WEDNESDAY).moment(-1, datetime.time(10), "Asia/Tokyo")
    assert moment.astimezone(datetime.UTC).isoformat() == "2026-03-03T01:00:00+00:00"


def test_nothing_past_lies_in_the_future():
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=2)
    assert Calendar(tomorrow).moment(0, datetime.time(9)) <= datetime.datetime.now(datetime.UTC)
