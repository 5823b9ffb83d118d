"""The OpenAPI document is exact: what the API answers is what it says, and what it says can be sent."""

import io
import json

import pytest
from django.core.management import call_command
from django_filters import DateFromToRangeFilter, FilterSet
from jsonschema import Draft202012Validator, FormatChecker

from config.api import router
from core import resources
from core.api.documentation import document
from core.api.schema_types import Types
from core.api.views import RecordViewSet
from core.filters import filter_names
from crm.models import Lead
from tests.factories import (
    BY_RESOURCE,
    AffiliationFactory,
    AliasFactory,
    AmountFactory,
    ContactPointFactory,
    EventPartnerFactory,
    InvestorFactory,
    LeadFactory,
    MembershipFactory,
    PartyFactory,
    PersonFactory,
    ProjectFactory,
    SectorFactory,
    SpeakerFactory,
    UserFactory,
)

API = "/api/v1"
WRITTEN = [slug for slug, viewset, _name in router.registry if issubclass(viewset, RecordViewSet)]


@pytest.fixture(scope="module")
def openapi():
    return json.loads(json.dumps(document("en")))


def resolved(openapi, node):
    while "$ref" in node:
        target = openapi
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def check(openapi, schema, value):
    """Raises if the value is not what the schema of the document says."""
    Draft202012Validator({**schema, "components": openapi["components"]}, format_checker=FormatChecker()).validate(
        value
    )


def answer_schema(openapi, path, method="get", status="200", media_type="application/json"):
    return resolved(openapi, openapi["paths"][path][method]["responses"][status])["content"][media_type]["schema"]


def test_the_document_is_valid_and_made_without_a_warning():
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    assert json.loads(out.getvalue())["openapi"].startswith("3.1")


def test_every_address_is_described_once_with_its_final_slash(openapi):
    paths = [path for path in openapi["paths"] if path != f"{API}/"]
    assert all(path.endswith("/") for path in paths)
    assert {path.split("/")[3] for path in paths} == {*BY_RESOURCE, "search"}


def test_operations_have_stable_names(openapi):
    names = {
        f"{method} {path.removeprefix(API)}": operation["operationId"]
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
        if path.startswith((f"{API}/leads/", f"{API}/lost-reasons/"))
    }
    assert names == {
        "get /leads/": "leads_list",
        "post /leads/": "leads_create",
        "get /leads/{id}/": "leads_retrieve",
        "put /leads/{id}/": "leads_update",
        "patch /leads/{id}/": "leads_partial_update",
        "post /leads/bulk/change/": "leads_bulk_change",
        "post /leads/bulk/archive/": "leads_bulk_archive",
        "post /leads/bulk/restore/": "leads_bulk_restore",
        "post /leads/{id}/archive/": "leads_archive",
        "post /leads/{id}/restore/": "leads_restore",
        "get /leads/{id}/history/": "leads_history",
        "post /leads/{id}/stage/": "leads_stage",
        "get /leads/{id}/stages/": "leads_stages",
        "get /lost-reasons/": "lost_reasons_list",
        "get /lost-reasons/{id}/": "lost_reasons_retrieve",
    }


