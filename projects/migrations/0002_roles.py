"""The roles of an agency and what each may do. Further models are granted by the migration that adds them."""

from django.db import migrations

from core.roles import grant, revoke_all

ALL = "view add change delete export"
EDIT = "view add change"
LISTS = ("crm.sector", "crm.channel", "crm.lostreason", "events.eventkind")
SHARED = ("crm.organization", "crm.person", "events.event", "events.session", "events.guest", "events.visit")
OWNED = ("crm.lead", "crm.interaction", "projects.project", "projects.contract")
BUSINESS = (*SHARED, *OWNED, "crm.liaisonstation", "projects.zone", "projects.batch")


def rights(models, actions):
    return dict.fromkeys(models, actions)


EVERYBODY = {
    **rights(LISTS, "view"),
    **rights(("crm.liaisonstation", "projects.zone", "projects.batch"), "view export"),
    "core.user": "view",
    "core.apitoken": "view add change",
}
LOGS = {"core.exportlog": "view", "auditlog.logentry": "view"}
ROLES = {
    "Director": {
        **rights(BUSINESS, ALL),
        **rights(LISTS, "view add change export"),
        **LOGS,
        "crm": "all_stations",
        "core.user": "view add change export",
        "core.apitoken": "view add change",
        "auth.group": "view",
    },
    "Officer": {
        **EVERYBODY,
        **rights(("crm.organization", "crm.person", *OWNED), ALL),
        **rights(("events.event", "events.session"), "view export"),
        **rights(("events.guest", "events.visit"), f"{EDIT} export"),
    },
    "Event manager": {
        **EVERYBODY,
        **rights(("events.event", "events.session", "events.guest", "events.visit"), ALL),
        **rights(("crm.organization", "crm.person"), f"{EDIT} export"),
        **rights(("crm.lead", "crm.interaction"), EDIT),
    },
    "Contract manager": {
        **EVERYBODY,
        **rights(("projects.contract", "projects.batch", "projects.zone", "projects.project"), ALL),
        **rights(("crm.organization", "crm.person"), f"{EDIT} export"),
        **rights(("events.event", "events.session", "crm.lead"), "view"),
    },
    "Auditor": {
        **rights((*BUSINESS, *LISTS), "view"),
        **LOGS,
        "crm": "all_stations",
        "core.user": "view",
    },
    "Integration": {
        **rights(BUSINESS, f"{EDIT} delete export"),
        **rights(LISTS, "view export"),
        "crm": "all_stations",
        "core.user": "view",
    },
}


def forwards(apps, schema_editor):
    grant(schema_editor, apps, ROLES)


def backwards(apps, schema_editor):
    revoke_all(schema_editor, apps, ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0001_initial"),
        ("events", "0002_event_kinds"),
        ("crm", "0002_reference_lists"),
        ("core", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("auditlog", "0001_initial"),
    ]
    operations = [migrations.RunPython(forwards, backwards)]
