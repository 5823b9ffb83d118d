"""Who may see and do what: default deny, scopes, parts, and the two questions `may` and `scoped`."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core import access
from core.accounts import User
from crm.models import Alias, Interaction, Lead, LeadStageChange, Organization, StationMembership
from events.models import Event
from projects.models import Contract, ContractParty, Project
from tests.factories import (
    AliasFactory,
    ContractFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PartyFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def again(user):
    """The user as the next request loads them; permissions are cached on the instance."""
    return User.objects.get(pk=user.pk)


def seen(user, model, action="view"):
    return set(access.scoped(user, model, action))


# -- default deny -----------------------------------------------------------------------------------------------------


def test_a_model_without_a_scope_is_denied_even_to_a_superuser():
    superuser = UserFactory(is_superuser=True)
    assert not access.registered(ContentType)
    assert not access.may(superuser, "view", ContentType)
    assert not access.scoped(superuser, ContentType).exists()


@pytest.mark.parametrize("action", list(access.PERMISSIONS))
@pytest.mark.parametrize("user", [None, AnonymousUser()], ids=["none", "anonymous"])
def test_nobody_is_denied(user, action):
    OrganizationFactory()
    assert not access.may(user, action, Organization)
    assert seen(user, Organization, action) == set()


@pytest.mark.parametrize("action", list(access.PERMISSIONS))
def test_staff_without_a_role_are_denied(nobody, action):
    assert not access.may(nobody, action, Organization)
    assert not access.can(nobody, action, OrganizationFactory())


def test_a_deactivated_account_is_denied(officer):
    officer.is_active = False
    assert not access.may(officer, "view", Organization)


def test_a_deactivated_superuser_is_denied():
    assert not access.may(UserFactory(is_superuser=True, is_active=False), "view", Organization)


def test_an_action_that_does_not_exist_is_an_error(director):
    with pytest.raises(KeyError):
        access.may(director, "destroy", Organization)


# -- rights -----------------------------------------------------------------------------------------------------------


def test_a_right_to_one_model_is_none_to_another(nobody):
    nobody.user_permissions.add(Permission.objects.get(codename="view_organization"))
    nobody = again(nobody)
    assert access.may(nobody, "view", Organization)
    assert not access.may(nobody, "change", Organization)
    assert not access.may(nobody, "view", Lead)


@pytest.mark.parametrize("action", ["archive", "restore"])
def test_archiving_and_restoring_need_the_right_to_delete(nobody, action):
    nobody.user_permissions.add(Permission.objects.get(codename="delete_organization"))
    assert access.may(again(nobody), action, Organization)


def test_the_right_to_export_is_apart_from_the_right_to_view(auditor):
    OrganizationFactory()
    assert access.may(auditor, "view", Organization)
    assert seen(auditor, Organization, "export") == set()


def test_a_role_that_is_taken_away_ends_with_the_next_request(officer):
    lead = LeadFactory(owner=officer)
    officer.groups.remove(Group.objects.get(name="Officer"))
    assert not access.can(again(officer), "view", lead)


# -- scopes -----------------------------------------------------------------------------------------------------------


def test_what_all_share_is_seen_by_officers_of_every_station(officer, stranger):
    organization = OrganizationFactory()
    assert seen(officer, Organization) == seen(stranger, Organization) == {organization}


@pytest.mark.parametrize("factory", [LeadFactory, InteractionFactory, ProjectFactory, ContractFactory])
def test_what_belongs_to_a_station_is_seen_by_its_members(factory, officer, stranger, tokyo_station):
    record = factory(station=tokyo_station)
    assert seen(officer, type(record)) == {record}
    assert seen(stranger, type(record)) == set()


@pytest.mark.parametrize("factory", [LeadFactory, InteractionFactory, ProjectFactory, ContractFactory])
def test_the_director_and_the_auditor_see_all_stations(factory, director, auditor):
    record = factory()
    assert seen(director, type(record)) == seen(auditor, type(record)) == {record}


@pytest.mark.parametrize("factory", [LeadFactory, ProjectFactory, ContractFactory])
def test_the_owner_sees_the_record_wherever_it_is_filed(factory, stranger, tokyo_station):
    record = factory(station=tokyo_station, owner=stranger)
    assert access.can(stranger, "change", record)


@pytest.mark.parametrize(
    ("factory", "people"),
    [(LeadFactory, "collaborators"), (ProjectFactory, "collaborators"), (InteractionFactory, "staff")],
)
def test_named_people_see_the_record_until_they_are_taken_off(factory, people, stranger, tokyo_station):
    record = factory(station=tokyo_station)
    getattr(record, people).add(stranger, UserFactory(), UserFactory())
    assert list(access.scoped(stranger, type(record))) == [record]
    getattr(record, people).remove(stranger)
    assert seen(stranger, type(record)) == set()


@pytest.mark.parametrize(
    ("starts", "ends", "member"),
    [(None, None, True), (0, 0, True), (-9, None, True), (1, None, False), (None, -1, False), (None, 1, True)],
)
def test_a_membership_counts_on_its_days(starts, ends, member, nobody, tokyo_station):
    def day(offset):
        return None if offset is None else timezone.localdate() + datetime.timedelta(days=offset)

    nobody.groups.add(Group.objects.get(name="Officer"))
    StationMembership(station=tokyo_station, user=nobody, starts_on=day(starts), ends_on=day(ends)).save()
    assert access.can(nobody, "view", LeadFactory(station=tokyo_station)) is member


def test_a_member_twice_over_sees_each_record_once(officer, tokyo_station):
    StationMembership(station=tokyo_station, user=officer).save()
    lead = LeadFactory(station=tokyo_station, owner=officer)
    assert list(access.scoped(officer, Lead)) == [lead]


def test_scoped_narrows_the_queryset_it_is_given(officer, tokyo_station):
    LeadFactory(station=tokyo_station, title="A")
    lead = LeadFactory(station=tokyo_station, title="B")
    assert list(access.scoped(officer, Lead.objects.filter(title="B"))) == [lead]


def test_archived_records_stay_in_reach(officer, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    lead.archive("registered twice")
    assert access.can(officer, "restore", lead)


# -- parts ------------------------------------------------------------------------------------------------------------


def test_parts_of_what_all_share_are_shared(stranger):
    alias = AliasFactory()
    assert seen(stranger, Alias) == {alias}


def test_parts_of_a_station_record_are_seen_with_it(officer, stranger, tokyo_station):
    party = PartyFactory(contract=ContractFactory(station=tokyo_station))
    assert seen(officer, ContractParty) == {party}
    assert seen(stranger, ContractParty) == set()


def test_history_rows_are_seen_with_their_record(officer, stranger, tokyo_station):
    lead = LeadFactory(station=tokyo_station)
    assert seen(officer, LeadStageChange) == set(lead.stage_changes.all())
    assert seen(stranger, LeadStageChange) == set()


@pytest.mark.parametrize("action", ["add", "change", "archive"])
def test_editing_parts_is_changing_the_record(action, auditor, officer):
    assert access.may(officer, action, Alias)
    assert not access.may(auditor, action, Alias)
    assert access.may(auditor, "view", Alias)


# -- what the engine tells others -------------------------------------------------------------------------------------


def test_restricted_is_what_not_all_staff_see():
    models = (Organization, Event, Alias, Lead, Interaction, Project, Contract, ContractParty, LeadStageChange)
    assert [access.is_restricted(model) for model in models] == [False] * 3 + [True] * 6


def test_an_unknown_model_counts_as_restricted():
    assert access.is_restricted(ContentType)


def test_commands_read_as_the_system_without_limits():
    lead = LeadFactory()
    assert access.can(access.SYSTEM, "export", lead)
    assert str(access.SYSTEM) == "system"


def test_a_scope_is_asked_with_the_action(monkeypatch, director):
    asked = []

    def scope(user, queryset, action):
        asked.append((user, action))
        return queryset

    monkeypatch.setitem(access._rules, Organization, access.Rule(scope, restricted=True))
    access.scoped(director, Organization, "export")
    assert asked == [(director, "export")]


# -- across models ----------------------------------------------------------------------------------------------------


def test_the_permission_that_lifts_scopes_is_that_of_all_stations(officer, director, auditor):
    assert [access.sees_all(user) for user in (officer, director, auditor)] == [False, True, True]
    officer.user_permissions.add(Permission.objects.get(codename="all_stations"))
    assert access.sees_all(again(officer))


def test_the_history_of_accounts_takes_the_right_to_change_them(officer, director, auditor):
    assert [access.may_read_history(user, User) for user in (officer, director, auditor)] == [False, True, False]


def test_the_history_of_a_record_and_its_parts_takes_the_right_to_see_it(officer, nobody):
    assert [access.may_read_history(officer, model) for model in (Lead, LeadStageChange)] == [True, True]
    assert [access.may_read_history(nobody, model) for model in (Lead, LeadStageChange)] == [False, False]
