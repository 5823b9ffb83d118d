from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_roles"),
        ("events", "0003_search"),
    ]

    operations = []
