"""Conditions with several sides, taken apart, give the same records; what is asked anyway stays in one piece."""

import pytest

from core import access
from core.arms import split
from crm.models import Lead
from tests.factories import LeadFactory, StationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(role="Officer", station=StationFactory())


@pytest.fixture
def leads(officer):
    station = officer.station_memberships.get().station
    shared = LeadFactory()
    shared.collaborators.add(officer)
    return [
        LeadFactory(station=station, owner=officer),
        LeadFactory(station=station),
        LeadFactory(owner=officer),
        shared,
    ]


def pks(querysets):
    return [pk for queryset in querysets for pk in queryset.order_by("pk").values_list("pk", flat=True)]


def test_the_sides_have_the_same_records_and_none_twice(officer, leads):
    LeadFactory()
    arms = split(access.scoped(officer, Lead))
    assert len(arms) == 3
    assert sorted(pks(arms)) == sorted(lead.pk for lead in leads)


def test_what_is_mine_is_one_list(officer, leads):
    mine = access.scoped(officer, Lead).filter(owner=officer)
    assert len(split(mine)) == 1
    assert pks(split(mine)) == pks([mine]) == [leads[0].pk, leads[2].pk]


@pytest.mark.parametrize("ask", ["someone else's", "not mine", "mine or old"])
def test_what_only_looks_like_mine_is_taken_apart(officer, leads, ask):
    scoped, other = access.scoped(officer, Lead), UserFactory()
    asked = {
        "someone else's": scoped.filter(owner=other),
        "not mine": scoped.exclude(owner=officer),
        "mine or old": scoped.filter(owner=officer) | scoped.filter(title="old"),
    }[ask]
    assert sorted(pks(split(asked))) == pks([asked])


def test_a_queryset_without_sides_is_one_list(director, leads):
    assert len(split(access.scoped(director, Lead))) == 1
