from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="exportlog",
            name="size",
            field=models.PositiveBigIntegerField(null=True, verbose_name="size (bytes)"),
        ),
        migrations.AddField(
            model_name="exportlog",
            name="digest",
            field=models.CharField(
                blank=True,
                db_index=True,
                default="",
                help_text="Of the file; it tells which export a file is.",
                max_length=64,
                verbose_name="SHA-256",
            ),
            preserve_default=False,
        ),
    ]
