"""Search: texts of tokens, and an index over them."""

from typing import Any

from django.db import migrations

from core.search_index import AddSearchIndex
from core.search_text import renew_all

NAMES = ("name", "name_en", "name_zh", "name_ja")
# What each model is found by: its own fields and parts, and the records that it is about.
FOUND_BY: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "Organization": (
        (*NAMES, "name_kana", "corporate_number", "credit_code", "listed_code", "phone", "website", "aliases__name"),
        (),
    ),
    "Person": (
        (
            ("family_name", "given_name"), ("family_kana", "given_kana"), ("family_latin", "given_latin"),
            ("given_latin", "family_latin"), "contact_points__value",
        ),
        ("affiliations__organization",),
    ),
    "LiaisonStation": (NAMES, ()),
    "Lead": (("title", "next_step", "notes"), ("organization", "contact")),
    "Interaction": (("subject", "place", "minutes"), ("organizations", "people")),
}


def renew(apps: Any, schema_editor: Any) -> None:
    for name, (searched, related) in FOUND_BY.items():
        renew_all(apps.get_model("crm", name), searched, related)


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_reference_lists"),
        ("core", "0006_search"),
    ]

    operations = [
        migrations.RunPython(renew, migrations.RunPython.noop),
        *(AddSearchIndex(name) for name in FOUND_BY),
    ]
