"""A record made by `create_many` against one made by `save`: every column, every entry, every row of its history."""

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError
from django.db.models import Q

from core.bulk_create import New, create_many
from core.imports import kinds
from core.records import Part, one_change
from core.request_context import acting
from crm.models import Affiliation, Alias, ContactPoint, Organization, Person
from tests.factories import OrganizationFactory
from tests.filled import MODELS, filled, needs

pytestmark = pytest.mark.django_db

KINDS = sorted(kinds.everything())
# Different for every record or every moment, and nothing else.
OF_THE_RECORD = {"id", "created_at", "updated_at"}
OF_THE_ENTRY = {"id", "object_pk", "object_id", "timestamp", "changes"}


def values(record, without=OF_THE_RECORD):
    return {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields if f.attname not in without}


def entries(record):
    """The audit entries of a record, its parts and its history, without numbers."""
    found = [about(entry, record) for entry in LogEntry.objects.get_for_object(record).order_by("pk")]
    for relation in record._meta.related_objects:
        whole = getattr(relation.related_model, "whole", "")
        if whole == relation.field.name:
            for part in relation.related_model._base_manager.filter(**{whole: record}).order_by("pk"):
                found += [about(entry, part) for entry in LogEntry.objects.get_for_object(part).order_by("pk")]
    return found


def about(entry, record):
    """Without what is another for every record, its own number and that of the whole it belongs to; and without
    fields that were empty and stay empty, which the signals of a single save write down as a change."""
    own = {"id", "changed_at", getattr(record, "whole", "")}
    changes = {name: change for name, change in entry.changes.items() if name not in own and change != ["None"] * 2}
    for change in changes.values():
        if isinstance(change, dict):  # links: the order in which their names stand means nothing
            change["objects"].sort()
    return values(entry, OF_THE_ENTRY), changes


def history(record):
    flows = getattr(record, "flows", ())
    rows = [row for flow in flows for row in getattr(record, flow.changes).order_by("pk")]
    return [values(row, {"id", "record_id", "changed_at"}) for row in rows]


def twin(record):
    """The same record, not stored yet; what must be unique is made so."""
    model = type(record)
    own = {field.attname: getattr(record, field.attname) for field in model._meta.concrete_fields if field.editable}
    made = model(**{name: value for name, value in own.items() if name != "id"})
    if model._meta.label == "events.Guest":
        made.person = MODELS[Person]()
    return made


@pytest.mark.parametrize("slug", KINDS)
def test_is_like_one_that_was_saved(slug, officer):
    model = kinds.get(slug).model
    template = filled(model, **needs(model))
    single, bulk = twin(template), twin(template)
    if hasattr(bulk, "person_id") and slug == "guests":
        bulk.person.family_name = single.person.family_name
        bulk.person.given_name = single.person.given_name
        bulk.person.save()
    with acting(officer, "192.0.2.7", "request-1"):
        single.save()
        create_many([New(bulk)])
    single.refresh_from_db()
    stored = model.objects.get(pk=bulk.pk)
    unlike = {"person_id"} if slug == "guests" else set()
    assert values(stored, OF_THE_RECORD | unlike) == values(single, OF_THE_RECORD | unlike)
    assert stored.created_by == stored.updated_by == officer
    assert history(stored) == history(single)
    told, expected = entries(stored), entries(single)
    for _entry, changes in (*told, *expected):
        changes.pop("person", None) if unlike else None
    assert told == expected
    assert len(told) == 1 + len(history(single))


def links(model):
    return [field.name for field in model._meta.many_to_many]


@pytest.mark.parametrize("slug", [slug for slug in KINDS if links(kinds.get(slug).model)])
def test_links_are_like_those_that_were_added(slug, officer):
    model = kinds.get(slug).model
    template = filled(model, **needs(model))
    single, bulk = twin(template), twin(template)
    linked = {
        name: [MODELS[model._meta.get_field(name).related_model]() for _time in range(2)] for name in links(model)
    }
    with acting(officer):
        with one_change():
            single.save()
            for name, records in linked.items():
                getattr(single, name).add(*records)
        create_many([New(bulk, links=linked)])
    stored = model.objects.get(pk=bulk.pk)
    single.refresh_from_db()
    assert values(stored) == values(single)
    assert entries(stored) == entries(single)
    assert {name: set(getattr(stored, name).all()) for name in linked} == {n: set(rs) for n, rs in linked.items()}


PARTS = {
    Person: lambda: [
        ContactPoint(kind="phone", value="+81 3-1234-5678", label="office"),
        Affiliation(organization=OrganizationFactory(name="Works"), position="部長"),
    ],
    Organization: lambda: [Alias(name="別名工業"), Alias(name="Other Name", kind="former")],
}


def test_the_parts_of_every_kind_are_compared_here():
    having = {
        kinds.get(slug).model
        for slug in KINDS
        for relation in kinds.get(slug).model._meta.related_objects
        if issubclass(relation.related_model, Part) and relation.related_model.whole == relation.field.name
    }
    assert having == set(PARTS)


@pytest.mark.parametrize("model", PARTS, ids=lambda model: model.__name__)
def test_parts_are_like_those_that_were_saved(model, officer):
    template = filled(model)
    single, bulk = twin(template), twin(template)
    parts = PARTS[model]()
    copies = [type(part)(**values(part, {"id", f"{part.whole}_id"})) for part in parts]
    with acting(officer):
        with one_change():
            single.save()
            for part in parts:
                setattr(part, part.whole, single)
                part.save()
        create_many([New(bulk, parts=copies)])
    single.refresh_from_db()
    stored = model.objects.get(pk=bulk.pk)
    assert values(stored) == values(single)
    assert entries(stored) == entries(single)


def test_what_was_made_can_be_saved_again(officer):
    record = Organization(name="Works", country="JP")
    create_many([New(record)])
    record.city = "Osaka"
    record.save()
    assert Organization.objects.get(pk=record.pk).version == 2


def test_it_is_all_or_nothing():
    number = "7010401022916"
    news = [New(Organization(name=f"Works {n}", country="JP", corporate_number=number)) for n in range(2)]
    with pytest.raises(IntegrityError):
        create_many(news)
    assert not Organization.objects.filter(corporate_number=number).exists()
    assert not LogEntry.objects.filter(Q(object_repr="Works 0") | Q(object_repr="Works 1")).exists()
