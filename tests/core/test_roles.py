"""What each role may do on each model, in one table; and the granting itself."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from core.roles import grant, revoke_all

pytestmark = pytest.mark.django_db

ROLES = ("Director", "Officer", "Event manager", "Contract manager", "Auditor", "Integration")
LETTERS = {"v": "view", "a": "add", "c": "change", "d": "delete", "e": "export"}  # to delete is to archive and restore
TABLE = """
                      Director  Officer  Event m.  Contract m.  Auditor  Integration
auditlog.logentry     v----     -----    -----     -----        v----    -----
auth.group            v----     -----    -----     -----        -----    -----
core.apitoken         vac--     vac--    vac--     vac--        -----    -----
core.exportlog        v----     -----    -----     -----        v----    -----
core.import           v----     v----    v----     v----        v----    -----
core.savedview        vac--     vac--    vac--     vac--        v----    -----
core.signin           v----     -----    -----     -----        v----    -----
core.user             vac-e     v----    v----     v----        v----    v----
crm.channel           vac-e     v----    v----     v----        v----    v---e
crm.interaction       vacde     vacde    vac--     -----        v----    vacde
crm.lead              vacde     vacde    vac--     v----        v----    vacde
crm.liaisonstation    vacde     v---e    v---e     v---e        v----    vacde
crm.lostreason        vac-e     v----    v----     v----        v----    v---e
crm.organization      vacde     vacde    vac-e     vac-e        v----    vacde
crm.person            vacde     vacde    vac-e     vac-e        v----    vacde
crm.sector            vac-e     v----    v----     v----        v----    v---e
events.event          vacde     v---e    vacde     v----        v----    vacde
events.eventkind      vac-e     v----    v----     v----        v----    v---e
events.guest          vacde     vac-e    vacde     -----        v----    vacde
events.session        vacde     v---e    vacde     v----        v----    vacde
events.visit          vacde     vac-e    vacde     -----        v----    vacde
projects.batch        vacde     v---e    v---e     vacde        v----    vacde
projects.contract     vacde     vacde    -----     vacde        v----    vacde
projects.project      vacde     vacde    -----     vacde        v----    vacde
projects.zone         vacde     v---e    v---e     vacde        v----    vacde
"""
ALL_STATIONS = {"Director", "Auditor", "Integration"}


def expected(role):
    """The rights of a role as the table has them."""
    rights = set()
    for line in TABLE.strip().splitlines()[1:]:
        model, *cells = line.split()
        app, _dot, name = model.partition(".")
        letters = cells[ROLES.index(role)].replace("-", "")
        rights |= {f"{app}.{LETTERS[letter]}_{name}" for letter in letters}
    rights |= {"crm.all_stations"} if role in ALL_STATIONS else set()
    return rights | ({"core.keep_shared_views"} if role == "Director" else set())


def granted(role):
    permissions = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in permissions}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role):
    assert granted(role) == expected(role)


def test_there_are_no_other_roles():
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_every_model_with_rights_of_its_own_is_in_the_table():
    listed = {line.split()[0] for line in TABLE.strip().splitlines()[1:]}
    models = (
        model for label in ("core", "crm", "events", "projects") for model in apps.get_app_config(label).get_models()
    )
    assert {model._meta.label_lower for model in models if model._meta.default_permissions} <= listed


@pytest.mark.parametrize("role", ["Auditor"])
def test_a_reader_changes_nothing(role):
    assert {right.partition(".")[2].split("_")[0] for right in granted(role)} == {"view", "all"}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "Director"])
def test_only_the_director_manages_accounts_and_sees_roles(role):
    assert not granted(role) & {"core.change_user", "core.add_user", "auth.view_group"}


def test_nobody_makes_roles_or_writes_logs():
    assert not {right for role in ROLES for right in granted(role)} & {
        f"{model.split('.')[0]}.{action}_{model.split('.')[1]}"
        for model in ("auth.group", "auditlog.logentry", "core.exportlog")
        for action in ("add", "change", "delete")
    }


# -- granting ---------------------------------------------------------------------------------------------------------

EDITOR = SimpleNamespace(connection=connection)
RIGHTS = {"Visitor": {"crm.sector": "view export", "crm": "all_stations"}}


def test_granting_makes_the_role():
    grant(EDITOR, apps, RIGHTS)
    assert granted("Visitor") == {"crm.view_sector", "crm.export_sector", "crm.all_stations"}


def test_granting_twice_and_more_adds_up():
    grant(EDITOR, apps, RIGHTS)
    grant(EDITOR, apps, {"Visitor": {"crm.sector": "view", "crm.lead": "view"}})
    assert granted("Visitor") == {"crm.view_sector", "crm.export_sector", "crm.all_stations", "crm.view_lead"}


def test_revoking_takes_what_was_granted_and_leaves_the_role():
    grant(EDITOR, apps, {"Visitor": {"crm.lead": "view"}})
    grant(EDITOR, apps, RIGHTS)
    revoke_all(EDITOR, apps, RIGHTS)
    assert granted("Visitor") == {"crm.view_lead"}


def test_revoking_from_a_role_that_is_gone_is_no_error():
    revoke_all(EDITOR, apps, RIGHTS)
    assert not Group.objects.filter(name="Visitor").exists()


@pytest.mark.parametrize(("target", "actions"), [("crm.sector", "view paint"), ("crm.moon", "view"), ("crm", "fly")])
def test_a_right_that_does_not_exist_is_an_error(target, actions):
    with pytest.raises(LookupError, match="No such permission in crm"):
        grant(EDITOR, apps, {"Visitor": {target: actions}})


def test_rights_are_made_where_they_are_missing():
    from_migration = Group.objects.get(name="Officer").permissions.get(codename="view_sector")
    from_migration.delete()
    grant(EDITOR, apps, RIGHTS)
    assert "crm.view_sector" in granted("Visitor")
