"""What each role may do with each kind of record."""

import pytest
from django.contrib.auth.models import Group

from core import access, resources
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SHARED = {"organizations", "people", "events", "delegations", "sessions", "guests", "visits"}
OWNED = {"leads", "interactions", "projects", "contracts"}
SETTINGS = {"stations", "zones", "batches"}
LISTS = {"sectors", "channels", "lost-reasons", "event-kinds"}
BUSINESS = SHARED | OWNED | SETTINGS
VISITS = {"guests", "visits"}
MEETINGS = {"events", "delegations", "sessions", "guests", "visits"}
NAMES = {"organizations", "people"}
TALKS = {"leads", "interactions"}
DEALS = {"contracts", "batches", "zones", "projects"}


def reach(role, action):
    user = UserFactory(role=role)
    return {slug for slug, resource in resources.everything().items() if access.may(user, action, resource.model)}


@pytest.mark.parametrize(
    ("role", "may_add"),
    [
        ("Director", BUSINESS | LISTS | {"users"}),
        ("Officer", NAMES | OWNED | VISITS),
        ("Event manager", MEETINGS | NAMES | TALKS),
        ("Contract manager", DEALS | NAMES),
        ("Auditor", set()),
        ("Integration", BUSINESS),
    ],
)
def test_adding_and_changing(role, may_add):
    assert reach(role, "add") == reach(role, "change") == may_add


@pytest.mark.parametrize(
    ("role", "may_archive"),
    [
        ("Director", BUSINESS),
        ("Officer", NAMES | OWNED),
        ("Event manager", MEETINGS),
        ("Contract manager", DEALS),
        ("Auditor", set()),
        ("Integration", BUSINESS),
    ],
)
def test_archiving_and_restoring(role, may_archive):
    assert reach(role, "archive") == reach(role, "restore") == may_archive


@pytest.mark.parametrize(
    ("role", "out_of_sight"),
    [
        ("Director", set()),
        ("Officer", set()),
        ("Event manager", {"projects", "contracts"}),
        ("Contract manager", {"interactions", "guests", "visits"}),
        ("Auditor", set()),
        ("Integration", set()),
    ],
)
def test_reading(role, out_of_sight):
    assert set(resources.everything()) - reach(role, "view") == out_of_sight


def test_an_auditor_takes_nothing_away():
    assert reach("Auditor", "export") == set()


def test_those_who_see_all_stations():
    everywhere = {
        group.name for group in Group.objects.all() if UserFactory(role=group.name).has_perm("crm.all_stations")
    }
    assert everywhere == {"Director", "Auditor", "Integration"}


def test_there_are_six_roles():
    roles = {"Director", "Officer", "Event manager", "Contract manager", "Auditor", "Integration"}
    assert set(Group.objects.values_list("name", flat=True)) == roles
