"""Saved views, and how each person likes a list."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="list_settings",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list", models.CharField(max_length=50, verbose_name="list")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "is_shared",
                    models.BooleanField(
                        default=False,
                        help_text="All who may see this list see the view. Each sees only their records.",
                        verbose_name="shared",
                    ),
                ),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="filters")),
                (
                    "order",
                    models.CharField(
                        blank=True,
                        max_length=500,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A-?[A-Za-z0-9_]+(,-?[A-Za-z0-9_]+)*\\Z", "These are no columns of a list."
                            )
                        ],
                        verbose_name="order",
                    ),
                ),
                (
                    "columns",
                    models.CharField(
                        blank=True,
                        max_length=2000,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A-?[A-Za-z0-9_]+(,-?[A-Za-z0-9_]+)*\\Z", "These are no columns of a list."
                            )
                        ],
                        verbose_name="shown columns",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ("list", "name"),
                "permissions": [("keep_shared_views", "Can change the shared views of others")],
                "default_permissions": ("add", "change", "view"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "list", "name"),
                        name="saved_view_name_once",
                        violation_error_message="You have a view of this name already. Choose another name.",
                    )
                ],
            },
        ),
    ]
