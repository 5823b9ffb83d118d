"""Search: texts of tokens, and an index over them."""

from typing import Any

from django.db import migrations, models

from core.search_index import AddSearchIndex
from core.search_text import renew_all

NAMES = ("name", "name_en", "name_zh", "name_ja")
# What each model is found by: its own fields and parts, and the records that it is about.
FOUND_BY: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "Event": ((*NAMES, "theme", "theme_en", "theme_zh", "theme_ja", "city", "venue"), ()),
    "Session": (("title", "title_en", "title_zh", "title_ja", "topics"), ("event",)),
    "Guest": (("position_held", "notes"), ("person", "organization")),
    "Visit": (("place", "heard"), ("organization", "delegation")),
}


def index(name: str, *fields: str, filled: bool = False) -> models.Index:
    """Over current records alone, which is what lists show."""
    present = models.Q(**{f"{fields[-1]}__isnull": False}) if filled else models.Q()
    return models.Index(fields=[*fields, "id"], name=name, condition=models.Q(archived_at__isnull=True) & present)


INDEXES = (("guest", index("guest_updated", "updated_at")),)


def renew(apps: Any, schema_editor: Any) -> None:
    for name, (searched, related) in FOUND_BY.items():
        renew_all(apps.get_model("events", name), searched, related)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_event_kinds"),
        ("crm", "0003_search"),
    ]

    operations = [
        *(migrations.AddIndex(model, index) for model, index in INDEXES),
        migrations.RunPython(renew, migrations.RunPython.noop),
        *(AddSearchIndex(name) for name in FOUND_BY),
    ]
