"""Search: what PostgreSQL computes the tokens of a text with."""

from core.search_index import AddSearchFunction
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_imports"),
    ]

    operations = [AddSearchFunction()]
