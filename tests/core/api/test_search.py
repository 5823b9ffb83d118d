"""The search over everything, for programs."""

import pytest

from tests.core.api.calling import errors
from tests.factories import LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def test_hits_say_what_they_are_and_where(api, officer):
    company = OrganizationFactory(name="Minori Works", country="JP", city="大阪")
    assert api(officer).get("search/?q=minori").json() == {
        "results": [
            {
                "kind": "organizations",
                "id": company.pk,
                "reference": company.reference,
                "name": "Minori Works",
                "detail": company.detail,
                "url": f"http://testserver/admin/crm/organization/{company.pk}/",
            }
        ]
    }


def test_records_of_other_stations_are_not_there(api, stranger, tokyo_station):
    LeadFactory(title="Minori plant", station=tokyo_station)
    assert api(stranger).get("search/?q=minori").json() == {"results": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "required"), ("?q=", "required"), ("?q=%20", "required"), (f"?q={'x' * 201}", "max_length")],
)
def test_what_cannot_be_looked_for_is_told_at_the_parameter(api, officer, query, code):
    response = api(officer).get(f"search/{query}")
    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/q", code)]


def test_a_parameter_that_there_is_not_is_refused(api, officer):
    response = api(officer).get("search/?q=x&limit=5")
    assert response.status_code == 400
    assert "/limit" in str(errors(response))


def test_a_token_is_needed(client):
    assert client.get("/api/v1/search/?q=x").status_code == 401
