"""Every error is a problem document that says where and why, and bad input is never a 500."""

import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404
from rest_framework import exceptions

from config.api import router
from core.api.documentation import document
from core.api.problems import InvalidParameters, PreconditionRequired, problem_response
from core.api.views import RecordViewSet
from core.records import StaleRecord
from crm.models import Organization
from tests.core.api.calling import errors
from tests.factories import BY_RESOURCE, LeadFactory, OrganizationFactory


def answer(error):
    response = problem_response(error, {})
    assert response["Content-Type"] == "application/problem+json"
    return response, json.loads(response.content)


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (ValidationError("no"), 400, "invalid"),
        (exceptions.ValidationError("no"), 400, "invalid"),
        (exceptions.ParseError(), 400, "malformed"),
        (SuspiciousOperation(), 400, "malformed"),
        (DataError(), 400, "out-of-range"),
        (OverflowError(), 400, "out-of-range"),
        (exceptions.NotAuthenticated(), 401, "unauthenticated"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (PermissionDenied(), 403, "forbidden"),
        (Http404("secret"), 404, "not-found"),
        (exceptions.NotFound(), 404, "not-found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method-not-allowed"),
        (ProtectedError("secret", set()), 409, "in-use"),
        (IntegrityError("secret"), 409, "conflict"),
        (StaleRecord(Organization(pk=1)), 412, "stale"),
        (RequestDataTooBig(), 413, "too-large"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported-media-type"),
        (PreconditionRequired(), 428, "precondition-required"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
        (OperationalError("secret"), 503, "busy"),
    ],
)
def test_each_kind_of_error_has_its_document(error, status, slug):
    response, body = answer(error)
    assert response.status_code == body["status"] == status
    assert body["type"] == f"urn:liaison:problem:{slug}"
    assert body["title"]
    assert body["detail"]
    assert "secret" not in str(body)


def test_callers_are_told_when_to_come_back():
    assert answer(exceptions.Throttled(wait=7))[0]["Retry-After"] == "7"
    assert answer(OperationalError())[0]["Retry-After"] == "2"


def test_what_nobody_expected_is_left_to_django():
    assert problem_response(KeyError("bug"), {}) is None


def test_errors_point_at_their_place():
    nested = {
        "ends_on": [exceptions.ErrorDetail("early", "order")],
        "parties": {1: {"role": ["x"], "non_field_errors": ["y"]}},
        "rows": [{}, {"name": ["z"]}],
        "non_field_errors": ["whole"],
        "a/b~c": ["odd"],
    }
    body = answer(exceptions.ValidationError(nested))[1]
    assert [(e["pointer"], e["detail"], e["code"]) for e in body["errors"]] == [
        ("/ends_on", "early", "order"),
        ("/parties/1/role", "x", "invalid"),
        ("/parties/1", "y", "invalid"),
        ("/rows/1/name", "z", "invalid"),
        ("", "whole", "invalid"),
        ("/a~1b~0c", "odd", "invalid"),
    ]


def test_errors_of_models_keep_their_codes_and_values():
    error = ValidationError({"__all__": [ValidationError("a %(n)s", "some", {"n": 5})], "name": ["b"]})
    body = answer(error)[1]
    assert [(e["in"], e["pointer"], e["detail"], e["code"]) for e in body["errors"]] == [
        ("body", "", "a 5", "some"),
        ("body", "/name", "b", "invalid"),
    ]


def test_errors_of_parameters_say_that_they_are_in_the_query():
    body = answer(InvalidParameters({"page_size": ValidationError("no", "max")}))[1]
    assert body["errors"] == [{"in": "query", "pointer": "/page_size", "detail": "no", "code": "max"}]


@pytest.mark.parametrize("path", ["nothing/", "leads/abc/", "leads/1/nothing/", "leads/-1/", "leads/1.5/"])
@pytest.mark.django_db
def test_unknown_addresses_are_problems_too(client, path):
    for response in (client.get(f"/api/v1/{path}"), client.post(f"/api/v1/{path}")):
        assert response.status_code == 404
        assert errors(response) == {}


@pytest.mark.django_db
def test_outside_of_the_api_unknown_addresses_are_pages(client):
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")
    assert client.get("/api/v9/")["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("number", [0, 2**63 - 1, 2**63, 10**30])
def test_a_number_that_no_record_can_have_is_not_found(api, director, number):
    assert api(director).get(f"leads/{number}/").status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"name": }',
        b"\xff\xfe",
        b'{"name": "\xff"}',
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b"1" * 5000 + b"x",
    ],
)
def test_a_body_that_is_not_json_is_malformed(api, director, raw):
    response = api(director).post("organizations/", raw=raw)
    assert (response.status_code, errors(response)) == (400, {})
    assert response.json()["type"] == "urn:liaison:problem:malformed"


