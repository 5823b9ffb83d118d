import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from crm import panels
from tests.factories import (
    AffiliationFactory,
    InteractionFactory,
    LeadFactory,
    PersonFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_user():
    def request(user):
        request = RequestFactory().get("/")
        request.user = user
        return request

    return request


def in_days(days):
    return timezone.localdate() + datetime.timedelta(days)


def urls(panel):
    return [row.url for row in panel.rows]


def address(record):
    return f"/admin/crm/{record._meta.model_name}/{record.pk}/"


class TestToday:
    def test_my_next_steps_are_my_own_open_leads_the_earliest_first(self, as_user, officer, tokyo_station):
        later, sooner = (LeadFactory(station=tokyo_station, owner=officer, next_step_on=in_days(n)) for n in (5, 1))
        LeadFactory(station=tokyo_station, owner=officer)
        LeadFactory(station=tokyo_station, next_step_on=in_days(1))
        LeadFactory(station=tokyo_station, owner=officer, next_step_on=in_days(1), stage="converted")
        panel = panels.my_next_steps(as_user(officer))
        assert (panel.count, urls(panel)) == (2, [address(sooner), address(later)])

    def test_overdue_leads_are_those_of_my_stations(self, as_user, officer, stranger, tokyo_station):
        lead = LeadFactory(station=tokyo_station, next_step_on=in_days(-1))
        LeadFactory(station=tokyo_station, next_step_on=in_days(0))
        assert urls(panels.overdue_leads(as_user(officer))) == [address(lead)]
        assert panels.overdue_leads(as_user(stranger)).count == 0

    def test_a_day_that_has_passed_is_red(self):
        late, due = (LeadFactory.build(next_step_on=in_days(days)) for days in (-1, 0))
        assert panels.due_cell(late).tone == "red"
        assert panels.due_cell(due) == panels.day(in_days(0))

    def test_latest_interactions_have_taken_place(self, as_user, officer, tokyo_station):
        now = timezone.now()
        held = [InteractionFactory(station=tokyo_station, starts_at=now - datetime.timedelta(days=n)) for n in (2, 1)]
        InteractionFactory(station=tokyo_station, starts_at=now + datetime.timedelta(days=1))
        assert urls(panels.latest_interactions(as_user(officer))) == [address(held[1]), address(held[0])]

    @pytest.mark.parametrize("panel", [panels.my_next_steps, panels.overdue_leads, panels.latest_interactions])
    def test_who_may_not_read_leads_has_no_such_panel(self, as_user, nobody, panel):
        assert panel(as_user(nobody)) is None

    def test_an_auditor_has_no_next_steps(self, as_user, auditor):
        assert panels.my_next_steps(as_user(auditor)) is None

    def test_a_panel_shows_eight_and_counts_all(self, as_user, officer, tokyo_station):
        LeadFactory.create_batch(9, station=tokyo_station, next_step_on=in_days(-1))
        panel = panels.overdue_leads(as_user(officer))
        assert (len(panel.rows), panel.count) == (8, 9)


class TestRecords:
    def test_leads_of_an_organization_that_the_reader_may_see(self, as_user, officer, stranger, tokyo_station):
        lead = LeadFactory(station=tokyo_station)
        panel = panels.organization_leads(as_user(officer), lead.organization)
        assert urls(panel) == [address(lead)]
        assert panel.add_url == f"/admin/crm/lead/add/?organization={lead.organization_id}"
        assert panels.organization_leads(as_user(stranger), lead.organization).rows == []

    def test_a_lead_for_a_person_starts_with_the_present_employer(self, as_user, director):
        person = PersonFactory()
        AffiliationFactory(person=person, ends_on=in_days(-1))
        post = AffiliationFactory(person=person)
        panel = panels.person_leads(as_user(director), person)
        assert panel.add_url == f"/admin/crm/lead/add/?contact={person.pk}&organization={post.organization_id}"

    def test_people_of_an_organization_without_the_archived(self, as_user, director):
        post = AffiliationFactory()
        AffiliationFactory(organization=post.organization).person.archive("Registered twice")
        panel = panels.organization_people(as_user(director), post.organization)
        assert urls(panel) == [address(post.person)]
