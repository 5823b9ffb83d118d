"""What a list answers: filters, fields, order, and files."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook

from config.api import router
from core import resources
from tests.core.api.calling import errors, message
from tests.factories import (
    BY_RESOURCE,
    AffiliationFactory,
    AliasFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    SectorFactory,
)


@pytest.mark.parametrize("slug", BY_RESOURCE)
def test_every_list_has_the_envelope_and_the_columns_of_its_resource(api, director, slug):
    record = BY_RESOURCE[slug]()
    body = api(director).get(f"{slug}/?page_size=1000").json()
    assert list(body) == ["next", "previous", "results"]
    row = next(row for row in body["results"] if row["id"] == record.pk)
    assert list(row) == [column.code for column in resources.get(slug).columns.listed()]


@pytest.mark.parametrize("slug", BY_RESOURCE)
def test_a_record_has_all_columns(api, director, slug):
    record = BY_RESOURCE[slug]()
    body = api(director).get(f"{slug}/{record.pk}/").json()
    assert list(body) == [column.code for column in resources.get(slug).columns.all]
    assert body["id"] == record.pk


@pytest.mark.parametrize("slug", BY_RESOURCE)
def test_the_number_of_queries_does_not_grow_with_the_list(api, director, slug):
    caller = api(director)
    BY_RESOURCE[slug]()
    caller.get(f"{slug}/")  # notes the use of the token
    with CaptureQueriesContext(connection) as one:
        assert caller.get(f"{slug}/").status_code == 200
    BY_RESOURCE[slug].create_batch(2)
    with CaptureQueriesContext(connection) as three:
        assert caller.get(f"{slug}/").status_code == 200
    assert len(three) == len(one)
    assert len(one) <= 16


def test_both_forms_of_an_address_are_the_same(api, director):
    record = OrganizationFactory()
    caller = api(director)
    assert caller.get("organizations").json() == caller.get("organizations/").json()
    assert caller.get(f"organizations/{record.pk}").json() == caller.get(f"organizations/{record.pk}/").json()
    assert caller.post("organizations", {"name": "x", "country": "JP"}).status_code == 201


def test_the_root_lists_the_resources(api, officer):
    body = api(officer).get("").json()
    assert list(body) == router.slugs()
    assert body["leads"] == "http://testserver/api/v1/leads/"


def test_decimals_are_text_and_times_are_utc(api, director):
    lead = LeadFactory(interest_amount="1000000.5", interest_currency="JPY")
    row = api(director).get("leads/").json()["results"][0]
    assert row["interest_amount"] == "1000000.50"
    assert row["created_at"] == lead.created_at.isoformat().replace("+00:00", "Z")


def test_fields_choose_the_columns_and_their_order(api, director):
    lead = LeadFactory(title="Robots")
    body = api(director).get("leads/?fields=title,id,title").json()
    assert [list(row.items()) for row in body["results"]] == [[("title", "Robots"), ("id", lead.pk)]]


def test_fields_may_name_what_only_records_show(api, director):
    alias = AliasFactory(name="NEC")
    body = api(director).get("organizations/?fields=aliases").json()
    assert body["results"][0]["aliases"][0]["name"] == "NEC"
    assert body["results"][0]["aliases"][0]["id"] == alias.pk


def test_an_unknown_field_is_refused(api, director):
    response = api(director).get("sectors/?fields=id,colour")
    assert errors(response) == {"/fields": "unknown"}
    assert message(response, "/fields") == (
        "There is no field “colour”. Choose from: id, code, name_en, name_zh, name_ja, position, retired_on."
    )


@pytest.mark.parametrize("order", ["colour", "--title", "organization__notes", "title,-colour", "?"])
def test_only_declared_orders_are_accepted(api, director, order):
    assert errors(api(director).get(f"leads/?ordering={order}")) == {"/ordering": "invalid"}


def test_unknown_parameters_are_refused_by_name(api, director):
    response = api(director).get("sectors/?colour=red&cod=x&search=a")
    assert errors(response) == {"/colour": "unknown", "/cod": "unknown"}
    assert response.json()["errors"][0]["in"] == "query"
    assert "code, cursor, fields" in message(response, "/cod")


@pytest.mark.parametrize("path", ["leads/{}/?page_size=1", "leads/{}/history/?x=1", "leads/{}/stages/?x=1"])
def test_records_take_no_parameters(api, director, path):
    response = api(director).get(path.format(LeadFactory().pk))
    assert (response.status_code, set(errors(response).values())) == (400, {"unknown"})


def test_writing_takes_no_parameters(api, director):
    assert errors(api(director).post("organizations/?dry_run=1", {})) == {"/dry_run": "unknown"}


def test_the_format_json_may_be_named_everywhere(api, director):
    lead, caller = LeadFactory(), api(director)
    assert caller.get(f"leads/{lead.pk}/?format=json").status_code == 200
    assert caller.get("leads/?format=json").json() == caller.get("leads/").json()
    assert errors(caller.get(f"leads/{lead.pk}/?format=csv")) == {"/format": "invalid"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("stage=won", "/stage"),
        ("stage__in=new,won", "/stage__in"),
        ("station=x", "/station"),
        ("station=999999999", "/station"),
        ("station__in=1,x", "/station__in"),
        ("station=99999999999999999999999", "/station"),
        ("created_after=yesterday", "/created_after"),
        ("next_step_before=2026-02-30", "/next_step_before"),
        ("open=perhaps", "/open"),
        ("archived=maybe", "/archived"),
        ("organization__country=XX", "/organization__country"),
        ("format=pdf", "/format"),
        ("headers=none", "/headers"),
        ("search=%00", "/search"),
    ],
)
def test_a_wrong_value_is_refused_at_its_parameter(api, director, query, pointer):
    response = api(director).get(f"leads/?{query}")
    assert (response.status_code, list(errors(response))) == (400, [pointer])


def test_several_values_are_comma_separated(api, director):
    wanted = [LeadFactory(organization__country="JP"), LeadFactory(organization__country="KR")]
    LeadFactory(organization__country="US")
    body = (
        api(director).get("leads/?organization__country__in=JP,KR&stage__in=new,contacted&ordering=created_at").json()
    )
    assert [row["id"] for row in body["results"]] == [lead.pk for lead in wanted]


def test_a_filter_by_a_record_out_of_sight_is_answered_like_one_that_does_not_exist(api, officer):
    hidden = LeadFactory()
    caller = api(officer)
    answers = [caller.get(f"interactions/?lead={pk}").json() for pk in (hidden.pk, 2**31 - 1)]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 400


def test_a_link_to_a_record_out_of_sight_is_empty(api, officer, tokyo_station):
    InteractionFactory(station=tokyo_station, lead=LeadFactory(title="Secret"))
    response = api(officer).get("interactions/")
    assert response.json()["results"][0]["lead"] is None
    assert response.json()["results"][0]["lead_display"] == ""
    assert b"Secret" not in response.content


def test_archived_records_are_listed_on_demand(api, director):
    current, old = LeadFactory(), LeadFactory()
    old.archive("double")
    caller = api(director)
    found = {value: {r["id"] for r in caller.get(f"leads/?archived={value}").json()["results"]} for value in STATES}
    assert found == {"": {current.pk}, "false": {current.pk}, "true": {old.pk}, "all": {current.pk, old.pk}}


STATES = ("", "false", "true", "all")


def test_csv_holds_the_filtered_list_in_its_order(api, director):
    for name, country in (("髙島屋", "JP"), ("+81 3-1234-5678", "JP"), ("Seoul", "KR")):
        OrganizationFactory(name=name, country=country)
    path = "organizations/?format=csv&country=JP&ordering=-name&fields=name,country&headers=codes"
    response = api(director).get(path)
    content = b"".join(response.streaming_content)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [rows[0], rows[1][0], len(rows)] == [["name", "country"], "髙島屋", 3]


def test_csv_headings_are_in_the_callers_language(api, director):
    response = api(director, language="ja").get("sectors/?format=csv&fields=code")
    heading = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()[0]
    assert response["Content-Language"] == "ja"
    assert heading == str(_label("sectors", "code", "ja"))


def _label(slug, code, language):
    with translation.override(language):
        return str(resources.get(slug).columns.chosen([code])[0].label)


def test_xlsx_holds_the_same(api, director):
    OrganizationFactory(name="髙島屋", country="JP")
    response = api(director).get("organizations/?format=xlsx&fields=name,country&headers=codes")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["name", "country"], ["髙島屋", "JP"]]


def test_an_export_is_complete_whatever_the_page_size(api, director):
    SectorFactory.create_batch(3)
    response = api(director).get("sectors/?format=csv&page_size=1&fields=code")
    assert len(b"".join(response.streaming_content).splitlines()) > 3


def test_an_export_has_no_cursor(api, director):
    PersonFactory.create_batch(2)
    link = api(director).get("people/?page_size=1").json()["next"]
    assert errors(api(director).get(f"{link}&format=csv")) == {"/cursor": "invalid"}


def test_an_export_holds_only_what_is_in_reach(api, officer, tokyo_station):
    LeadFactory(station=tokyo_station, title="Mine")
    LeadFactory(title="Other")
    response = api(officer).get("leads/?format=csv&fields=title&headers=codes")
    assert b"".join(response.streaming_content).decode("utf-8-sig").split() == ["title", '"Mine"']


def test_parts_are_in_the_lists_that_declare_them(api, director):
    affiliation = AffiliationFactory(position="部長")
    row = api(director).get("people/").json()["results"][0]
    assert row["affiliations"] == [
        {
            "id": affiliation.pk,
            "organization": affiliation.organization_id,
            "organization_display": str(affiliation.organization),
            "position": "部長",
            "position_en": "",
            "department": "",
            "starts_on": None,
            "ends_on": None,
        }
    ]
