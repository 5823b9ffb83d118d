"""What a rule governs is not set by naming it in a body: the API says so at the field, a form takes no notice."""

import datetime
import json
import logging

import pytest
from django.db import models
from django.urls import reverse

from core import resources
from core.api.serializers import serializer_for
from core.records import Record
from crm.models import Lead
from tests.factories import LeadFactory, UserFactory
from tests.pages import record_form, record_page
from tests.ways import Api, ApiChange, Form, example

pytestmark = pytest.mark.django_db
WRITTEN = [slug for slug, resource in resources.everything().items() if issubclass(resource.model, Record)]
every_resource = pytest.mark.parametrize("slug", WRITTEN)
BY_RULE = ("id", "version", "created_by", "created_at", "updated_by", "updated_at", "is_sample", "search_text",
           "archived_at", "archived_by", "archive_reason")  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def governed(model):
    """The fields that people do not set: those of every record, and its stages and statuses."""
    return [model._meta.get_field(name) for name in (*BY_RULE, *(flow.field for flow in getattr(model, "flows", ())))]


def another(field, user):
    """A value that the field does not have, as JSON."""
    if field.choices:
        return field.choices[-1][0]
    if field.is_relation:
        return user.pk
    for kind, value in (
        (models.BooleanField, True),
        (models.DateTimeField, "2001-02-03T04:05:06Z"),
        (models.IntegerField, 4711),
    ):
        if isinstance(field, kind):
            return value
    return "by hand"


def stored(record):
    return type(record)._base_manager.filter(pk=record.pk).values().get()


@every_resource
@pytest.mark.parametrize("way", [Api, ApiChange])
def test_a_body_that_sets_what_a_rule_governs_is_refused_at_the_field(slug, way, director, logged_in):
    sender = way(logged_in(director), slug)
    count = sender.serializer.Meta.model.objects.count()
    before = stored(sender.record) if way is ApiChange else None
    for field in governed(sender.serializer.Meta.model):
        answer = sender.send({(field.name,): another(field, director)})
        assert (answer.status, answer.fields) == (400, {(field.name,)}), field.name
    assert sender.serializer.Meta.model.objects.count() == count
    assert before is None or stored(sender.record) == before


@every_resource
def test_a_patch_of_nothing_else_is_refused_as_well(slug, director, logged_in):
    client, record = logged_in(director), example(slug)
    before = stored(record)
    for field in governed(type(record)):
        body = json.dumps({field.name: another(field, director)})
        answer = client.patch(f"/api/v1/{slug}/{record.pk}/", body, "application/json", headers={"If-Match": "*"})
        assert answer.status_code == 400, field.name
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field.name}"]
    assert stored(record) == before


@every_resource
def test_no_body_offers_what_a_rule_governs(slug):
    serializer = serializer_for(resources.get(slug))()
    assert {field.name for field in governed(serializer.Meta.model)} & set(serializer.fields) == set()
    for name, part in serializer.parts.items():
        assert part.Meta.model.whole not in serializer.fields[name].child.fields


@every_resource
def test_more_inputs_in_a_form_have_no_effect(slug, director, logged_in):
    client, record = logged_in(director), example(slug)
    before, address = stored(record), record_page(record, "change")
    more = {field.name: str(another(field, director)) for field in governed(type(record))}
    more |= {"created_at_0": "2001-02-03", "created_at_1": "04:05:06", "pk": "4711"}
    assert client.post(address, {**record_form(client, address), **more}).status_code == 302
    after = stored(record)
    saved = {"version", "updated_at", "updated_by_id"}
    kept = {field.attname for field in governed(type(record))} - saved
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (after["version"], after["updated_by_id"]) == (before["version"] + 1, director.pk)
    assert after["updated_at"] > before["updated_at"] > datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@every_resource
def test_more_inputs_in_the_form_of_a_new_record_have_no_effect(slug, director, logged_in):
    if resources.get(slug).within:
        return
    sender, other = Form(logged_in(director), slug), UserFactory()
    before = set(sender.model.objects.values_list("pk", flat=True))
    more = {field.name: str(another(field, other)) for field in governed(sender.model) if field.name != "id"}
    assert sender.client.post(f"{sender.page}/add/", {**sender.data, **more}).status_code == 302
    (row,) = sender.model.objects.exclude(pk__in=before).values()
    assert (row["created_by_id"], row["archived_at"], row["is_sample"]) == (director.pk, None, False)
    assert row["version"] < 4711  # its parts and links raise it
    for flow in getattr(sender.model, "flows", ()):
        assert row[flow.field] == sender.model._meta.get_field(flow.field).default


# -- owner, station, and who sees the record --------------------------------------------------------------------------


@pytest.fixture
def shared_lead(tokyo_station, stranger):
    """Of the Tokyo station; an officer of Osaka works along."""
    lead = LeadFactory(station=tokyo_station, title="Geheimsache")
    lead.collaborators.add(stranger)
    return lead


def taking_away(name, stranger, osaka_station):
    return {"owner": stranger.pk, "station": osaka_station.pk, "collaborators": []}[name]


@pytest.mark.parametrize("name", ["owner", "station", "collaborators"])
def test_who_works_along_takes_no_record_away_through_the_api(name, shared_lead, stranger, osaka_station, logged_in):
    client = logged_in(stranger)
    body = json.dumps({name: taking_away(name, stranger, osaka_station)})
    address = f"/api/v1/leads/{shared_lead.pk}/"
    answer = client.patch(address, body, "application/json", headers={"If-Match": "*"})
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(f"/{name}", "not_in_charge")]
    assert list(Lead.objects.get(pk=shared_lead.pk).collaborators.all()) == [stranger]


@pytest.mark.parametrize("name", ["owner", "station", "collaborators"])
def test_who_works_along_takes_no_record_away_on_its_page(name, shared_lead, stranger, osaka_station, logged_in):
    client, address = logged_in(stranger), record_page(shared_lead, "change")
    values = record_form(client, address, **{name: taking_away(name, stranger, osaka_station)})
    response = client.post(address, values)
    assert response.context["adminform"].form.errors.as_data()[name][0].code == "not_in_charge"
    assert Lead.objects.get(pk=shared_lead.pk).version == shared_lead.version


def test_who_works_along_saves_the_rest_of_the_page(shared_lead, stranger, logged_in):
    client, address = logged_in(stranger), record_page(shared_lead, "change")
    assert client.post(address, record_form(client, address, next_step="call")).status_code == 302
    assert Lead.objects.get(pk=shared_lead.pk).next_step == "call"


@pytest.mark.parametrize("way", ["api", "page"])
def test_no_record_is_filed_at_a_station_where_one_does_not_work(way, officer, osaka_station, logged_in):
    client = logged_in(officer)
    if way == "api":
        sender = Api(client, "organizations")  # any organization will do
        body = {"title": "x", "organization": sender.request(json.dumps(sender.body)).json()["id"], "owner": officer.pk}
        answer = client.post("/api/v1/leads/", {**body, "station": osaka_station.pk}, "application/json")
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/station", "foreign_station")]
    else:
        address = reverse("admin:crm_lead_add")
        response = client.post(address, record_form(client, address, title="x", station=osaka_station.pk))
        assert response.context["adminform"].form.errors.as_data()["station"][0].code == "foreign_station"
    assert not Lead.objects.exists()
