"""POST /api/v1/projects/convert/"""

import pytest

from crm.leads import STAGE_FLOW, Lead
from projects.models import Project
from tests.core.api.calling import errors
from tests.factories import LeadFactory, ZoneFactory


@pytest.fixture
def qualified(tokyo_station, officer):
    lead = LeadFactory(title="Gear plant", station=tokyo_station, owner=officer, jobs=30)
    STAGE_FLOW.move(lead, "qualified")
    return lead


def test_a_qualified_lead_becomes_a_project(api, officer, qualified):
    zone = ZoneFactory()
    response = api(officer).post("projects/convert/", {"lead": qualified.pk, "zone": zone.pk})
    assert response.status_code == 201
    body = response.json()
    assert (body["name"], body["jobs"], body["lead"], body["zone"]) == ("Gear plant", 30, qualified.pk, zone.pk)
    assert [investor["organization"] for investor in body["investors"]] == [qualified.organization_id]
    assert response["Location"].endswith(f"/api/v1/projects/{body['id']}/")
    assert Lead.objects.get(pk=qualified.pk).stage == "converted"


def test_a_lead_that_is_not_qualified_is_refused(api, officer, tokyo_station):
    lead = LeadFactory(station=tokyo_station, owner=officer)
    response = api(officer).post("projects/convert/", {"lead": lead.pk})
    assert response.status_code == 400
    assert errors(response) == {"": "not_qualified"}
    assert not Project.objects.exists()


def test_another_stations_lead_does_not_exist(api, stranger, qualified):
    hidden = api(stranger).post("projects/convert/", {"lead": qualified.pk})
    missing = api(stranger).post("projects/convert/", {"lead": 10**9})
    assert hidden.status_code == missing.status_code == 400
    assert errors(hidden) == errors(missing) == {"/lead": "does_not_exist"}


def test_who_may_only_read_cannot_convert(api, auditor, qualified):
    assert api(auditor).post("projects/convert/", {"lead": qualified.pk}).status_code == 403
    assert Lead.objects.get(pk=qualified.pk).stage == "qualified"
