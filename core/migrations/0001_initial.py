import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ClockShift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.DurationField()),
            ],
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='day')),
                ('working', models.BooleanField(help_text='On for a weekend day that makes up for a holiday; off for a holiday.', verbose_name='a working day')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays and make-up days',
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('subject', models.CharField(max_length=80, verbose_name='subject')),
                ('body', models.TextField(verbose_name='what is asked for')),
                ('payload_hash', models.CharField(max_length=64, verbose_name='hash')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('state', models.CharField(choices=[('REQUESTED', 'Waits for a second person'), ('APPROVED', 'Approved by a second person'), ('REFUSED', 'Refused by a second person'), ('WITHDRAWN', 'Withdrawn'), ('USED', 'Carried out')], default='REQUESTED', max_length=50, verbose_name='state')),
                ('requested_by', models.CharField(max_length=60, verbose_name='requested by')),
                ('requested_at', models.DateTimeField(verbose_name='requested')),
                ('decided_by', models.CharField(blank=True, max_length=60, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('refusal', models.CharField(blank=True, max_length=300, verbose_name='why it was refused')),
                ('used_at', models.DateTimeField(null=True, verbose_name='carried out')),
            ],
            options={
                'verbose_name': "second person's approval",
                'verbose_name_plural': "second persons' approvals",
                'indexes': [models.Index(condition=models.Q(('state', 'REQUESTED')), fields=['requested_at'], name='core_approval_waiting'), models.Index(fields=['subject'], name='core_approval_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('REQUESTED', 'APPROVED'))), fields=('kind', 'subject'), name='core_approval_one_open'), models.CheckConstraint(condition=models.Q(('decided_by', models.F('requested_by')), _negated=True), name='core_approval_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by', ''), ('state', 'REQUESTED')), ('state', 'WITHDRAWN'), models.Q(('decided_at__isnull', False), ('decided_by__gt', ''), ('state__in', ['APPROVED', 'REFUSED', 'USED'])), _connector='OR'), name='core_approval_says_who_decided'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'USED'), ('used_at__isnull', False)), models.Q(models.Q(('state', 'USED'), _negated=True), ('used_at__isnull', True)), _connector='OR'), name='core_approval_says_when_used')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, verbose_name='event')),
                ('subject_type', models.CharField(max_length=60, verbose_name='subject')),
                ('subject_id', models.BigIntegerField(verbose_name='number of the subject')),
                ('source', models.CharField(blank=True, max_length=20, verbose_name='state before')),
                ('target', models.CharField(blank=True, max_length=20, verbose_name='state after')),
                ('actor', models.CharField(max_length=60, verbose_name='actor')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='recorded')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='core_event_subject')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.CharField(max_length=60)),
                ('route', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=80)),
                ('body_hash', models.CharField(max_length=64)),
                ('answer', models.JSONField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('actor', 'route', 'key'), name='core_idempotency_once')],
            },
        ),
        migrations.CreateModel(
            name='InboxNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=40, verbose_name='provider')),
                ('notice_id', models.CharField(max_length=128, verbose_name="provider's number")),
                ('body', models.BinaryField()),
                ('headers', models.JSONField(default=dict, verbose_name='headers of the signature')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='acted on')),
                ('outcome', models.CharField(blank=True, max_length=200, verbose_name='result')),
            ],
            options={
                'verbose_name': "provider's notice",
                'verbose_name_plural': "providers' notices",
                'constraints': [models.UniqueConstraint(fields=('provider', 'notice_id'), name='core_inbox_notice_once')],
            },
        ),
        migrations.CreateModel(
            name='JobRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=60, verbose_name='job')),
                ('day', models.DateField(verbose_name='business day')),
                ('shard', models.PositiveSmallIntegerField(default=0, verbose_name='shard')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='started')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('counts', models.JSONField(default=dict, verbose_name='counts')),
            ],
            options={
                'verbose_name': 'day-end run',
                'verbose_name_plural': 'day-end runs',
                'constraints': [models.UniqueConstraint(fields=('job', 'day', 'shard'), name='core_job_run_once')],
            },
        ),
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=80, verbose_name='topic')),
                ('payload', models.JSONField(verbose_name='content')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created')),
                ('published_at', models.DateTimeField(null=True, verbose_name='handed on')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('done_at', models.DateTimeField(null=True, verbose_name='done')),
                ('dead_at', models.DateTimeField(null=True, verbose_name='given up')),
                ('error', models.TextField(blank=True, verbose_name='error')),
            ],
            options={
                'verbose_name': 'outgoing work',
                'verbose_name_plural': 'outgoing work',
                'indexes': [models.Index(condition=models.Q(('dead_at', None), ('published_at', None)), fields=['id'], name='core_outbox_waiting'), models.Index(condition=models.Q(('dead_at', None), ('done_at', None)), fields=['published_at'], name='core_outbox_open')],
            },
        ),
        migrations.CreateModel(
            name='StateEdge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('machine', models.CharField(max_length=60)),
                ('source', models.CharField(blank=True, max_length=20)),
                ('target', models.CharField(max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('machine', 'source', 'target'), name='core_state_edge_once')],
            },
        ),
        migrations.CreateModel(
            name='Consumed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('consumer', models.CharField(max_length=120)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='core.outboxmessage')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('message', 'consumer'), name='core_consumed_once')],
            },
        ),
    ]
