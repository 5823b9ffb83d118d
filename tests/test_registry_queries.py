"""Every page, file and list of the API reads as many times for three rows as for one."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import resources
from core.admin.scoped import ScopedAdmin
from core.saved_views import SavedView
from tests import factories
from tests.filled import filled, surround

pytestmark = pytest.mark.django_db

PAGES = ("list", "add", "read", "change", "history", "export", "api", "record")
# At most so many queries; "-" where the director has no such page. "record" is a single one in the API.
BOUNDS = """
                     list  add  read  change  history  export  api  record
auditlog.logentry    6     -    -     8       -        -       -    -
auth.group           6     -    -     8       8        -       -    -
core.apitoken        6     6    -     8       8        -       -    -
core.exportlog       6     -    -     8       -        -       -    -
core.savedview       6     6    -     8       8        -       -    -
core.signin          6     -    -     8       -        -       -    -
core.import          6     8    -     10      -        -       -    -
core.user            6     6    -     10      8        -       6    6
crm.channel          6     6    -     8       8        8       6    6
crm.interaction      12    8    30    15      10       15      13   13
crm.lead             10    10   45    30      15       10      8    10
crm.liaisonstation   6     6    30    25      15       8       6    8
crm.lostreason       6     6    -     8       8        8       6    6
crm.organization     8     6    50    45      12       10      8    10
crm.person           8     6    50    50      18       12      10   10
crm.sector           6     6    -     8       8        8       6    6
events.event         8     8    50    38      15       8       6    8
events.eventkind     6     6    -     8       8        8       6    6
events.guest         6     6    30    15      15       10      8    8
events.session       6     6    35    28      15       10      8    8
events.visit         6     6    30    18      12       14      12   12
projects.batch       6     6    35    15      10       10      8    8
projects.contract    8     8    40    35      18       14      12   12
projects.project     8     8    50    52      20       15      13   18
projects.zone        6     6    40    20      10       8       6    6
"""
MODELS = [model for model, page in admin.site._registry.items() if isinstance(page, ScopedAdmin)]


def slug_of(model):
    return next((slug for slug, r in resources.everything().items() if r.model is model and r.within is None), None)


def addresses(model, pk):
    """The pages of a model that exist at all."""
    page, slug = admin.site._registry[model], slug_of(model)
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
    found = {
        "list": reverse(f"{prefix}changelist"),
        "add": reverse(f"{prefix}add"),
        "change": reverse(f"{prefix}change", args=[pk]),
        "history": reverse(f"{prefix}history", args=[pk]),
    }
    if hasattr(page, "read_view"):
        found["read"] = reverse(f"{prefix}read", args=[pk])
    if hasattr(page, "export_view"):
        found["export"] = reverse(f"{prefix}export")
    if slug:
        found |= {"api": f"/api/v1/{slug}/", "record": f"/api/v1/{slug}/{pk}/"}
    return found


def read(client: Client, address: str) -> int | None:
    """How many queries it takes, None if there is no such page for this reader."""
    response = client.get(address)  # once before, so that what is read once per process does not count
    if response.status_code != 200:
        assert response.status_code == 403
        return None
    b"".join(response) if response.streaming else response.content
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        b"".join(response) if response.streaming else response.content
    return len(queries)


def bounds(model):
    """The line of the table."""
    lines = [line.split() for line in BOUNDS.strip().splitlines()[1:]]
    found = {label: dict(zip(PAGES, cells, strict=True)) for label, *cells in lines}
    return {page: int(bound) for page, bound in found[model._meta.label_lower].items() if bound != "-"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_the_number_of_queries_does_not_grow_with_the_rows(model, director, logged_in):
    of_one = {"user": director} if model is SavedView else {}  # nobody reads those of others
    client, record = logged_in(director), surround(filled(model, **of_one))
    once = {page: read(client, address) for page, address in addresses(model, record.pk).items()}
    for _more in range(2):
        surround(filled(model, **of_one))
    surround(record, times=2)
    thrice = {page: read(client, address) for page, address in addresses(model, record.pk).items()}
    assert thrice == once
    within = bounds(model)
    taken = {page: count for page, count in once.items() if count is not None}
    assert set(taken) == set(within)
    assert {page: count for page, count in taken.items() if count > within[page]} == {}


@pytest.mark.parametrize("slug", list(resources.everything()))
def test_columns_are_read_in_a_constant_number_of_queries(slug, director):
    resource = resources.get(slug)
    make = factories.BY_RESOURCE[slug]
    counts = []
    for _rows in range(3):
        surround(make())
        with CaptureQueriesContext(connection) as queries:
            rows = list(resource.columns.records(resource.all(director), director))
        counts.append(len(queries))
    assert len(rows) >= 3
    assert counts[1:] == [counts[1]] * 2  # the first also reads the director's rights


def test_the_table_names_every_page_once():
    labels = [line.split()[0] for line in BOUNDS.strip().splitlines()[1:]]
    assert sorted(labels) == sorted(model._meta.label_lower for model in MODELS)


def test_no_list_takes_more_than_twelve_queries():
    assert {label for model in MODELS for label in [model._meta.label_lower] if bounds(model)["list"] > 12} == set()


def test_the_start_page_reads_as_often_for_three_rows_as_for_one(officer, tokyo_station, logged_in):
    client, counts = logged_in(officer), []
    for _rows in range(3):
        factories.LeadFactory(station=tokyo_station, owner=officer, next_step_on="2020-01-01")
        factories.InteractionFactory(station=tokyo_station)
        surround(factories.ProjectFactory(station=tokyo_station))
        factories.EventFactory(starts_on="2099-01-01", ends_on="2099-01-01")
        counts.append(read(client, reverse("admin:index")))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 24


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_choices_are_searched_in_a_constant_number_of_queries(model, director, logged_in):
    """Whatever points at this model offers its records while somebody types."""
    sources = [
        (field.model, field.name)
        for other in MODELS
        for field in [*other._meta.fields, *other._meta.many_to_many]
        if field.is_relation and field.editable and field.related_model is model
    ]
    if not sources or not admin.site._registry[model].long_list:
        return
    source, name = sources[0]
    parameters = f"?app_label={source._meta.app_label}&model_name={source._meta.model_name}&field_name={name}&term="
    client, counts = logged_in(director), []
    for _rows in range(3):
        filled(model)
        counts.append(read(client, reverse("admin:autocomplete") + parameters))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 8
