"""Search: texts of tokens, and an index over them."""

from typing import Any

from django.db import migrations, models

from core.search_index import AddSearchIndex
from core.search_text import renew_all

NAMES = ("name", "name_en", "name_zh", "name_ja")
# What each model is found by: its own fields and parts, and the records that it is about.
FOUND_BY: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "Zone": ((*NAMES, "other_names", "city"), ()),
    "Project": (NAMES, ("zone", "investors__organization")),
    "Contract": (
        ("title", "title_en", "title_zh", "title_ja", "number"),
        ("parties__organization", "parties__person"),
    ),
    "Batch": (NAMES, ()),
}


def index(name: str, *fields: str, filled: bool = False) -> models.Index:
    """Over current records alone, which is what lists show."""
    present = models.Q(**{f"{fields[-1]}__isnull": False}) if filled else models.Q()
    return models.Index(fields=[*fields, "id"], name=name, condition=models.Q(archived_at__isnull=True) & present)


REMOVED = (
    ("project", "project_newest"),
    ("project", "project_station_stage"),
)
INDEXES = (
    ("project", index("project_newest", "created_at")),
    ("project", index("project_newest_of_station", "station", "created_at")),
    ("project", index("project_updated", "updated_at")),
)


def renew(apps: Any, schema_editor: Any) -> None:
    for name, (searched, related) in FOUND_BY.items():
        renew_all(apps.get_model("projects", name), searched, related)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_roles"),
        ("events", "0003_search"),
    ]

    operations = [
        *(migrations.RemoveIndex(model, name) for model, name in REMOVED),
        *(migrations.AddIndex(model, index) for model, index in INDEXES),
        migrations.RunPython(renew, migrations.RunPython.noop),
        *(AddSearchIndex(name) for name in FOUND_BY),
    ]
