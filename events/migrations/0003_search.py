from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_event_kinds"),
        ("crm", "0003_search"),
    ]

    operations = []
