"""Rights as Django's own backend would answer them, by one query."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission

from core.accounts import User
from core.rights import RightsBackend
from tests.factories import UserFactory


def fresh(user):
    return User.objects.get(pk=user.pk)


def permission(codename):
    return Permission.objects.get(codename=codename, content_type__app_label="crm")


@pytest.fixture
def both_ways(director):
    """Has rights through two roles and one directly."""
    director.groups.add(Group.objects.get(name="Auditor"))
    director.user_permissions.add(permission("delete_lead"))
    return director


@pytest.mark.parametrize(("field", "value"), [("is_active", True), ("is_active", False), ("is_superuser", True)])
def test_rights_are_those_of_djangos_backend(both_ways, field, value):
    User.objects.filter(pk=both_ways.pk).update(**{field: value})
    expected = ModelBackend().get_all_permissions(fresh(both_ways))
    assert RightsBackend().get_all_permissions(fresh(both_ways)) == expected


def test_nobody_has_rights_without_a_role(nobody):
    assert RightsBackend().get_all_permissions(fresh(nobody)) == set()


def test_rights_of_one_are_not_those_of_another(director, nobody):
    assert RightsBackend().get_all_permissions(fresh(director))
    assert RightsBackend().get_all_permissions(fresh(nobody)) == set()


def test_one_query_tells_all(director, django_assert_num_queries):
    user = fresh(director)
    with django_assert_num_queries(1):
        assert user.has_perm("crm.view_lead")
        assert not user.has_perm("crm.no_such_right")


def test_a_right_given_directly_is_enough(db):
    user = UserFactory()
    user.user_permissions.add(permission("view_lead"))
    assert fresh(user).has_perm("crm.view_lead")
