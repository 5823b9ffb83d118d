import datetime

import pytest
from django.test import RequestFactory

from projects import resources
from tests.factories import (
    BatchFactory,
    ContractFactory,
    InvestorFactory,
    PartyFactory,
    ProjectFactory,
    SessionFactory,
    ZoneFactory,
)

pytestmark = pytest.mark.django_db
DAY = datetime.date(2019, 7, 2)


@pytest.fixture
def found(director):
    """`found(resource, status="lost")` answers what the list shows with these parameters."""
    request = RequestFactory().get("/")
    request.user = director
    return lambda resource, **params: list(resource.ordered(resource.filtered(request, params)))


def test_projects_by_investor_once_each(found):
    investor = InvestorFactory()
    InvestorFactory(project=investor.project)
    InvestorFactory()
    assert found(resources.projects, investor=investor.organization_id) == [investor.project]


def test_projects_by_several_statuses(found):
    lost, held, _active = (ProjectFactory(status=status) for status in ("lost", "on_hold", "active"))
    assert set(found(resources.projects, status__in="lost,on_hold")) == {lost, held}


def test_contracts_by_party_once_each(found):
    party = PartyFactory()
    PartyFactory(contract=party.contract, organization=party.organization, role="operator")
    PartyFactory()
    assert found(resources.contracts, party=party.organization_id) == [party.contract]


def test_contracts_signed_in_a_period_without_its_end(found):
    contracts = [ContractFactory(signed_on=DAY + datetime.timedelta(days)) for days in (0, 1, 2)]
    ContractFactory(signed_on=None)
    assert found(resources.contracts, signed_after="2019-07-03", signed_before="2019-07-04") == [contracts[1]]


def test_batches_of_an_event(found):
    batch = BatchFactory(session=SessionFactory(kind="signing"))
    BatchFactory()
    assert found(resources.batches, session__event=batch.session.event_id) == [batch]


def test_parts_of_a_zone(found):
    part = ZoneFactory(parent=ZoneFactory())
    assert found(resources.zones, parent=part.parent_id) == [part]


def test_contracts_without_a_date_come_last(found):
    unsigned, early, late = (ContractFactory(signed_on=day) for day in (None, DAY, DAY + datetime.timedelta(1)))
    assert found(resources.contracts) == [late, early, unsigned]
