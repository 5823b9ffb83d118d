"""Where people are signed in, the log of sign-ins, and what is known of the use of tokens."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.roles import grant, revoke_all

ROLES = {"Director": {"core.signin": "view"}, "Auditor": {"core.signin": "view"}}


def grant_log(apps, schema_editor):
    grant(schema_editor, apps, ROLES)


def revoke_log(apps, schema_editor):
    revoke_all(schema_editor, apps, ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_idempotency"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="last_used_address",
            field=models.GenericIPAddressField(blank=True, editable=False, null=True, verbose_name="last used from"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="leaked",
            field=models.BooleanField(default=False, editable=False, verbose_name="was sent in an address"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="may_export",
            field=models.BooleanField(
                default=False,
                help_text="Whole lists as CSV or XLSX, and tables among the documents.",
                verbose_name="may export",
            ),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("session_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="begun")),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="last seen")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="IP address")),
                ("user_agent", models.CharField(blank=True, max_length=255, verbose_name="browser")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name="time")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed in"),
                            ("failed", "Wrong password"),
                            ("locked", "Locked after too many wrong passwords"),
                            ("unlocked", "Lock lifted"),
                            ("signed_out", "Signed out"),
                            ("ended", "Session ended"),
                            ("password_changed", "Password changed"),
                        ],
                        max_length=20,
                        verbose_name="what happened",
                    ),
                ),
                ("user_name", models.CharField(blank=True, max_length=150, verbose_name="account")),
                ("by_name", models.CharField(blank=True, max_length=150, verbose_name="done by")),
                ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP address")),
                ("user_agent", models.CharField(blank=True, max_length=255, verbose_name="browser")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in",
                "verbose_name_plural": "sign-ins",
                "ordering": ("-at", "-pk"),
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["user", "kind", "at"], name="signin_user_kind_at")],
            },
        ),
        migrations.RunPython(grant_log, revoke_log),
    ]
