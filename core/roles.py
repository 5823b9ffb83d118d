"""Roles (Django groups) as data migrations grant them.

Permissions are normally created after all migrations, which is too late for a migration that grants them; so `grant`
creates those it needs first.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions


def grant(schema_editor: Any, apps: Any, roles: Mapping[str, Mapping[str, str]]) -> None:
    """Grants `{role: {"app.model": "view add …", "app": "codename …"}}`; roles that do not exist are made."""
    database = schema_editor.connection.alias
    group_model = apps.get_model("auth", "Group")
    for role, rights in roles.items():
        group, _created = group_model.objects.using(database).get_or_create(name=role)
        for target, actions in rights.items():
            group.permissions.add(*_permissions(apps, database, target, actions))


def revoke_all(schema_editor: Any, apps: Any, roles: Mapping[str, Mapping[str, str]]) -> None:
    """The reverse: takes away what `grant` gave. The groups stay, people may be in them."""
    database = schema_editor.connection.alias
    for role, rights in roles.items():
        group = apps.get_model("auth", "Group").objects.using(database).filter(name=role).first()
        for target, actions in rights.items() if group else ():
            group.permissions.remove(*_permissions(apps, database, target, actions))


def _permissions(apps: Any, database: str, target: str, actions: str) -> list[Any]:
    app_label, _dot, model = target.partition(".")
    codenames = [f"{action}_{model}" if model else action for action in actions.split()]
    found = (
        apps.get_model("auth", "Permission")
        .objects.using(database)
        .filter(content_type__app_label=app_label, codename__in=codenames)
    )
    if found.count() < len(codenames):
        create_permissions(real_apps.get_app_config(app_label), verbosity=0, using=database, apps=apps)
    permissions = list(found.all())
    if len(permissions) != len(codenames):
        missing = set(codenames) - {permission.codename for permission in permissions}
        raise LookupError(f"No such permission in {app_label}: {', '.join(sorted(missing))}")
    return permissions
