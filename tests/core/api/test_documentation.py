"""The OpenAPI document and its page are for everybody who may sign in, and load nothing from elsewhere."""

import re

import pytest
import yaml
from django.contrib.staticfiles import finders


@pytest.mark.parametrize("path", ["schema/", "schema"])
def test_the_document_is_json_for_anyone_with_a_token(api, nobody, path):
    response = api(nobody).get(path)
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json()["info"]["title"] == "Liaison"


def test_the_document_is_yaml_on_demand(api, nobody):
    response = api(nobody).get("schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert yaml.safe_load(response.content)["info"]["title"] == "Liaison"


def test_the_document_is_in_the_readers_language(api, nobody):
    english, japanese = api(nobody).get("schema/"), api(nobody, language="ja").get("schema/")
    assert japanese["Content-Language"] == "ja"
    assert english.json()["paths"].keys() == japanese.json()["paths"].keys()


@pytest.mark.django_db
def test_anonymous_callers_get_neither(client):
    assert client.get("/api/v1/schema/").status_code == 401
    response = client.get("/api/v1/docs/")
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/api/v1/docs/")


def test_the_page_loads_only_our_own_files_and_runs_nothing_inline(nobody, logged_in):
    client = logged_in(nobody)
    response = client.get("/api/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "unsafe" not in response["Content-Security-Policy"]
    assert re.findall(r"<style|style=|\son\w+=|<script>|<script (?!src=)", page) == []
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    static = [address for address in addresses if address.startswith("/static/")]
    assert len(static) == 4
    assert all(finders.find(address.removeprefix("/static/")) for address in static)
    script = next(address for address in addresses if "script" in address and address not in static)
    found = client.get(script.replace("&amp;", "&"))
    assert found["Content-Type"] == "application/javascript"
    assert '"/api/v1/schema' in found.content.decode() or "u002D" in found.content.decode()
    assert '"validatorUrl": null' in found.content.decode()
