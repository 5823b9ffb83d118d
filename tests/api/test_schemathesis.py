"""Whatever is sent by the OpenAPI document, or against it: never a 5xx, and the answer is one that the document knows.

The real WSGI application answers. Ids that exist are mixed in, since guessed ones would find nothing but 404.
"""

import copy
import json

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.api import router
from core import resources
from core.api.documentation import document
from core.api.fields import ScopedManyField, ScopedRelatedField
from core.api.schema_types import resource_name
from core.api.serializers import serializer_for
from core.api.views import RecordViewSet
from core.tokens import ApiToken
from tests.factories import BY_RESOURCE, UserFactory
from tests.ways import example

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::Warning"),  # of schemathesis, about what it could not generate
]
FITTING, UNFITTING = 16, 8  # cases for each operation, on each database
LEAST = 3000  # cases on each database
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
SLUGS = ["", "search", *BY_RESOURCE]  # what stands after the version in an address
WRITTEN = [slug for slug, viewset, _name in router.registry if issubclass(viewset, RecordViewSet)]


def one_of(*values):
    return {"type": "integer", "enum": list(values)}


class Known:
    """The document with the ids of records that exist, where one is asked for."""

    def __init__(self, api, records):
        self.api, self.records = copy.deepcopy(api), records
        self.pks = {type(record): record.pk for record in records.values()}
        for path, operations in self.api["paths"].items():
            for operation in operations.values():
                for parameter in operation.get("parameters", ()):
                    self.parameter(path.split("/")[3], parameter)
        for slug in WRITTEN:
            self.body(slug)

    def parameter(self, slug, parameter):
        if parameter["in"] == "path":
            parameter["schema"] = one_of(self.records[slug].pk)
        elif parameter["name"] == "If-Match":
            parameter["schema"] = {"type": "string", "enum": ["*", f'"{self.records[slug].version}"', '"0"']}
        elif parameter["in"] == "query" and slug in resources.everything():
            declared = resources.get(slug).filterset.base_filters.get(parameter["name"])
            self.relation(parameter, "schema", getattr(declared, "extra", {}).get("queryset"))

    def body(self, slug):
        serializer, name = serializer_for(resources.get(slug))(), resource_name(resources.get(slug))
        for component in (f"{name}Request", f"Patched{name}Request"):
            properties = self.api["components"]["schemas"].get(component, {}).get("properties", {})
            for field_name, field in serializer.fields.items():
                if field_name in properties and isinstance(field, ScopedManyField):
                    self.relation(properties[field_name], "items", field.child_relation.get_queryset())
                elif field_name in properties and isinstance(field, ScopedRelatedField):
                    self.relation(properties, field_name, field.get_queryset())

    def relation(self, place, key, queryset):
        if queryset is not None and queryset.model in self.pks:
            place[key] = one_of(self.pks[queryset.model])


@pytest.fixture(autouse=True)
def _one_connection():
    """A request would close the connection that holds the test's transaction; Django's own test client says so too."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def calls():
    return []


@pytest.fixture
def api(db):
    records = {slug: example(slug) for slug in BY_RESOURCE}
    _token, secret = ApiToken.issue(UserFactory(role="Director"), "fuzz", scope="write", may_export=True)
    schema = schemathesis.openapi.from_dict(Known(json.loads(json.dumps(document("en"))), records).api)
    schema.app = WSGIHandler()
    return schema, {"Authorization": f"Bearer {secret}"}


def cases(operation, mode, number):
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    ), given(case=operation.as_strategy(generation_mode=mode))


def try_out(operation, headers, calls):
    for mode, number in ((GenerationMode.POSITIVE, FITTING), (GenerationMode.NEGATIVE, UNFITTING)):
        relaxed, generated = cases(operation, mode, number)

        def ask(case):
            with transaction.atomic():
                response = case.call(headers=headers)
                transaction.set_rollback(True)  # the next case finds the same records
            calls.append(response.status_code)
            case.validate_response(response, checks=CHECKS, headers=headers)

        relaxed(generated(ask))()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_is_one_that_the_document_knows(api, calls, slug):
    schema, headers = api
    found = (found.ok() for found in schema.get_all_operations())
    operations = [operation for operation in found if operation.path.split("/")[3] == slug]
    for operation in operations:
        try_out(operation, headers, calls)
    assert len(calls) >= len(operations) * (FITTING + UNFITTING)
    assert {200} <= set(calls) <= {*range(200, 300), *range(400, 500), 304}


def test_there_are_enough_cases():
    paths = document("en")["paths"]
    assert {path.split("/")[3] for path in paths} == set(SLUGS)
    operations = [operation for path in paths.values() for operation in path]
    assert len(operations) * (FITTING + UNFITTING) >= LEAST
