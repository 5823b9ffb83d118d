"""Imports, and the right to see them for the roles that bring records in or look after the logs."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.files
from core.roles import grant, revoke_all

ROLES = {
    role: {"core.import": "view"} for role in ("Director", "Officer", "Event manager", "Contract manager", "Auditor")
}


def forwards(apps, schema_editor):
    grant(schema_editor, apps, ROLES)


def backwards(apps, schema_editor):
    revoke_all(schema_editor, apps, ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_export_digest"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=50, verbose_name='records')),
                ('file', models.FileField(blank=True, max_length=200, upload_to=core.files.UploadPath('core.import'), validators=[core.files.validate_document], verbose_name='file')),
                ('file_name', models.CharField(max_length=255, verbose_name='file name')),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='size in bytes')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('format', models.CharField(blank=True, choices=[('csv', 'CSV'), ('xlsx', 'XLSX')], max_length=4, verbose_name='format')),
                ('encoding', models.CharField(blank=True, max_length=20, verbose_name='encoding')),
                ('delimiter', models.CharField(blank=True, max_length=1, verbose_name='delimiter')),
                ('sheet', models.CharField(blank=True, max_length=100, verbose_name='sheet')),
                ('mapping', models.JSONField(blank=True, default=list, verbose_name='columns')),
                ('values', models.JSONField(blank=True, default=dict, verbose_name='values for all rows')),
                ('duplicates', models.CharField(choices=[('skip', 'Skip them: keep what is there'), ('update', 'Update the records with the values of the file'), ('refuse', 'Refuse the file')], default='skip', max_length=10, verbose_name='duplicates')),
                ('add_missing', models.BooleanField(default=False, help_text='An organization that is named in a row and not known yet is added as well.', verbose_name='add missing organizations')),
                ('status', models.CharField(choices=[('uploaded', 'Uploaded'), ('checking', 'Being checked'), ('checked', 'Checked'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='uploaded', max_length=10, verbose_name='status')),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='created at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('run', models.CharField(blank=True, max_length=16)),
                ('beat_at', models.DateTimeField(blank=True, null=True)),
                ('rows_total', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('rows_done', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                ('rows_added', models.PositiveIntegerField(default=0, verbose_name='added')),
                ('rows_updated', models.PositiveIntegerField(default=0, verbose_name='updated')),
                ('rows_skipped', models.PositiveIntegerField(default=0, verbose_name='skipped')),
                ('problem_count', models.PositiveIntegerField(default=0, verbose_name='problems')),
                ('problems', models.JSONField(blank=True, default=list, verbose_name='problems')),
                ('preview', models.JSONField(blank=True, default=list, verbose_name='preview')),
                ('failure', models.JSONField(blank=True, default=dict, verbose_name='failure')),
                ('address', models.GenericIPAddressField(blank=True, null=True, verbose_name='address')),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ('-created_at', '-pk'),
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ImportedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField(verbose_name='row')),
                ('object_id', models.PositiveBigIntegerField()),
                ('effect', models.CharField(choices=[('created', 'Added'), ('updated', 'Updated')], default='created', max_length=10, verbose_name='effect')),
                ('version', models.PositiveIntegerField(default=1)),
                ('before', models.JSONField(blank=True, default=dict)),
                ('content_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('origin', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='records', to='core.import', verbose_name='import')),
            ],
            options={
                'verbose_name': 'imported record',
                'verbose_name_plural': 'imported records',
                'ordering': ('pk',),
                'default_permissions': (),
                'indexes': [models.Index(fields=['content_type', 'object_id'], name='imported_record')],
            },
        ),
        migrations.CreateModel(
            name='ImportMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=50)),
                ('headings', models.CharField(max_length=64)),
                ('mapping', models.JSONField(default=list)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'kind', 'headings'), name='import_mapping_once', violation_error_message='These headings are mapped already.')],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