def test_every_operation_says_who_may_call_it_and_what_it_is(openapi):
    for path, methods in openapi["paths"].items():
        for operation in methods.values():
            assert operation["security"] == [{"token": []}, {"session": []}], path
            assert operation["description"], path
    assert openapi["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert openapi["components"]["securitySchemes"]["session"]["in"] == "cookie"


def test_the_parameters_of_a_list_are_its_filters_and_the_common_ones(openapi):
    for slug, resource in resources.everything().items():
        parameters = openapi["paths"][f"{API}/{slug}/"]["get"]["parameters"]
        common = ["ordering", "fields", "page_size", "cursor", "format", "headers"]
        assert [p["name"] for p in parameters] == [*resource.filterset.base_filters, *common]


def test_the_types_of_filters(openapi):
    parameters = {p["name"]: p for p in openapi["paths"][f"{API}/leads/"]["get"]["parameters"]}
    assert parameters["stage"]["schema"]["enum"] == ["new", "contacted", "qualified", "converted", "disqualified"]
    assert parameters["stage__in"]["schema"]["items"] == parameters["stage"]["schema"]
    assert (parameters["stage__in"]["style"], parameters["stage__in"]["explode"]) == ("form", False)
    assert parameters["station"]["schema"] == {"type": "integer"}
    assert parameters["open"]["schema"] == {"type": "boolean"}
    assert parameters["next_step_after"]["schema"] == {"type": "string", "format": "date"}
    assert parameters["created_after"]["schema"] == {"type": "string", "format": "date-time"}
    assert parameters["organization__country"]["schema"] == {"$ref": "#/components/schemas/CountryCode"}
    assert "-likelihood" in parameters["ordering"]["schema"]["items"]["enum"]


def test_a_range_has_a_parameter_for_each_end():
    class Days(FilterSet):
        signed_on = DateFromToRangeFilter(label="Signed on")

    (declared,) = Days(queryset=Lead.objects.none()).filters.values()
    assert filter_names(Days) == ["signed_on_after", "signed_on_before"]
    assert Types(None).filters("signed_on", declared) == [
        {
            "in": "query",
            "name": name,
            "schema": {"type": "string", "format": "date"},
            "description": "Signed on",
        }
        for name in filter_names(Days)
    ]


@pytest.mark.parametrize("slug", WRITTEN)
def test_changing_asks_for_if_match_and_tells_of_conflicts(openapi, slug):
    for tail, method in (("", "put"), ("", "patch"), ("archive/", "post"), ("restore/", "post")):
        operation = openapi["paths"][f"{API}/{slug}/{{id}}/{tail}"][method]
        header = next(p for p in operation["parameters"] if p["name"] == "If-Match")
        assert header["required"]
        assert {"400", "401", "403", "404", "409", "412", "428"} <= set(operation["responses"])


def record_with_everything(slug):
    """A record of the resource with parts, links and amounts, so that no column is empty by chance."""
    record = BY_RESOURCE[slug]()
    if slug == "organizations":
        AliasFactory(organization=record)
        record.sectors.add(SectorFactory())
    elif slug == "people":
        AffiliationFactory(person=record)
        ContactPointFactory(person=record)
    elif slug == "stations":
        MembershipFactory(station=record)
    elif slug == "projects":
        InvestorFactory(project=record)
        AmountFactory(project=record)
        record.collaborators.add(UserFactory())
    elif slug == "contracts":
        PartyFactory(contract=record).signatories.add(PersonFactory())
    elif slug in ("events", "delegations"):
        EventPartnerFactory(event=record)
    elif slug == "sessions":
        SpeakerFactory(session=record)
    return record


@pytest.mark.parametrize("slug", BY_RESOURCE)
def test_answers_are_what_the_document_says(api, director, openapi, slug):
    record = record_with_everything(slug)
    caller = api(director)
    page = caller.get(f"{slug}/").json()
    assert page["results"]
    check(openapi, answer_schema(openapi, f"{API}/{slug}/"), page)
    check(openapi, answer_schema(openapi, f"{API}/{slug}/{{id}}/"), caller.get(f"{slug}/{record.pk}/").json())
    if slug in WRITTEN:
        caller.post(f"{slug}/{record.pk}/archive/", {"reason": "x"}, match="*")
        history = caller.get(f"{slug}/{record.pk}/history/").json()
        assert history["results"]
        check(openapi, answer_schema(openapi, f"{API}/{slug}/{{id}}/history/"), history)
        check(openapi, answer_schema(openapi, f"{API}/{slug}/{{id}}/"), caller.get(f"{slug}/{record.pk}/").json())


def test_moves_and_their_history_are_what_the_document_says(api, director, openapi):
    project = ProjectFactory()
    caller = api(director)
    body = {"to": "on_hold", "reason": "Board"}
    path = f"{API}/projects/{{id}}/status/"
    check(openapi, openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"], body)
    moved = caller.post(f"projects/{project.pk}/status/", body, match="*").json()
    check(openapi, answer_schema(openapi, path, "post"), moved)
    rows = caller.get(f"projects/{project.pk}/statuses/").json()
    check(openapi, answer_schema(openapi, f"{API}/projects/{{id}}/statuses/"), rows)
    assert len(rows["results"]) == 2


@pytest.mark.parametrize("slug", WRITTEN)
def test_what_a_record_shows_can_be_sent_back(api, director, openapi, slug):
    """A program that knows only the document can read a record, keep what the body allows, and store it again."""
    record = record_with_everything(slug)
    caller = api(director)
    response = caller.get(f"{slug}/{record.pk}/")
    put = openapi["paths"][f"{API}/{slug}/{{id}}/"]["put"]
    schema = put["requestBody"]["content"]["application/json"]["schema"]
    body = only_allowed(openapi, schema, response.json())
    body.pop("file", None)  # a file goes out as an address and comes in as a form
    check(openapi, schema, body)
    stored = caller.put(f"{slug}/{record.pk}/", body, match=response["ETag"])
    assert stored.status_code == 200, stored.content
    volatile = ("version", "updated_at", "updated_by", "updated_by_display")
    unchanged = {name: value for name, value in response.json().items() if name not in volatile}
    assert {name: value for name, value in stored.json().items() if name not in volatile} == unchanged


def only_allowed(openapi, schema, value):
    """The part of a value that the schema of a body knows."""
    schema = resolved(openapi, schema)
    if isinstance(value, list):
        return [only_allowed(openapi, schema["items"], item) for item in value]
    if isinstance(value, dict):
        known = schema["properties"]
        return {name: only_allowed(openapi, known[name], item) for name, item in value.items() if name in known}
    return value


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 412, 428])
def test_problems_are_what_the_document_says(api, director, auditor, openapi, status):
    lead, problem = LeadFactory(), openapi["components"]["schemas"]["Problem"]
    caller = api(director)
    response = {
        400: lambda: caller.post("leads/", {"colour": 1}),
        401: lambda: caller.client.get("/api/v1/leads/"),
        403: lambda: api(auditor).post("leads/", {}),
        404: lambda: caller.get("leads/0/"),
        405: lambda: caller.call("delete", f"leads/{lead.pk}/"),
        412: lambda: caller.patch(f"leads/{lead.pk}/", {}, match='"0"'),
        428: lambda: caller.patch(f"leads/{lead.pk}/", {}),
    }[status]()
    assert response.status_code == response.json()["status"] == status
    check(openapi, problem, response.json())


def test_long_lists_of_choices_are_written_once(openapi):
    schemas = openapi["components"]["schemas"]
    assert "JP" in schemas["CountryCode"]["enum"]
    assert "JPY" in schemas["CurrencyCode"]["enum"]
    assert "Asia/Tokyo" in schemas["TimeZoneName"]["enum"]
    assert schemas["OrganizationRequest"]["properties"]["country"]["$ref"] == "#/components/schemas/CountryCode"
    assert json.dumps(openapi).count('"Asia/Tokyo"') == 1


def test_only_records_with_a_file_take_forms(openapi):
    forms = {
        path
        for path, methods in openapi["paths"].items()
        for operation in methods.values()
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    }
    assert forms == {f"{API}/contracts/", f"{API}/contracts/{{id}}/"}
