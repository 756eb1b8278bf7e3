import core.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('SMS', 'SMS'), ('IN_APP', 'In-app')], max_length=8, verbose_name='channel')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('FAILED', 'Failed'), ('UNKNOWN', 'Unknown')], default='QUEUED', max_length=50, verbose_name='state')),
                ('seal_row', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('phone', core.fields.SealedField(editable=False, null=True)),
                ('secret', core.fields.SealedField(editable=False, null=True)),
                ('template', models.CharField(max_length=60, verbose_name='template')),
                ('params', models.JSONField(default=dict, verbose_name='figures')),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('link', models.CharField(blank=True, max_length=200, verbose_name='link')),
                ('step', models.CharField(max_length=120, verbose_name='occasion')),
                ('urgent', models.BooleanField(default=False, verbose_name='urgent')),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('not_before', models.DateTimeField(verbose_name='not before')),
                ('began_at', models.DateTimeField(null=True, verbose_name='sending since')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('read_at', models.DateTimeField(null=True, verbose_name='read')),
                ('provider_number', models.CharField(blank=True, max_length=80, verbose_name="provider's number")),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL, verbose_name='to')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [models.Index(condition=models.Q(('channel', 'IN_APP')), fields=['user', '-id'], name='notices_message_inbox'), models.Index(condition=models.Q(('state', 'QUEUED')), fields=['not_before'], name='notices_message_due'), models.Index(condition=models.Q(('state', 'SENDING')), fields=['began_at'], name='notices_message_sending')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'step'), name='notices_message_once_per_step')],
            },
        ),
    ]
