import datetime

import pytest

from core.request_context import acting
from crm.models import Interaction
from tests.factories import InteractionFactory, LeadFactory, OrganizationFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db
DAY = datetime.datetime(2019, 7, 2, 14, tzinfo=datetime.UTC)


def test_staff_record_talks_at_their_own_station(officer, osaka_station):
    talk = InteractionFactory.build(station=osaka_station)
    with acting(officer):
        assert refusals(talk) == {"station": ["You do not work at this station. Choose one of your own."]}


def test_needs_a_subject_and_a_station():
    assert set(refusals(Interaction())) == {"subject", "station"}


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_moment_that_other_time_zones_cannot_show_is_refused(year, tokyo_station):
    talk = InteractionFactory.build(station=tokyo_station, starts_at=DAY.replace(year=year))
    assert refusals(talk) == {"starts_at": ["Check the year: it must be between 1900 and 2199."]}


@pytest.mark.parametrize("query", ["AIRTECH", "clean room", "クリーンルーム"])
def test_is_found_by_subject_and_minutes(query):
    talk = InteractionFactory(subject="Visit to AIRTECH", minutes="They make clean room equipment (クリーンルーム).")
    InteractionFactory()
    assert list(Interaction.objects.search(query)) == [talk]


def test_the_latest_comes_first():
    earlier, latest = (InteractionFactory(starts_at=DAY + datetime.timedelta(hours=hours)) for hours in (0, 1))
    assert list(Interaction.objects.all()) == [latest, earlier]


def test_several_organizations_take_part():
    talk = InteractionFactory(lead=LeadFactory())
    talk.organizations.set(OrganizationFactory.create_batch(2))
    assert refusals(talk) == {}
    assert talk.organizations.count() == 2
