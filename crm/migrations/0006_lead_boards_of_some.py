
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0005_board'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('next_step_on__isnull', False)), fields=['station', 'stage', 'next_step_on', 'id'], name='lead_board_of_station'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('next_step_on__isnull', False)), fields=['owner', 'stage', 'next_step_on', 'id'], name='lead_board_of_owner'),
        ),
    ]
