"""The agency's main job as another program does it: with a token, knowing nothing but the OpenAPI document."""

import csv
import io

import jsonschema
import pytest
from django.test import Client

from core.accounts import User
from core.tokens import ApiToken
from crm.models import Lead


class Program:
    """Calls operations by their id and checks every JSON answer against the schema that the document promises."""

    def __init__(self, secret):
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})
        self.document = self.client.get("/api/v1/schema/").json()
        self.operations = {
            operation["operationId"]: (path, method, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
            if isinstance(operation, dict) and "operationId" in operation
        }

    def call(self, operation_id, body=None, *, match=None, status=200, path=(), **query):
        template, method, operation = self.operations[operation_id]
        assert set(query) <= {p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"}
        headers = {"If-Match": match} if match else {}
        address = template.format(**dict(path))
        if method == "get":
            response = self.client.get(address, query, headers=headers)
        else:
            call = getattr(self.client, method)
            response = call(address, body or {}, content_type="application/json", headers=headers)
        assert response.status_code == status, response.content
        self._check(operation, response)
        return response

    def _check(self, operation, response):
        if not response["Content-Type"].startswith("application/json"):
            return
        promised = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
        schema = {**promised, "components": self.document["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())

    def find(self, operation_id, **query):
        return self.call(operation_id, **query).json()["results"]


@pytest.fixture
def program(demo):
    _token, secret = ApiToken.issue(
        User.objects.get(username="tokyo"), "integration test", scope="write", may_export=True
    )
    return Program(secret)


def test_the_document_is_openapi_3_1(program):
    assert program.document["openapi"].startswith("3.1")


def test_finds_nec_and_what_was_said_to_the_delegation(program):
    (nec,) = program.find("organizations_list", search="NEC")
    assert (nec["name"], nec["name_en"]) == ("日本電気株式会社", "NEC Corporation")
    (visit,) = program.find("visits_list", organization=nec["id"])
    assert visit["organization_display"] == "日本電気株式会社"
    (delegation,) = program.find("delegations_list", search="Xiangcheng", is_sample="false")
    assert visit["delegation"] == delegation["id"]


def test_sees_the_conference_the_zone_and_the_contracts(program):
    (event,) = program.find("events_list", search="Xiangcheng conference", kind__is_delegation="false")
    assert (event["starts_on"], event["status"]) == ("2019-07-02", "held")
    sessions = program.find("sessions_list", event=event["id"], ordering="event,position")
    assert [session["kind"] for session in sessions] == [
        "introduction", "unveiling", "signing", "round_table", "experience_sharing",
    ]  # fmt: skip
    assert len(program.find("guests_list", event=event["id"])) == 2
    (zone,) = program.find("zones_list", is_sample="false")
    assert zone["area_km2"] == "489.000"
    assert len(program.find("contracts_list", zone=zone["id"], event=event["id"])) == 3
    (batch,) = program.find("batches_list", session__event=event["id"])
    assert (batch["announced_count"], batch["recorded_count"]) == (8, 3)


def test_works_a_lead(program):
    (nec,) = program.find("organizations_list", search="NEC")
    (user,) = program.find("users_list", username="tokyo")
    station = next(s for s in program.find("stations_list") if s["kind"] == "liaison")
    body = {"title": "髙島屋 =1+1", "organization": nec["id"], "station": station["id"], "owner": user["id"]}
    created = program.call("leads_create", body, status=201)
    lead = {"id": created.json()["id"]}.items()
    assert (created.json()["stage"], created.json()["organization_display"]) == ("new", "日本電気株式会社")
    moved = program.call("leads_stage", {"to": "contacted"}, match=created["ETag"], path=lead)
    stale = program.call("leads_partial_update", {"next_step": "x"}, match=created["ETag"], path=lead, status=412)
    assert stale["Content-Type"] == "application/problem+json"
    step = {"next_step": "+81 3-1234-5678", "next_step_on": "2030-01-31"}
    changed = program.call("leads_partial_update", step, match=moved["ETag"], path=lead).json()
    assert (changed["stage"], changed["next_step_on"]) == ("contacted", "2030-01-31")
    history = program.call("leads_stages", path=lead).json()["results"]
    assert [(row["from_value"], row["to_value"]) for row in history] == [("", "new"), ("new", "contacted")]
    (found,) = program.find("leads_list", stage="contacted", search="髙島屋")
    assert found["id"] == dict(lead)["id"]
    assert_csv(program, found["id"])


def assert_csv(program, pk):
    response = program.call("leads_list", search="髙島屋", format="csv", headers="codes")
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert (row["id"], row["title"], row["stage"]) == (str(pk), "髙島屋 =1+1", "contacted")
    assert row["next_step"] == "+81 3-1234-5678"


def test_another_stations_lead_does_not_exist(program):

    mine = {lead["id"] for lead in program.find("leads_list", page_size=1000)}
    foreign = Lead.objects.exclude(pk__in=mine).first()
    hidden = program.call("leads_retrieve", path={"id": foreign.pk}.items(), status=404)
    missing = program.call("leads_retrieve", path={"id": 999_999}.items(), status=404)
    assert hidden.content.replace(str(foreign.pk).encode(), b"") == missing.content.replace(b"999999", b"")
