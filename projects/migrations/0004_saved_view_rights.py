"""Who works in lists saves views of them; directors keep the shared ones in order."""

from django.db import migrations

from core.roles import grant, revoke_all

OWN = {"core.savedview": "view add change"}
ROLES = {
    "Director": {**OWN, "core": "keep_shared_views"},
    "Officer": OWN,
    "Event manager": OWN,
    "Contract manager": OWN,
    "Auditor": {"core.savedview": "view"},
}


def grant_rights(apps, schema_editor):
    grant(schema_editor, apps, ROLES)


def revoke_rights(apps, schema_editor):
    revoke_all(schema_editor, apps, ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_search"),
        ("core", "0007_saved_views"),
    ]

    operations = [migrations.RunPython(grant_rights, revoke_rights)]
