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
    UserFactory,
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

    def test_replies_are_due_to_new_leads_the_oldest_first(self, as_user, officer, stranger, tokyo_station):
        older, newer = (LeadFactory(station=tokyo_station) for _n in range(2))
        LeadFactory(station=tokyo_station, stage="contacted")
        LeadFactory(station=tokyo_station).archive("Registered twice")
        assert urls(panels.replies_due(as_user(officer))) == [address(older), address(newer)]
        assert panels.replies_due(as_user(stranger)).count == 0

    def test_leads_without_a_next_step_are_my_own(self, as_user, officer, director, tokyo_station):
        mine, other = LeadFactory(station=tokyo_station, owner=officer), LeadFactory(station=tokyo_station)
        LeadFactory(station=tokyo_station, owner=officer, next_step_on=in_days(1))
        assert urls(panels.without_next_step(as_user(officer))) == [address(mine)]
        assert urls(panels.without_next_step(as_user(director))) == [address(mine), address(other)]

    def test_a_director_without_leads_has_no_panel_for_them(self, as_user, director, officer):
        assert panels.my_next_steps(as_user(director)) is None
        assert panels.my_next_steps(as_user(officer)).rows == []

    @pytest.mark.parametrize("panel", [panels.my_next_steps, panels.overdue_leads, panels.replies_due])
    def test_who_only_reads_leads_of_the_station_is_not_asked_to_work_on_them(self, as_user, panel, tokyo_station):
        assert panel(as_user(UserFactory(role="Contract manager", station=tokyo_station))) is None

    def test_an_auditor_watches_over_all_stations(self, as_user, auditor):
        lead = LeadFactory(next_step_on=in_days(-1))
        assert urls(panels.overdue_leads(as_user(auditor))) == [address(lead)]

    def test_every_panel_leads_to_the_list_that_it_counts(self, as_user, officer, tokyo_station, logged_in):
        LeadFactory(station=tokyo_station, owner=officer)
        LeadFactory(station=tokyo_station, owner=officer, next_step_on=in_days(-1), stage="contacted")
        client = logged_in(officer)
        for panel in (panels.my_next_steps, panels.overdue_leads, panels.replies_due, panels.without_next_step):
            made = panel(as_user(officer))
            assert (made.slug, client.get(made.more_url).context["cl"].result_count) == (made.slug, made.count) != 0

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
