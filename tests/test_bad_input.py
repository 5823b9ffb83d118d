"""Bad input at every form and endpoint: a message at the right field, nothing stored, never an internal error."""

import json

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from core import access, resources
from core.audit import OWN_APPS
from crm.models import LostReason
from tests import factories
from tests.ways import ENDLESS, HUGE, MISSING_ID, NUL, Api, ApiChange, Form, page

pytestmark = pytest.mark.django_db

WRITABLE = [slug for slug, resource in resources.everything().items() if not resource.choices_only]
# A delegation is edited on the page of events, accounts have a form of their own.
WITH_FORM = [slug for slug in resources.everything() if slug not in ("delegations", "users")]

WAYS = [
    *((Api, slug) for slug in WRITABLE),
    *((ApiChange, slug) for slug in WRITABLE),
    *((Form, slug) for slug in WITH_FORM),
]
every_way = pytest.mark.parametrize(("way", "slug"), WAYS, ids=[f"{way.__name__}-{slug}" for way, slug in WAYS])


def stock():
    """How many rows there are of everything, the audit log too."""
    own = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    links = [field.remote_field.through for model in own for field in model._meta.many_to_many]
    return {model._meta.label: model._base_manager.count() for model in (*own, *links, LogEntry)}


def rounds(sender):
    """Bodies in which every field holds its first impossible value, then its second, and so on."""
    values = {path: sender.impossible(field) for path, field in sender.fields().items()}
    for number in range(max(map(len, values.values()))):
        yield {path: found[number] for path, found in values.items() if number < len(found)}


@every_way
def test_the_example_itself_is_accepted(way, slug, logged_in, director):
    assert way(logged_in(director), slug).send({}).stored


@every_way
def test_what_no_field_can_hold_is_refused_at_each_field(way, slug, logged_in, director):
    sender = way(logged_in(director), slug)
    before = stock()
    for changes in rounds(sender):
        answer = sender.send(changes)
        accepted = {path: str(value)[:40] for path, value in changes.items() if path not in answer.fields}
        assert (answer.status, accepted) == (400, {})
    assert stock() == before


@every_way
def test_years_far_off_are_refused_at_the_field(way, slug, logged_in, director):
    sender = way(logged_in(director), slug)
    before = stock()
    for path, field in sender.fields().items():
        if isinstance(field, models.DateField):
            for day in ("0001-01-01", "9999-12-31"):
                moment = f"{day}T12:00:00Z" if isinstance(field, models.DateTimeField) and way is not Form else day
                answer = sender.send({path: moment})
                assert (answer.status, path in answer.fields, path, day) == (400, True, path, day)
    assert stock() == before


STARTS_TOO_LATE = {"starts_on": "2024-07-02", "ends_on": "2024-07-01"}
BROKEN_RULES = [
    ("organizations", (), {"corporate_number": "7010401022917"}, "corporate_number"),
    ("organizations", (), {"corporate_number": "701040102291"}, "corporate_number"),
    ("organizations", (), {"credit_code": "91110000600037341K"}, "credit_code"),
    ("organizations", (), {"name": "", "name_en": "", "name_zh": "", "name_ja": ""}, "name"),
    ("people", (), {"family_name": "", "given_name": "", "family_latin": "", "given_latin": ""}, "family_name"),
    ("people", ("affiliations", 0), STARTS_TOO_LATE, "ends_on"),
    ("people", ("contact_points", 0), {"kind": "email", "value": "not an address"}, "value"),
    ("people", ("contact_points", 0), {"kind": "phone", "value": "=1+1"}, "value"),
    ("stations", (), {"opened_on": "2024-07-02", "closed_on": "2024-07-01"}, "closed_on"),
    ("stations", ("memberships", 0), STARTS_TOO_LATE, "ends_on"),
    ("leads", (), {"interest_amount": "5", "interest_currency": ""}, "interest_currency"),
    ("leads", (), {"interest_amount": "5", "interest_currency": "XYZ"}, "interest_currency"),
    ("leads", (), {"interest_amount": None, "interest_currency": "JPY"}, "interest_amount"),
    ("leads", (), {"likelihood": 101}, "likelihood"),
    ("events", (), STARTS_TOO_LATE, "ends_on"),
    ("events", (), {"announced_amount": "5", "announced_currency": "RMB"}, "announced_currency"),
    ("delegations", (), STARTS_TOO_LATE, "ends_on"),
    ("sessions", (), {"starts_at": "10:00", "ends_at": "09:59"}, "ends_at"),
    ("sessions", (), {"held_on": "2019-07-01"}, "held_on"),
    ("sessions", (), {"title": "", "title_en": "", "title_zh": "", "title_ja": ""}, "title"),
    ("visits", (), {"held_on": "2019-07-01"}, "held_on"),
    ("zones", (), {"area_km2": "0"}, "area_km2"),
    ("projects", ("amounts", 0), {"currency": "RMB"}, "currency"),
    ("projects", ("amounts", 0), {"exchange_rate": "0.05", "rate_source": ""}, "rate_source"),
    ("projects", ("investors", 0), {"share_percent": "100.01"}, "share_percent"),
    ("contracts", (), {"signed_on": "2199-01-01"}, "signed_on"),
    ("contracts", (), {"contracted_amount": "5", "contracted_currency": ""}, "contracted_currency"),
    ("contracts", ("parties", 0), {"role": "witness", "organization": None}, "organization"),
]


