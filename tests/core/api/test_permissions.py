"""Every address asks `core.access`, and what is out of reach looks as if it did not exist."""

import pytest
from django.urls import get_resolver
from rest_framework.test import APIRequestFactory

from config.api import router
from core.api.permissions import RegistryPermission
from core.api.views import RecordViewSet
from crm import resources
from tests.core.api.calling import BASE, Caller, errors
from tests.factories import BY_RESOURCE, LeadFactory, OrganizationFactory, UserFactory

MISSING = 2**31 - 1


def addresses():
    """Every method and address of the API, with the id of a record that does not exist."""
    for pattern in get_resolver("config.api").url_patterns:
        actions = getattr(pattern.callback, "actions", None) or {}
        path = pattern.pattern.regex.pattern.lstrip("^").rstrip("$").replace("(?P<pk>[0-9]+)", str(MISSING))
        for method in actions:
            if method != "head":
                yield method, f"{BASE}/{path.replace('/?', '/')}"


ADDRESSES = sorted(addresses())


def test_all_resources_are_served():
    assert set(router.slugs()) == set(BY_RESOURCE)
    assert len(ADDRESSES) > 100


@pytest.mark.django_db
def test_nothing_answers_anonymous_callers():
    caller = Caller()
    open_addresses = [(m, path) for m, path in ADDRESSES if caller.call(m, path, {}).status_code != 401]
    assert open_addresses == []


def test_nothing_answers_staff_without_a_role(api, nobody):
    caller = api(nobody)
    allowed = [(m, path) for m, path in ADDRESSES if caller.call(m, path, {}, match="*").status_code not in (403, 404)]
    assert allowed == []


def test_an_auditor_reads_everything_and_writes_nothing(api, auditor):
    caller = api(auditor)
    for method, path in ADDRESSES:
        status = caller.call(method, path, {}, match="*").status_code
        assert status in ((200, 404) if method == "get" else (403, 404)), (method, path)
    assert {caller.get(f"{slug}/").status_code for slug in router.slugs()} == {200}


def test_an_auditor_does_not_export(api, auditor):
    response = api(auditor).get("leads/?format=csv")
    assert (response.status_code, response.json()["detail"]) == (403, "You may not export these records.")


@pytest.mark.parametrize("tail", ["", "history/", "stages/"])
def test_out_of_sight_looks_like_not_there(api, stranger, tail):
    caller, lead = api(stranger), LeadFactory()
    hidden, missing = caller.get(f"leads/{lead.pk}/{tail}"), caller.get(f"leads/{MISSING}/{tail}")
    assert (hidden.status_code, hidden.content) == (404, missing.content)


@pytest.mark.parametrize(("method", "tail"), [("put", ""), ("patch", ""), ("post", "archive/"), ("post", "stage/")])
def test_out_of_sight_looks_like_not_there_for_writers_too(api, stranger, method, tail):
    caller, lead = api(stranger), LeadFactory()
    hidden = caller.call(method, f"leads/{lead.pk}/{tail}", {"title": "x"}, match='"1"')
    missing = caller.call(method, f"leads/{MISSING}/{tail}", {"title": "x"}, match='"1"')
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    lead.refresh_from_db()
    assert lead.version == 1


def test_a_list_has_only_what_is_in_reach(api, officer, tokyo_station):
    mine, _other = LeadFactory(station=tokyo_station), LeadFactory()
    assert [row["id"] for row in api(officer).get("leads/").json()["results"]] == [mine.pk]


def test_what_may_be_seen_but_not_changed_is_403(api, db):
    caller, record = api(UserFactory(role="Contract manager")), LeadFactory()
    assert caller.patch(f"leads/{record.pk}/", {"title": "x"}, match="*").status_code == 403


def test_scopes_may_differ_by_action(api, officer, monkeypatch, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    monkeypatch.setattr(
        type(resources.leads),
        "all",
        lambda self, user, action="view": self.model.objects.all() if action == "view" else self.model.objects.none(),
    )
    response = api(officer).patch(f"leads/{lead.pk}/", {"title": "x"}, match="*")
    assert (response.status_code, response.json()["detail"]) == (403, "You may not change this record.")


@pytest.mark.parametrize("method", ["delete", "options", "trace"])
def test_records_have_no_other_methods(api, director, method):
    record = OrganizationFactory()
    response = api(director).call(method, f"organizations/{record.pk}/")
    assert (response.status_code, errors(response)) == (405, {})
    assert response["Allow"] == "GET, HEAD, PUT, PATCH"


def test_reference_lists_are_only_read(api, director):
    assert api(director).post("sectors/", {"code": "x"}).status_code == 405
    assert api(director).patch("sectors/1/", {"code": "x"}, match="*").status_code == 405


def test_an_action_that_nobody_mapped_is_denied(director):
    class Odd(RecordViewSet):
        resource = resources.organizations

        def surprise(self, request):
            raise AssertionError("not reached")

    request = APIRequestFactory().get("/")
    request.user = director
    view = Odd.as_view({"get": "surprise"})
    request._dont_enforce_csrf_checks = True
    assert view(request).status_code == 403


def test_a_view_without_a_resource_is_denied(director, rf):
    request = rf.get("/")
    request.user, request.query_params = director, {}
    assert RegistryPermission().has_permission(request, object()) is False
