from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_reference_lists"),
        ("core", "0006_search"),
    ]

    operations = []
