import pytest

from crm.models import Lead
from events.followup import open_lead
from tests.factories import (
    DelegationFactory,
    EventFactory,
    GuestFactory,
    OrganizationFactory,
    PersonFactory,
    VisitFactory,
)
from tests.rules import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest():
    return GuestFactory(event=EventFactory(), organization=OrganizationFactory())


@pytest.fixture
def visit():
    visit = VisitFactory(delegation=DelegationFactory())
    visit.hosts.add(PersonFactory())
    return visit


def page(met):
    return f"/admin/events/{met._meta.model_name}/{met.pk}/lead/"


class TestUseCase:
    def test_a_lead_comes_of_a_guest(self, guest, tokyo_station, officer):
        lead = open_lead(guest, title="Gear plant", station=tokyo_station, owner=officer, next_step="Call")
        guest.refresh_from_db()
        assert guest.lead == lead
        assert (lead.organization, lead.contact) == (guest.organization, guest.person)
        assert (lead.channel.code, lead.stage, lead.next_step) == ("promotion_event", "new", "Call")

    def test_a_lead_comes_of_a_visit_with_its_first_host_as_contact(self, visit, tokyo_station, officer):
        lead = open_lead(visit, title="Gear plant", station=tokyo_station, owner=officer)
        assert (lead.organization, lead.contact) == (visit.organization, visit.hosts.get())
        assert lead.channel.code == "delegation_visit"

    def test_only_once(self, guest, tokyo_station, officer):
        open_lead(guest, title="First", station=tokyo_station, owner=officer)
        with refused(__all__="A lead has already come of this."):
            open_lead(guest, title="Second", station=tokyo_station, owner=officer)
        assert Lead.objects.count() == 1

    def test_a_guest_without_organization_is_refused(self, tokyo_station, officer):
        with refused(__all__="Say first which organization the guest comes from."):
            open_lead(GuestFactory(), title="First", station=tokyo_station, owner=officer)

    def test_a_lead_that_breaks_a_rule_leaves_the_guest_alone(self, guest, tokyo_station, officer):
        with refused(title="This field cannot be blank."):
            open_lead(guest, title="", station=tokyo_station, owner=officer)
        guest.refresh_from_db()
        assert guest.lead is None


class TestPage:
    def test_the_record_offers_it(self, guest, officer, logged_in):
        actions = logged_in(officer).get(page(guest).replace("/lead/", "/")).context["actions"]
        assert actions[0]["url"] == page(guest)

    def test_opens_the_lead_and_shows_it(self, guest, tokyo_station, officer, logged_in):
        response = logged_in(officer).post(page(guest), {"title": "Gear plant", "station": tokyo_station.pk})
        lead = Lead.objects.get()
        assert response.url == f"/admin/crm/lead/{lead.pk}/"
        assert (lead.owner, lead.station, lead.created_by) == (officer, tokyo_station, officer)

    def test_another_station_is_no_choice(self, guest, osaka_station, officer, logged_in):
        response = logged_in(officer).post(page(guest), {"title": "Gear plant", "station": osaka_station.pk})
        assert list(response.context["form"].errors) == ["station"]
        assert not Lead.objects.exists()

    def test_who_may_only_read_is_refused(self, guest, auditor, logged_in):
        assert logged_in(auditor).post(page(guest), {"title": "x"}).status_code == 403
