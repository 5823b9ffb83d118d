"""Admin lists leave as files."""

import csv
import io

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.admin.links import list_url
from core.exports_log import ExportLog
from crm.models import Lead, Organization
from tests.factories import LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def exported(client, model, **parameters):
    meta = model._meta
    response = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_export"), parameters)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def test_the_export_holds_the_list_as_it_is_filtered(officer, tokyo_station, logged_in):
    LeadFactory(station=tokyo_station, title="Battery plant")
    LeadFactory(station=tokyo_station, title="Warehouse")
    LeadFactory(title="Battery plant of others")
    rows = exported(logged_in(officer), Lead, search="battery", headers="codes")
    assert [row["title"] for row in rows] == ["Battery plant"]


def test_the_frame_of_the_page_does_not_disturb_the_export(officer, logged_in):
    OrganizationFactory(name="日本電気")
    rows = exported(logged_in(officer), Organization, o="1", p="7", e="1", _popup="1", headers="codes")
    assert [row["name"] for row in rows] == ["日本電気"]


def test_the_links_to_the_export_carry_the_filters(officer, logged_in):
    response = logged_in(officer).get(list_url(Lead, search="battery", stage="new", p="1"))
    links = {link["label"]: link["url"] for link in response.context["export_links"]}
    assert links["CSV"].endswith("/export/?search=battery&stage=new&format=csv")
    assert links["XLSX"].endswith("/export/?search=battery&stage=new&format=xlsx")


def test_who_may_not_export_is_offered_none_and_gets_none(auditor, logged_in):
    OrganizationFactory()
    client = logged_in(auditor)
    assert client.get(list_url(Organization)).context["export_links"] == []
    assert client.get(list_url(Organization) + "export/").status_code == 403
    assert not ExportLog.objects.exists()


@pytest.mark.parametrize("parameters", [{"format": "pdf"}, {"format": ""}, {"headers": "none"}])
def test_a_format_that_does_not_exist_is_not_found(parameters, officer, logged_in):
    assert logged_in(officer).get(list_url(Organization) + "export/", parameters).status_code == 404


def test_a_wrong_filter_exports_nothing_and_leads_back_to_the_list(officer, logged_in):
    OrganizationFactory()
    response = logged_in(officer).get(list_url(Organization) + "export/", {"country": "ATLANTIS"})
    assert response["Location"] == list_url(Organization) + "?country=ATLANTIS"
    assert messages_of(response)
    assert not ExportLog.objects.exists()


def test_an_export_is_logged_with_its_filter(officer, logged_in):
    exported(logged_in(officer), Organization, country="JP")
    log = ExportLog.objects.get()
    assert (log.user, log.resource, log.format, log.rows) == (officer, "organizations", "csv", 0)
    assert log.parameters == {"country": "JP"}


def test_an_export_follows_the_order_of_the_page(director, logged_in):
    client = logged_in(director)
    for name, city in (("A", "Osaka"), ("B", "Kyoto"), ("C", "Nara")):
        OrganizationFactory(name=name, city=city)
    page = client.get("/admin/crm/organization/")
    number = 1 + page.context["cl"].list_display.index("city") - page.context["cl"].list_display.index("name")
    for order, expected in ((f"{number}", "BCA"), (f"-{number}", "ACB")):
        page = client.get("/admin/crm/organization/", {"o": order})
        assert "".join(record.name for record in page.context["cl"].result_list) == expected
        csv_link = page.context["export_links"][0]["url"]
        lines = b"".join(client.get(csv_link).streaming_content).decode("utf-8-sig").splitlines()[1:]
        assert "".join(line.split(",")[2].strip('"') for line in lines) == expected