@pytest.mark.parametrize(
    ("way", "slug", "where", "values", "field"),
    [(way, *rule) for way in (Api, ApiChange, Form) for rule in BROKEN_RULES if (way, rule[0]) in WAYS],
)
def test_a_broken_rule_is_told_at_the_field(way, slug, where, values, field, logged_in, director):
    sender = way(logged_in(director), slug)
    before = stock()
    answer = sender.send({(*where, name): value for name, value in values.items()})
    assert (answer.status, (*where, field) in answer.fields) == (400, True)
    assert stock() == before


@pytest.mark.parametrize("way", [Api, Form])
@pytest.mark.parametrize(
    ("slug", "role"),
    [
        ("leads", "Officer"),
        ("interactions", "Officer"),
        ("projects", "Officer"),
        ("contracts", "Officer"),
        ("events", "Event manager"),
    ],
)
def test_another_station_is_refused(way, slug, role, logged_in, director, tokyo_station, osaka_station):
    sender = way(logged_in(director), slug)
    sender.client = logged_in(factories.UserFactory(role=role, station=tokyo_station))
    before = stock()
    answer = sender.send({("station",): osaka_station.pk})
    assert (answer.status, answer.fields) == (400, {("station",)})
    assert stock() == before
    assert sender.send({("station",): tokyo_station.pk}).stored


RESTRICTED = [
    (slug, field.name, field.related_model)
    for slug in WRITABLE
    for field in resources.get(slug).model._meta.fields
    if field.related_model and field.editable and access.is_restricted(field.related_model)
]
FACTORY_OF = {resource.model: factories.BY_RESOURCE[slug] for slug, resource in resources.everything().items()}


def test_some_records_point_at_records_that_not_everybody_sees():
    assert {(slug, name) for slug, name, _target in RESTRICTED} == {
        ("interactions", "lead"),
        ("guests", "lead"),
        ("visits", "lead"),
        ("projects", "lead"),
        ("contracts", "project"),
    }


@pytest.mark.parametrize("way", [Api, Form])
@pytest.mark.parametrize(("slug", "name", "target"), RESTRICTED)
def test_a_record_out_of_sight_is_answered_like_one_that_does_not_exist(
    way, slug, name, target, logged_in, director, officer, tokyo_station
):
    sender = way(logged_in(director), slug)
    own = {("station",): tokyo_station.pk} if ("station",) in sender.fields() else {}
    hidden, seen = FACTORY_OF[target](), FACTORY_OF[target](station=tokyo_station)
    sender.client = logged_in(officer)
    before = stock()
    for pk in (hidden.pk, MISSING_ID):
        answer = sender.send({**own, (name,): pk})
        assert (answer.status, answer.fields) == (400, {(name,)})
    assert stock() == before
    assert sender.send({**own, (name,): seen.pk}).stored


@pytest.mark.parametrize("slug", WRITABLE)
def test_a_body_that_is_no_record_is_refused(slug, logged_in, director):
    client, before = logged_in(director), stock()
    for body in ("[]", "1", '"x"', "null", "", "{", "[" * 5000, '{"name": "\\ud800"}', "\ufeff\x00"):
        response = client.post(f"/api/v1/{slug}/", body, content_type="application/json")
        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json"), body
    assert stock() == before


