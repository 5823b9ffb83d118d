"""What must hold of every model and every resource, those of tomorrow included."""

import pytest
from auditlog.registry import auditlog
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test import RequestFactory
from django.urls import reverse
from django.utils.functional import Promise

from core import access, resources, search_index
from core.admin.base import RecordAdmin
from core.admin.lists import ResourceAdmin
from core.admin.scoped import PartInline, ScopedAdmin
from core.audit import EXEMPT, OWN_APPS
from core.records import Checked, Part, Record
from core.reference import ReferenceItem
from core.stages import Change
from crm.models import Lead
from tests import factories
from tests.filled import MAKE, MODELS, filled

ALL = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
RECORDS = [model for model in ALL if issubclass(model, Record)]
PARTS = [model for model in ALL if issubclass(model, Part)]
RESOURCES = resources.everything()
# Fields that people set elsewhere than in the form of the record: none so far.
NOT_IN_FORMS = {}

every_model = pytest.mark.parametrize("model", ALL, ids=lambda model: model._meta.label)
every_record = pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label)
every_part = pytest.mark.parametrize("model", PARTS, ids=lambda model: model._meta.label)
every_resource = pytest.mark.parametrize("slug", list(RESOURCES))


def names(found):
    return sorted(field.name for field in found)


# -- models -----------------------------------------------------------------------------------------------------------


@every_model
def test_a_model_is_audited_or_exempt_with_a_reason(model):
    reason = EXEMPT.get(model._meta.label, "")
    assert auditlog.contains(model) is not bool(reason)
    assert not reason or len(reason.split()) > 2


def test_nothing_is_exempt_that_does_not_exist():
    assert set(EXEMPT) <= {model._meta.label for model in ALL}


@every_model
def test_a_model_has_an_access_scope_or_no_pages(model):
    assert access.registered(model) or (model._meta.label in EXEMPT and model not in admin.site._registry)


@every_model
def test_a_model_has_a_factory(model):
    exempt = issubclass(model, Change) or model._meta.label == "core.WorkerBeat"
    assert model in MAKE or exempt


@every_model
def test_texts_have_one_kind_of_empty(model):
    texts = (field for field in model._meta.local_fields if isinstance(field, models.CharField | models.TextField))
    assert names(field for field in texts if field.null) == []


@every_model
def test_a_model_refuses_nul(model):
    assert issubclass(model, Checked) or model._meta.label in {*EXEMPT, "core.User"}  # User has a check of its own


@every_model
def test_deleting_takes_along_parts_and_nothing_else(model):
    allowed = {models.PROTECT, models.CASCADE} if issubclass(model, Part | Change) else {models.PROTECT}
    for field in model._meta.local_fields:
        if field.is_relation and model._meta.label not in EXEMPT:
            on_delete = field.remote_field.on_delete
            assert on_delete in allowed, field
            assert on_delete is not models.CASCADE or field.name == model.whole


@every_model
def test_a_constraint_has_a_message_for_people(model):
    for constraint in model._meta.constraints:
        assert constraint.violation_error_message != constraint.default_violation_error_message, constraint.name


@every_model
def test_a_model_and_its_fields_have_names_that_are_translated(model):
    fields = [field for field in model._meta.local_fields if field.editable and not field.primary_key]
    named = [model._meta, *fields] if model._meta.label not in EXEMPT else []
    assert [str(thing.verbose_name) for thing in named if not isinstance(thing.verbose_name, Promise)] == []


@every_record
def test_a_record_has_a_number_of_its_own_kind(model):
    assert model.reference_prefix
    assert [other for other in RECORDS if other.reference_prefix == model.reference_prefix] == [model]


@every_record
def test_a_name_never_reads_a_restricted_record(model):
    for path in model.display_paths:
        *relations, _field = path.split("__")
        assert not any(access.is_restricted(model._meta.get_field(name).related_model) for name in relations)


@every_record
@pytest.mark.django_db
def test_a_record_has_a_search_index(model):
    assert search_index.is_searched(model)
    assert search_index.missing(model, connection) == []


@every_part
def test_a_part_links_to_no_restricted_record(model):
    """Pages without a form, and rows of other people's parts, would show it (`core.admin.scoped._empty_unseen`)."""
    relations = [field for field in [*model._meta.fields, *model._meta.many_to_many] if field.is_relation]
    assert (
        names(field for field in relations if field.name != model.whole and access.is_restricted(field.related_model))
        == []
    )


