import datetime

import pytest

from events.models import Visit
from tests.factories import DelegationFactory, EventFactory, OrganizationFactory, PersonFactory, VisitFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db
DAY = datetime.date(2019, 7, 2)


def test_belongs_to_a_delegation():
    visit = VisitFactory.build(delegation=EventFactory(), organization=OrganizationFactory())
    assert refusals(visit) == {"delegation": ["Visits belong to a delegation; this event is of another kind."]}


@pytest.mark.parametrize(("days", "fine"), [(-1, False), (0, True), (3, True), (4, False)])
def test_takes_place_on_a_day_of_the_journey(days, fine):
    delegation = DelegationFactory(starts_on=DAY, ends_on=DAY + datetime.timedelta(3))
    visit = VisitFactory(delegation=delegation)
    visit.held_on = DAY + datetime.timedelta(days)
    message = "The delegation lasts from 2019-07-02 to 2019-07-05; choose a day of it."
    assert refusals(visit) == ({} if fine else {"held_on": [message]})


def test_day_may_be_unknown():
    assert refusals(VisitFactory(held_on=None)) == {}


def test_is_named_after_the_organization():
    visit = VisitFactory(organization=OrganizationFactory(name="日本エアーテック株式会社", name_en="AIRTECH JAPAN"))
    assert str(visit) == "AIRTECH JAPAN"
    assert Visit.display_from(*Visit.objects.values_list(*Visit.display_paths).get()) == "AIRTECH JAPAN"


@pytest.mark.parametrize("query", ["エアーテック", "clean room", "mission to tokyo"])
def test_is_found_by_organization_journey_and_what_was_heard(query):
    visit = VisitFactory(
        delegation=DelegationFactory(name="Mission to Tokyo"),
        organization=OrganizationFactory(name="日本エアーテック株式会社"),
        heard="Looks for clean room sites.",
    )
    VisitFactory()
    assert list(Visit.objects.search(query)) == [visit]


def test_stops_are_in_the_order_of_the_journey():
    delegation = DelegationFactory(starts_on=DAY, ends_on=DAY + datetime.timedelta(1))
    stops = [(1, 1), (0, 2), (0, 1)]
    last, second, first = (
        VisitFactory(delegation=delegation, held_on=DAY + datetime.timedelta(days), position=position)
        for days, position in stops
    )
    assert list(delegation.visits.all()) == [first, second, last]


def test_names_people_on_both_sides():
    visit = VisitFactory()
    host, delegate = PersonFactory(), PersonFactory()
    visit.hosts.add(host)
    visit.delegates.add(delegate)
    assert (list(visit.hosts.all()), list(visit.delegates.all())) == ([host], [delegate])
    assert list(host.visits_received.all()) == list(delegate.visits_made.all()) == [visit]
