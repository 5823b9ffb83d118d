import pytest
from django.utils import timezone

from core.records import StaleRecord
from core.request_context import acting
from crm.leads import STAGE_FLOW
from crm.models import Lead, Sector
from projects.conversion import convert
from projects.models import Project, ProjectInvestor
from tests.factories import LeadFactory, UserFactory, ZoneFactory
from tests.rules import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(tokyo_station):
    lead = LeadFactory(
        title="Clean room plant", station=tokyo_station, stage="qualified", sector=Sector.objects.first(), jobs=120
    )
    lead.collaborators.add(UserFactory())
    return lead


def nothing_was_opened():
    return not Project.objects.exists() and not ProjectInvestor.objects.exists()


def test_the_project_takes_over_what_the_lead_knows(lead, officer):
    zone = ZoneFactory()
    with acting(officer):
        project = convert(lead, owner=officer, zone=zone)
    stored = Project.objects.values(
        "name", "lead", "station", "owner", "sector", "jobs", "zone", "stage", "status"
    ).get()
    assert stored == {
        "name": "Clean room plant", "lead": lead.pk, "station": lead.station_id, "owner": officer.pk,
        "sector": lead.sector_id, "jobs": 120, "zone": zone.pk, "stage": "negotiating", "status": "active",
    }  # fmt: skip
    assert list(project.collaborators.all()) == list(lead.collaborators.all())


def test_the_organization_becomes_the_investor(lead):
    project = convert(lead, owner=lead.owner)
    assert [investor.organization for investor in project.investors.all()] == [lead.organization]


def test_the_project_may_have_a_name_of_its_own(lead):
    assert convert(lead, owner=lead.owner, name="AIRTECH Suzhou").name == "AIRTECH Suzhou"


def test_the_lead_is_converted_and_says_into_what(lead, officer):
    with acting(officer):
        project = convert(lead, owner=officer)
    change = lead.stage_changes.values("from_value", "to_value", "reason", "changed_by").last()
    assert change == {
        "from_value": "qualified", "to_value": "converted", "reason": project.reference, "changed_by": officer.pk,
    }  # fmt: skip
    assert Lead.objects.get().stage == "converted"


def test_who_works_on_a_lead_of_another_station_converts_it(lead, stranger):
    lead.collaborators.add(stranger)
    with acting(stranger):
        project = convert(lead, owner=stranger)
    assert (project.station, project.owner) == (lead.station, stranger)


def test_a_sector_that_was_retired_since_is_taken_over(lead):
    lead.sector.retired_on = timezone.localdate()
    lead.sector.save()
    assert convert(lead, owner=lead.owner).sector == lead.sector


def test_a_sample_lead_becomes_a_sample_project(lead):
    lead.is_sample = True
    assert convert(lead, owner=lead.owner).is_sample


@pytest.mark.parametrize("stage", ["new", "contacted", "disqualified", "converted"])
def test_only_a_qualified_lead_is_converted(stage):
    lead = LeadFactory(stage=stage)
    with refused(__all__="Only a qualified lead is converted. Move it to “qualified” first."):
        convert(lead, owner=lead.owner)
    assert nothing_was_opened()


def test_an_archived_lead_is_not_converted(lead):
    lead.archive("Registered twice")
    with refused(__all__="This record is archived. Restore it first."):
        convert(lead, owner=lead.owner)
    assert nothing_was_opened()
    assert lead.stage == "qualified"


def test_a_name_that_is_too_long_opens_nothing(lead):
    with refused(name="Ensure this value has at most 255 characters (it has 256)."):
        convert(lead, owner=lead.owner, name="x" * 256)
    assert nothing_was_opened()


def test_a_lead_that_somebody_changed_meanwhile_opens_nothing(lead):
    other = Lead.objects.get()
    STAGE_FLOW.move(other, "contacted", reason="Not yet")
    with pytest.raises(StaleRecord):
        convert(lead, owner=lead.owner)
    assert nothing_was_opened()
    assert Lead.objects.get().stage == "contacted"


def test_a_lead_is_converted_once(lead):
    convert(lead, owner=lead.owner)
    with refused(__all__="Only a qualified lead is converted. Move it to “qualified” first."):
        convert(lead, owner=lead.owner)
    assert Project.objects.count() == 1
