"""What a user may do, read anew for each request by one statement that is compiled once."""

from functools import lru_cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.db.models import Q

from core.accounts import User


@lru_cache(maxsize=4)
def _statement(database: str) -> tuple[str, int]:
    """The rights of a user, given directly or through groups; its only parameter is the user, so many times."""
    own = User.user_permissions.through._base_manager.filter(user_id=0).values("permission_id")
    roles = User.groups.through._base_manager.filter(user_id=0).values("group_id")
    theirs = Group.permissions.through._base_manager.filter(group_id__in=roles).values("permission_id")
    found = Permission.objects.using(database).filter(Q(pk__in=own) | Q(pk__in=theirs)).order_by()
    names = found.values_list("content_type__app_label", "codename")
    sql, params = names.query.get_compiler(database).as_sql()
    return sql, len(params)


class RightsBackend(ModelBackend):
    """As Django's, which asks twice and compiles both queries each time."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = _rights(user_obj)
        found: set[str] = user_obj._perm_cache
        return found


def _rights(user: Any) -> set[str]:
    database = user._state.db or "default"
    sql, count = _statement(database)
    with connections[database].cursor() as cursor:
        cursor.execute(sql, [user.pk] * count)
        return {f"{app_label}.{codename}" for app_label, codename in cursor.fetchall()}
