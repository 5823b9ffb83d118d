"""What a token may do, asked of every address of the API."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core import resources
from core.tokens import ApiToken
from projects.models import Contract
from tests import factories
from tests.test_bad_input import stock

pytestmark = pytest.mark.django_db
WRITING = ("post", "put", "patch", "delete")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE_TYPES = ("text/csv", XLSX, "application/xlsx", "csv")
ALL_SCOPES = {"scope": "write", "may_export": True}


def patterns(found=None, prefix=""):
    """(address, view) of everything below /api/v1/ and /files/, with 1 for each number in it."""
    for pattern in found or get_resolver().url_patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, text)
        elif isinstance(pattern, URLPattern) and re.match(r"\^?api/v1/", text):
            yield text, pattern.callback


def address(pattern):
    """`api/v1/^leads/(?P<pk>[0-9]+)/?$` as somebody would call it."""
    filled = re.sub(r"\(\?P<\w+>[^)]*\)|<\w+:\w+>", "1", pattern.replace("^", "").replace("$", "").replace("/?", "/"))
    return "/" + filled


ROUTES = sorted({address(pattern) for pattern, _view in patterns()})
every_route = pytest.mark.parametrize("route", ROUTES)


def caller(user, **fields):
    _token, secret = ApiToken.issue(user, "test", **fields)
    return Client(headers={"Authorization": f"Bearer {secret}", "If-Match": "*"})


def reading_actions(route):
    """POST addresses that only read (`core.api.authentication`)."""
    found = set()
    for pattern, view in patterns():
        names = getattr(getattr(view, "cls", None), "reading_actions", ())
        if address(pattern) == route and {*getattr(view, "actions", {}).values()} & {*names}:
            found.add("post")
    return found


def test_there_are_routes_to_ask():
    """The tests below would pass if they were given none."""
    assert len(ROUTES) > 4 * len(resources.everything())
    assert {"/api/v1/leads/", "/api/v1/leads/1/archive/", "/api/v1/leads/1/stage/"} <= set(ROUTES)


@every_route
def test_a_read_token_writes_nothing(route, director):
    client = caller(director, scope="read", may_export=True)
    before = stock()
    for method in WRITING:
        if method not in reading_actions(route):
            response = getattr(client, method)(route, "{}", content_type="application/json")
            # 405 where there is no such method: not before the token was looked at.
            assert response.status_code in (403, 404, 405), (method, response.status_code)
            assert response.status_code != 403 or "only read" in response.json()["detail"]
    assert stock() == before


@every_route
def test_a_method_is_not_changed_by_a_header(route, director):
    client = caller(director, scope="read", may_export=True)
    before = stock()
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        client.get(route, {"_method": "DELETE"}, headers={name: "DELETE"})
        client.post(route, {"_method": "PUT"}, headers={name: "GET"})
    assert stock() == before


@pytest.mark.parametrize("slug", list(resources.everything()))
def test_a_read_token_does_not_write_what_would_be_accepted(slug, director):
    record = factories.BY_RESOURCE[slug]()
    shown = caller(director, **ALL_SCOPES).get(f"/api/v1/{slug}/{record.pk}/").json()
    client, before = caller(director, scope="read"), stock()
    answers = [
        client.post(f"/api/v1/{slug}/", json.dumps(shown), content_type="application/json"),
        client.patch(f"/api/v1/{slug}/{record.pk}/", json.dumps(shown), content_type="application/json"),
        client.post(f"/api/v1/{slug}/{record.pk}/archive/", '{"reason": "x"}', content_type="application/json"),
    ]
    assert {answer.status_code for answer in answers} <= {403, 404, 405}
    assert stock() == before


def is_table(response):
    content = (b"".join(response) if response.streaming else response.content)[:4]
    said = response.headers.get("Content-Type", "") + response.headers.get("Content-Disposition", "")
    return content.startswith((b"\xef\xbb\xbf", b"PK\x03\x04")) or "csv" in said or "spreadsheet" in said


@every_route
def test_without_export_there_is_no_table_by_any_trick(route, director):
    client = caller(director, scope="write", may_export=False)
    queries = [{"format": kind} for kind in ("csv", "xlsx", "CSV", "csv ", "csv\x00", "json,csv")]
    queries += [{"format": ["json", "csv"]}, {"headers": "codes", "format": "csv"}, {"page_size": "1000"}]
    for query in queries:
        response = client.get(route, query)
        assert not is_table(response), query
    for accepted in TABLE_TYPES:
        assert not is_table(client.get(route, headers={"Accept": accepted})), accepted
    for suffix in (".csv", ".xlsx", "/export/", "/csv/"):
        assert not is_table(client.get(route.rstrip("/") + suffix)), suffix


@pytest.mark.parametrize("slug", list(resources.everything()))
def test_with_export_there_is(slug, director):
    """Otherwise the test above would prove nothing."""
    factories.BY_RESOURCE[slug]()
    client = caller(director, **ALL_SCOPES)
    for kind in ("csv", "xlsx"):
        assert is_table(client.get(f"/api/v1/{slug}/", {"format": kind}))


@pytest.mark.parametrize("page", ["/admin/crm/lead/export/", "/admin/crm/lead/export/?format=xlsx", "/admin/"])
def test_a_token_opens_no_page_of_the_staff_site(page, director):
    response = caller(director, **ALL_SCOPES).get(page)
    assert (response.status_code, response.url.split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize(("name", "content"), [("a.csv", b"a,b"), ("a.xlsx", b"PK\x03\x04"), ("a.CSV", b"a,b")])
def test_without_export_a_stored_table_stays_where_it_is(name, content, director):
    contract = factories.ContractFactory(file=SimpleUploadedFile(name, content))
    assert Contract.objects.get().file.name
    refused = caller(director, scope="write").get(contract.file.url)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This token may not export.")
    assert caller(director, **ALL_SCOPES).get(contract.file.url).status_code == 200


def test_without_export_other_documents_are_read(director):
    contract = factories.ContractFactory(file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"))
    assert caller(director, scope="read").get(contract.file.url).status_code == 200


def test_a_table_of_another_station_does_not_exist_for_a_token_without_export(stranger, tokyo_station):
    contract = factories.ContractFactory(station=tokyo_station, file=SimpleUploadedFile("a.csv", b"a,b"))
    assert caller(stranger, scope="read").get(contract.file.url).status_code == 404
