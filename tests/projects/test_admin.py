import pytest

from crm.models import Lead
from projects.models import Project
from tests.factories import BatchFactory, ContractFactory, LeadFactory, ZoneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(tokyo_station):
    return LeadFactory(title="Clean room plant", stage="qualified", station=tokyo_station)


def page(lead):
    return f"/admin/projects/project/convert/{lead.pk}/"


class TestConversion:
    def test_proposes_the_title_of_the_lead(self, logged_in, officer, lead):
        response = logged_in(officer).get(page(lead))
        assert response.status_code == 200
        assert 'value="Clean room plant"' in response.content.decode()

    def test_opens_the_project_and_shows_it(self, logged_in, officer, lead):
        zone = ZoneFactory()
        response = logged_in(officer).post(page(lead), {"name": "AIRTECH Suzhou", "zone": zone.pk})
        project = Project.objects.get()
        assert response.url == f"/admin/projects/project/{project.pk}/"
        assert (project.name, project.zone, project.owner, project.lead) == ("AIRTECH Suzhou", zone, officer, lead)
        assert project.created_by == officer

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"name": "a\x00b"}, "name"),
            ({"name": "A", "zone": "0"}, "zone"),
        ],
    )
    def test_mistakes_are_shown_at_the_field(self, logged_in, officer, lead, data, field):
        response = logged_in(officer).post(page(lead), data)
        assert list(response.context["form"].errors) == [field]
        assert not Project.objects.exists()

    def test_an_archived_zone_is_not_offered(self, logged_in, officer, lead):
        zone = ZoneFactory()
        zone.archive("Merged")
        response = logged_in(officer).post(page(lead), {"name": "A", "zone": zone.pk})
        assert list(response.context["form"].errors) == ["zone"]

    def test_a_lead_that_is_not_qualified_says_so(self, logged_in, officer, tokyo_station):
        lead = LeadFactory(station=tokyo_station)
        response = logged_in(officer).post(page(lead), {"name": "A"})
        assert "Only a qualified lead is converted" in response.content.decode()
        assert not Project.objects.exists()

    def test_a_lead_out_of_sight_does_not_exist(self, logged_in, stranger, lead):
        assert logged_in(stranger).get(page(lead)).status_code == 404
        assert logged_in(stranger).post(page(lead), {"name": "A"}).status_code == 404

    def test_who_may_not_open_projects_is_refused(self, logged_in, auditor, lead):
        assert logged_in(auditor).post(page(lead), {"name": "A"}).status_code == 403
        assert Lead.objects.get().stage == "qualified"

    @pytest.mark.parametrize("pk", [0, 2**63, 10**30])
    def test_a_number_that_is_none_does_not_exist(self, logged_in, officer, pk):
        assert logged_in(officer).get(f"/admin/projects/project/convert/{pk}/").status_code == 404


class TestLists:
    def test_batches_say_how_complete_they_are(self, logged_in, director):
        ContractFactory.create_batch(3, batch=BatchFactory(announced_count=8))
        assert "3 of 8 recorded" in logged_in(director).get("/admin/projects/batch/").content.decode()

    def test_contracts_of_other_stations_are_not_listed(self, logged_in, officer, tokyo_station):
        ContractFactory(title="Ours", station=tokyo_station)
        ContractFactory(title="Theirs")
        listed = logged_in(officer).get("/admin/projects/contract/").content.decode()
        assert "Ours" in listed
        assert "Theirs" not in listed

    @pytest.mark.parametrize("model", ["zone", "project", "contract", "batch"])
    def test_lists_open(self, logged_in, director, model):
        ContractFactory()
        assert logged_in(director).get(f"/admin/projects/{model}/").status_code == 200