@pytest.mark.parametrize("slug", WRITABLE)
def test_fields_that_do_not_exist_or_are_read_only_are_refused(slug, logged_in, director):
    sender = Api(logged_in(director), slug)
    before = stock()
    names = ("no_such_field", "id", "version", "archived_at", "created_by", "reference")
    answer = sender.send({(name,): 1 for name in names})
    assert (answer.status, answer.fields) == (400, {(name,) for name in names})
    assert stock() == before


# -- accounts and tokens, which have forms of their own --------------------------------------------------------------

ACCOUNT = {
    "username": "taro", "usable_password": "true", "password1": "a long enough passphrase",
    "password2": "a long enough passphrase", "full_name": "山田太郎", "language": "ja", "time_zone": "Asia/Tokyo",
}  # fmt: skip
TOKEN = {"name": "Web site", "scope": "read", "expires_at_0": "2026-12-31", "expires_at_1": "12:00"}
WRONG_ENTRIES = [
    ("user", ACCOUNT, "username", [NUL, ENDLESS, "", "taro yamada", "director"]),
    ("user", ACCOUNT, "full_name", [NUL, ENDLESS]),
    ("user", ACCOUNT, "email", [NUL, ENDLESS, "not an address"]),
    ("user", ACCOUNT, "language", ["tlh", NUL, ENDLESS]),
    ("user", ACCOUNT, "time_zone", ["Asia/Suzhou", NUL, ENDLESS]),
    ("user", ACCOUNT, "work_country", ["ZZ", NUL, ENDLESS]),
    ("user", ACCOUNT, "groups", [["x"], [MISSING_ID], [HUGE], [-1]]),
    ("user", ACCOUNT, "password2", ["another", "", NUL]),
    ("apitoken", TOKEN, "name", [NUL, ENDLESS, ""]),
    ("apitoken", TOKEN, "scope", ["everything", NUL, ENDLESS]),
    ("apitoken", TOKEN, "expires_at", ["2024-02-30", "0001-01-01", "9999-12-31", ""]),
    ("apitoken", TOKEN, "user", ["x", MISSING_ID, HUGE, -1]),
]


@pytest.mark.parametrize(("model", "data", "field", "values"), WRONG_ENTRIES)
def test_a_wrong_account_or_token_is_refused_at_the_field(model, data, field, values, logged_in, director):
    client, before = logged_in(director), stock()
    data = {"user": director.pk, **data} if model == "apitoken" else data
    for value in values:
        name = f"{field}_0" if f"{field}_0" in data else field
        response = client.post(f"/admin/core/{model}/add/", {**data, name: value})
        assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, [field]), value
    assert stock() == before


# -- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", list(resources.everything()))
def test_nonsense_in_a_filter_is_an_error_at_the_filter_or_finds_nothing(slug, logged_in, director):
    resource, client = resources.get(slug), logged_in(director)
    factories.BY_RESOURCE[slug]()
    for name in resource.filterset.base_filters:
        for value in (NUL,) if name == "search" else ("9" * 30, "0001-01-01"):
            assert client.get(f"{page(resource.model)}/", {name: value}).status_code < 500, (name, value)
            listed = client.get(f"/api/v1/{slug}/", {name: value})
            told = [error["pointer"] for error in listed.json().get("errors", [])]
            assert (listed.status_code, told) in ((400, [f"/{name}"]), (200, [])), (name, value)


# -- documents -------------------------------------------------------------------------------------------------------

DOCUMENTS = [
    ("contract.exe", b"MZ"),
    ("contract.pdf", b"<html>"),
    ("contract.pdf", b""),
    ("contract.pdf" + ENDLESS, b"%PDF-1.7"),
    ("contract", b"%PDF-1.7"),
    ("contract.svg", b"<svg/>"),
    ("a\x00b.exe", b"MZ"),
]


