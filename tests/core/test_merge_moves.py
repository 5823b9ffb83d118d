"""Merging knows all that can point at a record, those kinds of tomorrow included: what it does not know fails here."""

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from core.audit import OWN_APPS
from core.merge_moves import LEFT_ALONE, UnknownRelation, relations_of, unique_sets
from core.merges import Mergeable
from core.merging import models as mergeable
from core.records import Checked, Part, Record
from core.stages import Change
from crm.models import Alias, Organization
from events.models import EventPartner, Guest

every_model = pytest.mark.parametrize("model", mergeable(), ids=lambda model: model._meta.label)


def test_what_can_be_merged_is_declared():
    assert set(mergeable()) == {model for model in apps.get_models() if issubclass(model, Mergeable)}


@every_model
def test_each_relation_to_a_record_is_known(model):
    keys = {
        f"{other._meta.label}.{field.name}"
        for other in apps.get_models(include_auto_created=True)
        for field in other._meta.concrete_fields
        if field.is_relation and field.related_model is model
    }
    assert {relation.name for relation in relations_of(model)} == keys


@every_model
def test_a_removed_row_can_be_brought_back_from_its_own_values(model):
    """Of what is removed as a double only the row itself is noted: nothing may hang on it."""
    for relation in relations_of(model):
        removed = issubclass(relation.model, Part) and not relation.own and unique_sets(relation.model, relation.key)
        if removed:
            assert relation.model._meta.local_many_to_many == []
            assert relation.model._meta.related_objects == ()
            assert not any(isinstance(field, models.FileField) for field in relation.model._meta.fields)


def references():
    """What may hold the id of a record without being a relation."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is ContentType and is_with_id(model):
                yield f"{model._meta.label}.{field.name}"
        if model._meta.app_label in OWN_APPS:
            yield from texts(model)


def is_with_id(model):
    return model._meta.app_label in (*OWN_APPS, "auditlog") and model is not ContentType


def texts(model):
    """Fields that programs write: JSON, and texts long enough for an address, of what is no record of people's."""
    of_people = issubclass(model, Record | Part | Change)
    for field in model._meta.local_fields:
        long = isinstance(field, models.TextField) or (isinstance(field, models.CharField) and field.max_length > 1000)
        if isinstance(field, models.JSONField) or (long and not of_people):
            yield f"{model._meta.label}.{field.name}"


def test_what_else_holds_an_id_is_named_with_a_reason():
    assert set(references()) == set(LEFT_ALONE)
    assert all(len(reason.split()) > 2 for reason in LEFT_ALONE.values())


def test_no_model_has_a_generic_relation():
    """`auditlog` reads by content type; a generic key of ours would have to be moved."""
    ours = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    assert [
        field for model in ours for field in model._meta.private_fields if isinstance(field, GenericForeignKey)
    ] == []


@pytest.fixture
def strange():
    """`strange(**fields)`: a model of the day after tomorrow, for the time of a test."""
    relations_of.cache_clear()

    def make(base=models.Model, **fields):
        meta = type("Meta", (), {"app_label": "crm"})
        return type("Strange", (base,), {"__module__": __name__, "Meta": meta, **fields})

    yield make
    apps.all_models["crm"].pop("strange", None)
    for through in [name for name in apps.all_models["crm"] if name.startswith("strange_")]:
        apps.all_models["crm"].pop(through)
    apps.clear_cache()
    relations_of.cache_clear()


@pytest.mark.parametrize("base", [models.Model, Checked])
def test_a_row_that_is_neither_record_nor_part_is_refused(strange, base):
    strange(base, organization=models.ForeignKey(Organization, models.PROTECT))
    with pytest.raises(UnknownRelation, match=r"Strange.organization"):
        relations_of(Organization)


def test_a_link_to_another_field_than_the_id_is_refused(strange):
    organization = models.ForeignKey(Organization, models.PROTECT, to_field="id", related_name="+")
    made = strange(organizations=models.ManyToManyField(Organization), organization=organization)
    with pytest.raises(UnknownRelation):
        relations_of(Organization)
    assert made


def test_doubles_are_told_by_the_rules_of_the_database():
    assert unique_sets(Guest, Guest._meta.get_field("person")) == ((("event",), None),)
    assert unique_sets(Guest, Guest._meta.get_field("organization")) == ()
    assert unique_sets(EventPartner, EventPartner._meta.get_field("organization")) == ((("event", "role"), None),)
    assert unique_sets(Alias, Alias._meta.get_field("organization")) == ((("name", "kind"), None),)
