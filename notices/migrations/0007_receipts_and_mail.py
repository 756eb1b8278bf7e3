"""A message may learn from a receipt whether it arrived; mails beside text messages; the end of a lease is reminded of
by the calendar too, on the days that stood in the code until now."""

from typing import Any

import core.fields
from django.conf import settings
from django.db import migrations, models

from core import guards

DAYS_BEFORE_THE_END = (-30, -7, -1)


def seed(apps: Any, schema_editor: Any) -> None:
    """Whoever proves an address is reminded there too, as he is by SMS."""
    step = apps.get_model("notices", "ReminderStep")
    step.objects.filter(reach="SMS").update(reach="ALL")
    step.objects.bulk_create(step(occasion="LEASE_END", days=day, reach="ALL") for day in DAYS_BEFORE_THE_END)


def unseed(apps: Any, schema_editor: Any) -> None:
    """What the former release would not read: days of two calendars, and reaches that it does not know."""
    step = apps.get_model("notices", "ReminderStep")
    step.objects.filter(occasion="LEASE_END").delete()
    step.objects.filter(reach="ALL").update(reach="SMS")
    step.objects.filter(reach="EMAIL").update(reach="IN_APP")


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0006_shown_at_once'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='reminderstep',
            options={'ordering': ('occasion', 'days'), 'verbose_name': 'reminder', 'verbose_name_plural': 'reminder calendar'},
        ),
        migrations.RemoveConstraint(
            model_name='wording',
            name='notices_wording_sms_is_approved',
        ),
        migrations.AddField(
            model_name='message',
            name='email',
            field=core.fields.SealedField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='outcome_at',
            field=models.DateTimeField(null=True, verbose_name='outcome known'),
        ),
        migrations.AddField(
            model_name='message',
            name='reason',
            field=models.CharField(blank=True, db_default='', max_length=120, verbose_name="the provider's word"),
        ),
        migrations.AddField(
            model_name='reminderstep',
            name='occasion',
            field=models.CharField(choices=[('BILL', 'A bill'), ('LEASE_END', 'The end of a lease')], default='BILL', max_length=10, verbose_name='about'),
        ),
        migrations.AddField(
            model_name='wording',
            name='subject',
            field=models.CharField(blank=True, max_length=80, verbose_name='subject of the mail'),
        ),
        migrations.AlterField(
            model_name='message',
            name='channel',
            field=models.CharField(choices=[('SMS', 'SMS'), ('EMAIL', 'E-mail'), ('IN_APP', 'In-app')], max_length=8, verbose_name='channel'),
        ),
        migrations.AlterField(
            model_name='message',
            name='provider_number',
            field=models.CharField(blank=True, max_length=100, verbose_name="provider's number"),
        ),
        migrations.AlterField(
            model_name='message',
            name='state',
            field=models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('DELIVERED', 'Arrived'), ('FAILED', 'Failed'), ('UNKNOWN', 'Unknown')], default='QUEUED', max_length=50, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='reminderstep',
            name='days',
            field=models.SmallIntegerField(verbose_name='days from the due date, or from the last day of the lease'),
        ),
        migrations.AlterField(
            model_name='reminderstep',
            name='reach',
            field=models.CharField(choices=[('IN_APP', 'In the app'), ('SMS', 'In the app and by SMS'), ('EMAIL', 'In the app and by e-mail'), ('ALL', 'In the app, by SMS and by e-mail')], default='ALL', max_length=8, verbose_name='reaches by'),
        ),
        migrations.AlterField(
            model_name='wording',
            name='channel',
            field=models.CharField(choices=[('SMS', 'SMS'), ('EMAIL', 'E-mail'), ('IN_APP', 'In-app')], max_length=8, verbose_name='channel'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('provider_number', ''), _negated=True), fields=['provider_number'], name='notices_message_number'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('state', 'FAILED')), fields=['outcome_at'], name='notices_message_failed'),
        ),
        migrations.AddConstraint(
            model_name='reminderstep',
            constraint=models.UniqueConstraint(fields=('occasion', 'days'), name='notices_reminder_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='reminderstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('occasion', 'LEASE_END'), _negated=True), ('days__lt', 0), _connector='OR'), name='notices_reminder_ahead_of_the_end'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'SMS'), models.Q(('provider_template', ''), _negated=True)), models.Q(('channel__in', ['IN_APP', 'EMAIL']), ('provider_template', '')), _connector='OR'), name='notices_wording_sms_is_approved'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.CheckConstraint(condition=models.Q(('channel', 'EMAIL'), ('subject', ''), _connector='OR'), name='notices_wording_mails_alone_have_subjects'),
        ),
        guards.edges(
            "notices.message",
            [
                ("SENDING", "DELIVERED"),
                ("SENT", "DELIVERED"),
                ("SENT", "FAILED"),
                ("UNKNOWN", "DELIVERED"),
                ("UNKNOWN", "FAILED"),
            ],
        ),
        migrations.RunPython(seed, unseed),
    ]
