"""An id out of reach is answered exactly like one that was never given, in every place where an id can be written.

Fields, parts, forms and filters are found in the declarations, so what is added later takes part. (What forms and
filters do with such an id besides is in `tests/test_registry_access.py`.)
"""

import copy
import json
import logging
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django_filters import ModelChoiceFilter, ModelMultipleChoiceFilter

from core import access, resources
from core.admin.base import RecordAdmin
from core.api.serializers import serializer_for
from core.records import Record
from crm.leads import STAGE_FLOW
from crm.models import Lead, Organization
from tests.access.world import NOWHERE, plain, rolled_back
from tests.factories import BY_RESOURCE, GuestFactory, LeadFactory, UserFactory
from tests.filled import filled
from tests.pages import record_form
from tests.ways import Api, ApiChange, Form, model_fields

pytestmark = pytest.mark.django_db
WRITTEN = [slug for slug, resource in resources.everything().items() if issubclass(resource.model, Record)]
SECRET = "Geheimsache"
every_resource = pytest.mark.parametrize("slug", WRITTEN)


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def writer(osaka_station):
    """May write every kind of record, of the Osaka station; sees neither the organizations nor what others have."""
    user = UserFactory(username="writer", role="Officer", station=osaka_station)
    user.groups.add(*Group.objects.filter(name__in=("Event manager", "Contract manager")))
    user.user_permissions.add(*Permission.objects.filter(codename__in=("add_liaisonstation", "change_liaisonstation")))
    return user


def hidden(field):
    """A record that the writer does not reach; of those that all staff share there is none."""
    target = field.related_model
    if not access.registered(target) or not access.is_restricted(target):
        return None
    names = {"title", "name", "subject"} & {f.name for f in target._meta.fields}
    return filled(target, **dict.fromkeys(names, SECRET))


def same_answers(first, second, pk):
    """Whether two answers are the same but for the id that was asked about."""
    texts = [
        re.sub(r"\d\d:\d\d:\d\d", "now", plain(answer.content.decode())).replace(str(NOWHERE), str(pk))
        for answer in (first, second)
    ]
    return (first.status_code, texts[0]) == (second.status_code, texts[1]) and SECRET not in texts[0]


def place(body, path, value):
    changed = copy.deepcopy(body)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


# -- bodies of the API ------------------------------------------------------------------------------------------------


@every_resource
@pytest.mark.parametrize("way", [Api, ApiChange])
def test_no_body_tells_an_id_out_of_reach_from_an_unknown_one(slug, way, director, writer, osaka_station, logged_in):
    sender = way(logged_in(director), slug)
    if way is ApiChange and "station" in sender.body:
        type(sender.record)._base_manager.filter(pk=sender.record.pk).update(station=osaka_station)
    sender.client = logged_in(writer)
    for path, field in sender.fields().items():
        if not field.is_relation or (target := hidden(field)) is None:
            continue
        as_list = (lambda pk: [pk]) if field.many_to_many else (lambda pk: pk)
        answers = [sender.request(json.dumps(place(sender.body, path, as_list(pk)))) for pk in (target.pk, NOWHERE)]
        assert [answer.status_code for answer in answers] == [400, 400], path
        assert same_answers(*answers, target.pk), path


@every_resource
def test_the_id_of_a_part_of_another_record_is_like_an_unknown_one(slug, director, logged_in):
    sender = ApiChange(logged_in(director), slug)
    for name in sender.serializer.parts:
        model = sender.serializer.parts[name].Meta.model
        other = filled(model)
        answers = [sender.request(json.dumps(place(sender.body, (name, 0, "id"), pk))) for pk in (other.pk, NOWHERE)]
        assert [answer.status_code for answer in answers] == [400, 400], name
        assert same_answers(*answers, other.pk), name
        assert model._base_manager.filter(pk=other.pk).exists()


def test_there_are_parts_and_relations_to_ask_about():
    """The tests above would pass if they were given none."""
    serializers = [serializer_for(resources.get(slug))() for slug in WRITTEN]
    asked = [
        field
        for serializer in serializers
        for field in model_fields(serializer.Meta.model, serializer.fields).values()
        if field.is_relation and access.is_restricted(field.related_model)
    ]
    assert len(asked) >= 5
    assert sum(len(serializer.parts) for serializer in serializers) >= 8


def test_a_lead_out_of_reach_is_not_converted(writer, logged_in):
    lead, client = LeadFactory(title=SECRET), logged_in(writer)
    STAGE_FLOW.move(lead, "qualified")
    answers = [
        client.post("/api/v1/projects/convert/", {"lead": pk}, content_type="application/json")
        for pk in (lead.pk, NOWHERE)
    ]
    assert same_answers(*answers, lead.pk)
    addresses = [reverse("admin:projects_project_convert", args=[pk]) for pk in (lead.pk, NOWHERE)]
    pages = [client.post(address, {"name": "x"}) for address in addresses]
    assert same_answers(*pages, lead.pk)
    assert Lead.objects.get(pk=lead.pk).stage == "qualified"


