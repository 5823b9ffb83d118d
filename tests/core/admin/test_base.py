"""The form of a new record."""

import pytest

from core.admin.links import add_url, change_url
from crm.models import Interaction, Lead, Organization, Sector
from tests.factories import LeadFactory, OrganizationFactory, StationFactory

pytestmark = pytest.mark.django_db


def test_a_new_record_starts_with_its_author_and_own_station(officer, tokyo_station, logged_in):
    StationFactory(name="A station before it")
    form = logged_in(officer).get(add_url(Lead)).context["adminform"].form
    assert (form.initial["owner"], form.initial["station"]) == (officer.pk, tokyo_station.pk)
    form = logged_in(officer).get(add_url(Interaction)).context["adminform"].form
    assert form.initial["staff"] == [officer.pk]


def test_a_link_can_fill_in_a_new_record(officer, logged_in):
    organization = OrganizationFactory(name="日本電気")
    response = logged_in(officer).get(add_url(Lead, organization=organization.pk, title="Battery plant"))
    text = response.content.decode()
    assert 'value="Battery plant"' in text
    assert "日本電気" in text


def test_who_may_not_add_has_no_form(auditor, logged_in):
    assert logged_in(auditor).get(add_url(Lead)).status_code == 403
    assert logged_in(auditor).post(add_url(Organization), {"name": "x", "country": "JP"}).status_code == 403
    assert not Organization.objects.exists()


def test_who_may_only_read_cannot_save(auditor, logged_in):
    lead = LeadFactory(next_step="call")
    assert logged_in(auditor).post(change_url(lead), {"title": "x", "record_version": "1"}).status_code == 403
    assert Lead.objects.get(pk=lead.pk).version == 1


def test_the_code_of_a_reference_entry_is_set_once(director, logged_in):
    client, sector = logged_in(director), Sector.objects.first()
    assert "code" in client.get(add_url(Sector)).context["adminform"].form.fields
    assert "code" not in client.get(change_url(sector)).context["adminform"].form.fields