@pytest.mark.parametrize(("name", "content"), DOCUMENTS)
@pytest.mark.parametrize("way", [Api, Form])
def test_a_document_that_cannot_be_kept_is_refused(way, name, content, logged_in, director, tmp_path):
    client, station = logged_in(director), factories.StationFactory()
    address = "/api/v1/contracts/" if way is Api else "/admin/projects/contract/add/"
    management = {"parties-TOTAL_FORMS": 0, "parties-INITIAL_FORMS": 0} if way is Form else {}
    data = {"title": "Contract", "kind": "memorandum", "station": station.pk, **management}
    before = stock()
    answer = way.answer(None, client.post(address, {**data, "file": SimpleUploadedFile(name, content)}))
    assert (answer.status, answer.fields) == (400, {("file",)})
    assert stock() == before
    assert not list(tmp_path.rglob("*contract*"))


# -- actions ---------------------------------------------------------------------------------------------------------


def act(client, address, **body):
    """`POST` to an action of the API: the status, and where there are messages."""
    body = json.dumps(body)
    response = client.post(f"/api/v1/{address}/", body, content_type="application/json", headers={"If-Match": "*"})
    return response.status_code, [error["pointer"] for error in response.json()["errors"]]


def submit(client, record, action, **data):
    """The same on a page of the staff site."""
    response = client.post(f"{page(record)}/{record.pk}/{action}/", data)
    return response.status_code, list(response.context["form"].errors)


@pytest.mark.parametrize("slug", WRITABLE)
def test_archiving_without_a_proper_reason_is_refused(slug, logged_in, director):
    record, client = factories.BY_RESOURCE[slug](), logged_in(director)
    before = stock()
    for reason in ("", "   ", NUL, "x" * 256, None, [], {}, True):
        assert act(client, f"{slug}/{record.pk}/archive", reason=reason) == (400, ["/reason"])
    for reason in ("", "   ", NUL, "x" * 256):
        assert submit(client, record, "archive", reason=reason) == (200, ["reason"])
    assert stock() == before


ENDS = [("leads", "stage", "disqualified"), ("projects", "status", "lost"), ("projects", "status", "terminated")]
WRONG_DETAILS = [
    *(("reason", value) for value in ("", "  ", NUL)),
    *(("lost_reason", value) for value in ("", MISSING_ID, HUGE, "x")),
    *(("ended_on", value) for value in ("", "2024-02-30", "0001-01-01", "9999-12-31")),
    *(("lost_to", value) for value in (NUL, ENDLESS)),
]


@pytest.mark.parametrize(("slug", "flow", "to"), ENDS)
def test_an_end_without_its_details_is_refused(slug, flow, to, logged_in, director):
    record, client = factories.BY_RESOURCE[slug](), logged_in(director)
    details = {"reason": "They build elsewhere", "lost_reason": LostReason.objects.first().pk}
    if slug == "projects":
        details |= {"ended_on": "2024-07-02", "lost_to": "Da Nang"}
    before = stock()
    for field, value in WRONG_DETAILS:
        if field in details:
            wrong = details | {field: value}
            assert submit(client, record, f"move/{flow}/{to}", **wrong) == (200, [field]), value
            wrong = details | {field: None if value == "" else value}
            assert act(client, f"{slug}/{record.pk}/{flow}", to=to, **wrong) == (400, [f"/{field}"]), value
    assert stock() == before


def test_a_conversion_that_is_not_possible_is_refused(logged_in, director):
    lead, client = factories.LeadFactory(stage="qualified"), logged_in(director)
    before = stock()
    for field, values in {
        "lead": [MISSING_ID, HUGE, -1, "x", None, [], {}, True],
        "name": [NUL, ENDLESS, [], {}],
        "zone": [MISSING_ID, HUGE, "x", [], {}],
        "owner": [director.pk],
    }.items():
        for value in values:
            assert act(client, "projects/convert", **{"lead": lead.pk, field: value}) == (400, [f"/{field}"])
    assert stock() == before


@pytest.mark.parametrize(("slug", "flow"), [("leads", "stage"), ("projects", "stage"), ("projects", "status")])
def test_a_move_to_nowhere_is_refused(slug, flow, logged_in, director):
    record, client = factories.BY_RESOURCE[slug](), logged_in(director)
    before = stock()
    for to in ("won", "", NUL, None, 1, [], {}):
        assert act(client, f"{slug}/{record.pk}/{flow}", to=to, reason="Because") == (400, ["/to"])
    assert client.post(f"{page(record)}/{record.pk}/move/{flow}/won/").status_code == 404
    assert stock() == before