# -- forms of the staff site ------------------------------------------------------------------------------------------


@every_resource
def test_no_form_tells_an_id_out_of_reach_from_an_unknown_one(slug, director, writer, osaka_station, logged_in):
    if resources.get(slug).within:
        return  # the page is that of the wider resource
    sender = Form(logged_in(director), slug)
    sender.client = logged_in(writer)
    if "station" in sender.data:
        sender.data["station"] = osaka_station.pk
    for path, field in sender.fields().items():
        if not field.is_relation or (target := hidden(field)) is None:
            continue
        name = "-".join(str(step) for step in path)
        answers = [sender.client.post(f"{sender.page}/add/", {**sender.data, name: pk}) for pk in (target.pk, NOWHERE)]
        assert [answer.status_code for answer in answers] == [200, 200], path
        assert same_answers(*answers, target.pk), path


@every_resource
def test_no_form_is_preset_with_a_record_out_of_reach(slug, writer, logged_in):
    resource, client = resources.get(slug), logged_in(writer)
    address = reverse(f"admin:{resource.model._meta.label_lower.replace('.', '_')}_add")
    for field in [*resource.model._meta.fields, *resource.model._meta.many_to_many]:
        if not field.is_relation or not field.editable or (target := hidden(field)) is None:
            continue
        answers = [client.get(f"{address}?{field.name}={pk}") for pk in (target.pk, NOWHERE)]
        assert same_answers(*answers, target.pk), field.name


INLINES = [
    (model, inline.model)
    for model, page in admin.site._registry.items()
    if isinstance(page, RecordAdmin)
    for inline in page.inlines
]


@pytest.mark.parametrize(("model", "part"), INLINES, ids=lambda value: value.__name__)
def test_a_row_of_another_record_is_like_an_unknown_one(model, part, director, logged_in):
    """The hidden id of a row on a record's page, changed by hand."""
    client, other = logged_in(director), filled(part)
    record = access.whole_of(part).objects.get(pk=getattr(filled(part), f"{part.whole}_id"))
    address = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[record.pk])
    values = record_form(client, address)
    prefix = part._meta.get_field(part.whole).remote_field.related_name
    before = part._base_manager.filter(pk=other.pk).values().get()
    answers = []
    for pk in (other.pk, NOWHERE):
        with rolled_back():
            answers.append(client.post(address, {**values, f"{prefix}-0-id": str(pk)}))
    assert same_answers(*answers, other.pk)
    assert answers[0].status_code == 200
    assert part._base_manager.filter(pk=other.pk).values().get() == before


@pytest.mark.parametrize("pk_of", ["another station", "nobody"])
def test_a_lead_is_opened_at_ones_own_station_only(pk_of, officer, osaka_station, logged_in):
    guest = GuestFactory(organization=filled(Organization))
    pk = osaka_station.pk if pk_of == "another station" else NOWHERE
    address = reverse("admin:events_guest_lead", args=[guest.pk])
    response = logged_in(officer).post(address, {"title": "x", "station": pk})
    assert response.context["form"].errors.as_data()["station"][0].code == "invalid_choice"
    assert not Lead.objects.exists()


# -- filters ----------------------------------------------------------------------------------------------------------


def filters_of(slug):
    """(parameter, model) of each filter that takes the ids of records."""
    resource = resources.get(slug)
    relations = {field.name: field for field in resource.model._meta.fields if field.is_relation}
    for name, declared in resource.filterset.base_filters.items():
        if isinstance(declared, ModelChoiceFilter | ModelMultipleChoiceFilter):
            yield name, declared.extra["queryset"].model
        elif name.endswith("__in") and name.removesuffix("__in") in relations:
            yield name, relations[name.removesuffix("__in")].related_model


@pytest.mark.parametrize("slug", list(BY_RESOURCE))
def test_no_filter_tells_an_id_out_of_reach_from_an_unknown_one(slug, writer, logged_in):
    client = logged_in(writer)
    for name, target in filters_of(slug):
        if not access.is_restricted(target):
            continue
        record = filled(target)
        BY_RESOURCE[slug]()
        answers = [client.get(f"/api/v1/{slug}/?{name}={pk}") for pk in (record.pk, NOWHERE)]
        assert same_answers(*answers, record.pk), name
        model = resources.get(slug).model
        address = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
        pages = [client.get(f"{address}?{name}={pk}") for pk in (record.pk, NOWHERE)]
        assert same_answers(*pages, record.pk), name