@every_part
def test_a_part_is_edited_on_the_page_of_its_whole(model):
    page = admin.site._registry[access.whole_of(model)]
    assert model in {inline.model for inline in page.inlines if issubclass(inline, PartInline)}


@every_part
def test_a_part_is_shown_with_its_whole(model):
    columns = resources.for_model(access.whole_of(model)).columns.all
    assert model in {column.schema.model for column in columns if column.kind == "parts"}


# -- resources --------------------------------------------------------------------------------------------------------


@every_record
def test_a_record_has_a_resource(model):
    assert resources.for_model(model).model is model


@every_resource
def test_a_resource_has_a_factory(slug):
    assert factories.BY_RESOURCE[slug]._meta.model is RESOURCES[slug].model
    assert MODELS[RESOURCES[slug].model]


@every_resource
def test_a_resource_has_an_admin_page(slug):
    page = admin.site._registry[RESOURCES[slug].model]
    assert isinstance(page, ScopedAdmin)
    assert slug == "users" or (isinstance(page, ResourceAdmin) and page.resource.model is page.model)
    assert isinstance(page, RecordAdmin) is issubclass(page.model, Record)


@every_resource
def test_a_resource_has_an_address_in_the_api(slug):
    assert reverse(f"{slug}-list").startswith(f"/api/v1/{slug}")
    assert reverse(f"{slug}-detail", args=[1]).startswith(f"/api/v1/{slug}/1")


@every_record
def test_every_field_that_people_set_is_shown(model):
    shown = {column.code for column in resources.for_model(model).columns.all}
    editable = [field for field in [*model._meta.fields, *model._meta.many_to_many] if field.editable]
    assert names(field for field in editable if field.name not in shown and not field.primary_key) == []


@every_record
@pytest.mark.django_db
def test_every_field_that_people_set_is_in_the_form(model, director):
    request = RequestFactory().get("/")
    request.user = director
    fieldsets = admin.site._registry[model].get_fieldsets(request)
    offered = {name for _title, options in fieldsets for name in options["fields"]}
    editable = [field for field in [*model._meta.fields, *model._meta.many_to_many] if field.editable]
    missing = {field.name for field in editable if not field.primary_key} - offered
    assert missing == NOT_IN_FORMS.get(model, set())


@every_record
@pytest.mark.django_db
def test_a_list_hides_archived_records_by_default(model, director):
    resource = resources.for_model(model)
    current, archived = filled(model), filled(model)
    archived.archive("registered twice")
    request = RequestFactory().get("/")
    request.user = director
    shown = {parameter: set(resource.filtered(request, {"archived": parameter})) for parameter in ("", "true", "all")}
    assert current in shown[""]
    assert [archived in found for found in shown.values()] == [False, True, True]


@every_resource
def test_what_can_be_ordered_by_exists(slug):
    resource = RESOURCES[slug]
    fields = {field.name for field in resource.model._meta.get_fields()} | {"pk"}
    assert set(resource.order_fields) <= fields


@every_resource
def test_nobody_orders_by_a_restricted_record(slug):
    relations = [field for field in RESOURCES[slug].model._meta.fields if field.name in RESOURCES[slug].order_fields]
    assert names(field for field in relations if field.is_relation and access.is_restricted(field.related_model)) == []


def test_the_example_of_a_staged_record_has_its_history_shown():
    codes = {column.code for column in resources.for_model(Lead).columns.all}
    assert {flow.changes for flow in Lead.flows} <= codes


RETIRABLE = [
    (model, field.name)
    for model in ALL
    for field in model._meta.fields
    if field.related_model is not None and issubclass(field.related_model, ReferenceItem)
]


@pytest.mark.parametrize(("model", "name"), RETIRABLE, ids=lambda value: getattr(value, "__name__", value))
def test_a_retired_entry_is_chosen_nowhere_anew(model, name, db):
    """Asked of the model itself, so of every way in."""
    field = model._meta.get_field(name)
    entry = field.related_model.objects.first()
    field.related_model.objects.filter(pk=entry.pk).update(retired_on="2020-01-01")
    entry.refresh_from_db()
    record = model(**{name: entry})
    for stem in {"name", "title"} & {field.name for field in model._meta.fields}:
        setattr(record, stem, "Named")  # or `clean` ends at the missing name
    if issubclass(model, Change):
        record.record = model._meta.get_field("record").related_model()
    with pytest.raises(ValidationError) as refused:
        record.full_clean()
    assert [error.code for error in refused.value.error_dict[name]] == ["retired"]
