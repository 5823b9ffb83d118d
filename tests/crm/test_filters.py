import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from crm import resources
from tests.factories import (
    AffiliationFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2024, 7, 2, 9, tzinfo=datetime.UTC)


@pytest.fixture
def found(director):
    """`found(resource, stage="new")` answers what the list shows with these parameters."""
    request = RequestFactory().get("/")
    request.user = director
    return lambda resource, **params: list(resource.ordered(resource.filtered(request, params)))


def in_days(days):
    return timezone.localdate() + datetime.timedelta(days)


@pytest.mark.parametrize(("value", "stages"), [("true", {"new"}), ("false", {"converted", "disqualified"})])
def test_leads_open_or_not(found, value, stages):
    for stage in ("new", "converted", "disqualified"):
        LeadFactory(stage=stage)
    assert {lead.stage for lead in found(resources.leads, open=value)} == stages


@pytest.mark.parametrize(("overdue", "titles"), [("true", {"late"}), ("false", {"in time", "unplanned"})])
def test_leads_overdue_or_not(found, overdue, titles):
    for title, days in (("late", -1), ("in time", 0)):
        LeadFactory(title=title, next_step_on=in_days(days))
    LeadFactory(title="unplanned")
    assert {lead.title for lead in found(resources.leads, overdue=overdue)} == titles


def test_leads_by_the_day_of_the_next_step(found):
    leads = [LeadFactory(next_step_on=in_days(days)) for days in (0, 1, 2, 3)]
    LeadFactory()
    days = {"next_step_after": str(in_days(1)), "next_step_before": str(in_days(2)), "archived": "all"}
    assert set(found(resources.leads, **days)) == set(leads[1:3])


def test_leads_by_the_country_of_the_organization(found):
    lead = LeadFactory(organization=OrganizationFactory(country="KR"))
    LeadFactory()
    assert found(resources.leads, organization__country="KR") == [lead]


def test_leads_by_several_stages(found):
    new, contacted, _qualified = (LeadFactory(stage=stage) for stage in ("new", "contacted", "qualified"))
    assert set(found(resources.leads, stage__in="new,contacted")) == {new, contacted}


def test_people_by_organization_once_each(found):
    post = AffiliationFactory()
    AffiliationFactory(person=post.person, organization=post.organization, position="顧問")
    PersonFactory()
    assert found(resources.people, organization=post.organization_id) == [post.person]


def test_interactions_by_time(found):
    talks = [InteractionFactory(starts_at=NOW + datetime.timedelta(days=days)) for days in (0, 1, 2)]
    period = {"starts_after": "2024-07-03T09:00:00Z", "starts_before": "2024-07-04T09:00:00Z"}
    assert found(resources.interactions, **period) == [talks[1]]


@pytest.mark.parametrize("search", ["anna", "ANNA", "user-of-anna"])
def test_users_by_name(found, search):
    user = UserFactory(username="user-of-anna", full_name="Anna")
    assert found(resources.users, search=search) == [user]


@pytest.mark.parametrize("search", ["semiconductor", "半导体", "半導体"])
def test_reference_lists_by_any_name(found, search):
    assert [sector.code for sector in found(resources.sectors, search=search)] == ["semiconductors"]


def test_archived_records_are_asked_for(found):
    kept, archived = LeadFactory.create_batch(2)
    archived.archive("Registered twice")
    assert found(resources.leads) == found(resources.leads, archived="false") == [kept]
    assert found(resources.leads, archived="true") == [archived]
    assert set(found(resources.leads, archived="all")) == {kept, archived}
