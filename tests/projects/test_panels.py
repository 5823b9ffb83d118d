import pytest
from django.test import RequestFactory

from crm.models import Lead
from projects import panels
from tests.factories import (
    BatchFactory,
    ContractFactory,
    EventFactory,
    InvestorFactory,
    LeadFactory,
    OrganizationFactory,
    PartyFactory,
    ProjectFactory,
    SessionFactory,
    ZoneFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_user():
    def request(user):
        request = RequestFactory().get("/")
        request.user = user
        return request

    return request


@pytest.fixture
def request_(as_user, director):
    return as_user(director)


def urls(panel):
    return [row.url for row in panel.rows]


def address(record):
    return f"/admin/projects/{record._meta.model_name}/{record.pk}/"


def texts(panel):
    return [" | ".join(str(getattr(cell, "badge", cell)) for cell in row.cells) for row in panel.rows]


class TestToday:
    def test_projects_in_progress_at_my_stations(self, as_user, officer, stranger, tokyo_station):
        project = ProjectFactory(station=tokyo_station)
        ProjectFactory(station=tokyo_station, status="lost")
        assert urls(panels.projects_in_progress(as_user(officer))) == [address(project)]
        assert panels.projects_in_progress(as_user(stranger)).count == 0

    def test_who_may_not_read_projects_has_no_such_panel(self, as_user, nobody):
        assert panels.projects_in_progress(as_user(nobody)) is None


class TestZone:
    def test_shows_its_contracts_and_how_complete_their_batch_is(self, request_):
        zone, batch = ZoneFactory(), BatchFactory(name="First batch", announced_count=8)
        contracts = ContractFactory.create_batch(3, zone=zone, batch=batch)
        ContractFactory()
        panel = panels.zone_contracts(request_, zone)
        assert (panel.count, set(urls(panel))) == (3, {address(contract) for contract in contracts})
        assert panel.note == "First batch: 3 of 8 recorded"

    def test_shows_its_projects_and_parts(self, request_):
        zone = ZoneFactory()
        project, part = ProjectFactory(zone=zone), ZoneFactory(parent=zone)
        assert urls(panels.zone_projects(request_, zone)) == [address(project)]
        assert urls(panels.zone_parts(request_, zone)) == [address(part)]
        assert panels.zone_parts(request_, part) is None

    def test_contracts_of_other_stations_are_neither_listed_nor_counted(self, as_user, officer, tokyo_station):
        zone, batch = ZoneFactory(), BatchFactory(name="First batch", announced_count=8)
        ours, elsewhere = ContractFactory(zone=zone, batch=batch, station=tokyo_station), ZoneFactory()
        ContractFactory(zone=zone, batch=batch)
        ContractFactory(zone=elsewhere, batch=batch)
        panel = panels.zone_contracts(as_user(officer), zone)
        assert (urls(panel), panel.note) == ([address(ours)], "First batch: 1 of 8 recorded (of those you can see)")
        assert panels.zone_contracts(as_user(officer), elsewhere).note == ""


class TestContracts:
    def test_of_a_batch_with_parties_and_amount(self, request_):
        batch = BatchFactory(session=SessionFactory(kind="signing"))
        contract = ContractFactory(batch=batch, contracted_amount=350_000_000, contracted_currency="CNY")
        PartyFactory(contract=contract, organization=OrganizationFactory(name="日本電気"))
        panel = panels.batch_contracts(request_, batch)
        assert panel.note == "1 of 8 recorded"
        assert panel.add_url == f"/admin/projects/contract/add/?batch={batch.pk}&event={batch.session.event_id}"
        assert "日本電気" in texts(panel)[0]
        assert "350,000,000" in texts(panel)[0]

    def test_of_an_event_and_a_project(self, request_):
        event, project = EventFactory(), ProjectFactory()
        signed, planned = ContractFactory(event=event), ContractFactory(project=project)
        assert urls(panels.event_contracts(request_, event)) == [address(signed)]
        assert urls(panels.project_contracts(request_, project)) == [address(planned)]

    def test_of_an_organization_once_however_many_roles_it_has(self, request_):
        party = PartyFactory()
        PartyFactory(contract=party.contract, organization=party.organization, role="operator")
        assert urls(panels.organization_contracts(request_, party.organization)) == [address(party.contract)]
        assert panels.organization_contracts(request_, OrganizationFactory()) is None

    def test_batches_of_an_event_and_a_session(self, request_):
        batch = BatchFactory(session=SessionFactory(kind="signing"))
        assert urls(panels.event_batches(request_, batch.session.event)) == [address(batch)]
        assert urls(panels.session_batches(request_, batch.session)) == [address(batch)]
        assert panels.event_batches(request_, EventFactory()) is None


class TestProjects:
    def test_of_an_investor_and_of_a_lead(self, request_):
        investor, lead = InvestorFactory(), LeadFactory()
        came_of_it = ProjectFactory(lead=lead)
        assert urls(panels.organization_projects(request_, investor.organization)) == [address(investor.project)]
        assert urls(panels.lead_projects(request_, lead)) == [address(came_of_it)]
        assert panels.lead_projects(request_, LeadFactory()) is None


class TestConvertAction:
    def offered(self, as_user, user, lead):
        return [action["url"] for action in panels._convert_action(as_user(user), lead)]

    def test_is_offered_for_a_qualified_lead(self, as_user, officer, tokyo_station):
        lead = LeadFactory(stage="qualified", station=tokyo_station)
        assert self.offered(as_user, officer, lead) == [f"/admin/projects/project/convert/{lead.pk}/"]

    @pytest.mark.parametrize("stage", [stage for stage in Lead.Stage if stage != "qualified"])
    def test_not_for_any_other(self, as_user, officer, tokyo_station, stage):
        assert self.offered(as_user, officer, LeadFactory(stage=stage, station=tokyo_station)) == []

    def test_not_to_those_who_may_not_change_it(self, as_user, auditor, stranger, tokyo_station):
        lead = LeadFactory(stage="qualified", station=tokyo_station)
        assert self.offered(as_user, auditor, lead) == self.offered(as_user, stranger, lead) == []

    def test_not_for_an_archived_one(self, as_user, officer, tokyo_station):
        lead = LeadFactory(stage="qualified", station=tokyo_station)
        lead.archive("Registered twice")
        assert self.offered(as_user, officer, lead) == []
