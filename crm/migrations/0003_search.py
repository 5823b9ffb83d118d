"""Search: texts of tokens, and an index over them."""

from typing import Any

from django.db import migrations, models

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
            ("family_name", "given_name"),
            ("family_kana", "given_kana"),
            ("family_latin", "given_latin"),
            ("given_latin", "family_latin"),
            "contact_points__value",
        ),
        ("affiliations__organization",),
    ),
    "LiaisonStation": (NAMES, ()),
    "Lead": (("title", "next_step", "notes"), ("organization", "contact")),
    "Interaction": (("subject", "place", "minutes"), ("organizations", "people")),
}


def index(name: str, *fields: str, filled: bool = False) -> models.Index:
    """Over current records alone, which is what lists show."""
    present = models.Q(**{f"{fields[-1]}__isnull": False}) if filled else models.Q()
    return models.Index(fields=[*fields, "id"], name=name, condition=models.Q(archived_at__isnull=True) & present)


REMOVED = (
    ("interaction", "interaction_latest"),
    ("interaction", "interaction_station"),
    ("lead", "lead_newest"),
    ("lead", "lead_station_stage"),
    ("lead", "lead_next_step"),
    ("organization", "organization_name"),
    ("person", "person_name"),
)
INDEXES = (
    ("interaction", index("interaction_latest", "starts_at")),
    ("interaction", index("interaction_station", "station", "starts_at")),
    ("interaction", index("interaction_updated", "updated_at")),
    ("lead", index("lead_newest", "created_at")),
    ("lead", index("lead_newest_of_station", "station", "created_at")),
    ("lead", index("lead_newest_of_owner", "owner", "created_at")),
    ("lead", index("lead_newest_in_stage", "stage", "created_at")),
    ("lead", index("lead_next_step", "next_step_on", filled=True)),
    ("lead", index("lead_next_step_of_station", "station", "next_step_on", filled=True)),
    ("lead", index("lead_title", "title")),
    ("lead", index("lead_received", "received_on")),
    ("lead", index("lead_updated", "updated_at")),
    ("lead", index("lead_amount", "interest_amount", filled=True)),
    ("lead", index("lead_likelihood", "likelihood", filled=True)),
    ("organization", index("organization_name", "name")),
    ("organization", index("organization_name_en", "name_en")),
    ("organization", index("organization_country", "country")),
    ("organization", index("organization_updated", "updated_at")),
    ("person", index("person_name", "family_name", "given_name")),
    ("person", index("person_family_latin", "family_latin")),
    ("person", index("person_updated", "updated_at")),
)


def renew(apps: Any, schema_editor: Any) -> None:
    for name, (searched, related) in FOUND_BY.items():
        renew_all(apps.get_model("crm", name), searched, related)


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_reference_lists"),
        ("core", "0006_search"),
    ]

    operations = [
        *(migrations.RemoveIndex(model, name) for model, name in REMOVED),
        *(migrations.AddIndex(model, index) for model, index in INDEXES),
        migrations.RunPython(renew, migrations.RunPython.noop),
        *(AddSearchIndex(name) for name in FOUND_BY),
    ]