@pytest.mark.parametrize("body", [[], "text", 5, True, [{}]])
def test_a_body_that_is_no_object_is_invalid(api, director, body):
    record = OrganizationFactory()
    caller = api(director)
    for response in (
        caller.post("organizations/", body),
        caller.patch(f"organizations/{record.pk}/", body, match="*"),
        caller.post(f"organizations/{record.pk}/archive/", body, match="*"),
        caller.post(f"organizations/{record.pk}/restore/", body, match="*"),
    ):
        assert (response.status_code, errors(response)) == (400, {"": "invalid"})


def test_null_is_no_object_either(api, director):
    assert errors(api(director).post("organizations/", raw=b"null")) == {"": "null"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_other_media_types_are_refused(api, director, content_type):
    response = api(director).post("organizations/", raw=b"name=x", content_type=content_type)
    assert response.status_code == 415


def test_a_body_is_limited(api, director, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api(director).post("organizations/", {"name": "x" * 1000, "country": "JP"})
    assert (response.status_code, errors(response)) == (413, {})


BAD_VALUES = [
    None,
    "",
    "\x00",
    "x" * 10_000,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1.5,
    1e308,
    True,
    [],
    {},
    [[]],
    "2026-13-45",
]
WORST_VALUES = ["\x00", "x" * 10_000, 2**63, [{}]]
WRITTEN = [slug for slug, viewset, _name in router.registry if issubclass(viewset, RecordViewSet)]


def fields_of(slug):
    return list(router_views()[slug].get_serializer_class()().fields)


def router_views():
    return {slug: viewset for slug, viewset, _name in router.registry}


@pytest.mark.parametrize("slug", WRITTEN)
def test_no_value_breaks_anything(api, director, slug):
    caller, record = api(director), BY_RESOURCE[slug]()
    for value in BAD_VALUES:
        response = caller.patch(f"{slug}/{record.pk}/", dict.fromkeys(fields_of(slug), value), match="*")
        assert response.status_code == 400, value
        assert all(entry["detail"] for entry in response.json().get("errors", ()))


@pytest.mark.parametrize("value", WORST_VALUES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("slug", WRITTEN)
def test_no_value_breaks_any_single_field(api, director, slug, value):
    caller, record = api(director), BY_RESOURCE[slug]()
    for field in fields_of(slug):
        response = caller.patch(f"{slug}/{record.pk}/", {field: value}, match="*")
        assert response.status_code in (200, 400), field
        assert response.status_code == 200 or all(p.startswith(f"/{field}") for p in errors(response)), field


@pytest.mark.parametrize("value", ["\x00", "x" * 3000, 2**63, 10**400, "-", "1,2", "true"], ids=lambda v: repr(v)[:12])
def test_no_value_of_a_filter_breaks_anything(api, director, value):
    LeadFactory()
    caller = api(director)
    for parameter in document("en")["paths"]["/api/v1/leads/"]["get"]["parameters"]:
        response = caller.client.get(
            "/api/v1/leads/", {parameter["name"]: str(value)}, headers={"Authorization": f"Bearer {caller.secret}"}
        )
        assert response.status_code in (200, 400), parameter["name"]


def test_an_unexpected_error_is_a_problem_without_details(api, director, monkeypatch):
    def breaks(*args, **kwargs):
        raise KeyError("secret detail")

    monkeypatch.setattr("core.api.views.read_page", breaks)
    caller = api(director)
    caller.client.raise_request_exception = False
    response = caller.get("organizations/")
    assert (response.status_code, errors(response)) == (500, {})
    assert response.json()["type"] == "urn:liaison:problem:failed"
    assert "secret" not in response.content.decode()


def test_a_host_that_is_not_ours_is_a_problem(client, settings):
    settings.ALLOWED_HOSTS = ["crm.example.org"]
    response = client.get("/api/v1/leads/")
    assert (response.status_code, errors(response)) == (400, {})
