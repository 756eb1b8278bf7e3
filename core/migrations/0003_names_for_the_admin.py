"""Names and hints that the admin shows; nothing in the database changes."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_guards"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={"verbose_name": "event", "verbose_name_plural": "events"},
        ),
        migrations.AlterModelOptions(
            name="holiday",
            options={"verbose_name": "holiday", "verbose_name_plural": "holidays and make-up days"},
        ),
        migrations.AlterModelOptions(
            name="inboxnotice",
            options={"verbose_name": "provider's notice", "verbose_name_plural": "providers' notices"},
        ),
        migrations.AlterModelOptions(
            name="jobrun",
            options={"verbose_name": "day-end run", "verbose_name_plural": "day-end runs"},
        ),
        migrations.AlterModelOptions(
            name="outboxmessage",
            options={"verbose_name": "outgoing work", "verbose_name_plural": "outgoing work"},
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.CharField(max_length=60, verbose_name="actor"),
        ),
        migrations.AlterField(
            model_name="event",
            name="at",
            field=models.DateTimeField(verbose_name="at"),
        ),
        migrations.AlterField(
            model_name="event",
            name="facts",
            field=models.JSONField(default=dict, verbose_name="facts"),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(max_length=60, verbose_name="event"),
        ),
        migrations.AlterField(
            model_name="event",
            name="recorded_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded"),
        ),
        migrations.AlterField(
            model_name="event",
            name="source",
            field=models.CharField(blank=True, max_length=20, verbose_name="state before"),
        ),
        migrations.AlterField(
            model_name="event",
            name="subject_id",
            field=models.BigIntegerField(verbose_name="number of the subject"),
        ),
        migrations.AlterField(
            model_name="event",
            name="subject_type",
            field=models.CharField(max_length=60, verbose_name="subject"),
        ),
        migrations.AlterField(
            model_name="event",
            name="target",
            field=models.CharField(blank=True, max_length=20, verbose_name="state after"),
        ),
        migrations.AlterField(
            model_name="holiday",
            name="day",
            field=models.DateField(primary_key=True, serialize=False, verbose_name="day"),
        ),
        migrations.AlterField(
            model_name="holiday",
            name="name",
            field=models.CharField(max_length=60, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="holiday",
            name="working",
            field=models.BooleanField(
                help_text="On for a weekend day that makes up for a holiday; off for a holiday.",
                verbose_name="a working day",
            ),
        ),
        migrations.AlterField(
            model_name="inboxnotice",
            name="applied_at",
            field=models.DateTimeField(null=True, verbose_name="acted on"),
        ),
        migrations.AlterField(
            model_name="inboxnotice",
            name="notice_id",
            field=models.CharField(max_length=128, verbose_name="provider's number"),
        ),
        migrations.AlterField(
            model_name="inboxnotice",
            name="outcome",
            field=models.CharField(blank=True, max_length=200, verbose_name="result"),
        ),
        migrations.AlterField(
            model_name="inboxnotice",
            name="provider",
            field=models.CharField(max_length=40, verbose_name="provider"),
        ),
        migrations.AlterField(
            model_name="inboxnotice",
            name="received_at",
            field=models.DateTimeField(verbose_name="received"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="counts",
            field=models.JSONField(default=dict, verbose_name="counts"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="day",
            field=models.DateField(verbose_name="business day"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="finished_at",
            field=models.DateTimeField(null=True, verbose_name="finished"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="job",
            field=models.CharField(max_length=60, verbose_name="job"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="shard",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="shard"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="started_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="started"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="dead_at",
            field=models.DateTimeField(null=True, verbose_name="given up"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="done_at",
            field=models.DateTimeField(null=True, verbose_name="done"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="error",
            field=models.TextField(blank=True, verbose_name="error"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="payload",
            field=models.JSONField(verbose_name="content"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="published_at",
            field=models.DateTimeField(null=True, verbose_name="handed on"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="topic",
            field=models.CharField(max_length=80, verbose_name="topic"),
        ),
    ]
