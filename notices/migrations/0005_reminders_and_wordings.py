"""The reminder calendar and the words of messages, seeded with what the platform did and said until now."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations, models

from core import guards

DAYS = (-7, -3, -1, 0, 1, 3, 7)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = {  # of reminders: event -> (in-app Chinese, in-app English, SMS Chinese, SMS English)
    "bill_due_soon": (
        "租约 ${lease} 第 ${number} 期租金 ¥${amount}，应付日 ${due}。",
        "Rent ${number} of lease ${lease}, ¥${amount}, is due on ${due}.",
        "租约 ${lease} 第 ${number} 期租金 ${amount} 元，${due} 到期。",
        "Rent ${number} of lease ${lease}, ¥${amount}, is due on ${due}.",
    ),
    "bill_due": (
        "租约 ${lease} 第 ${number} 期租金 ¥${amount}，今天应付。${last_free_day} 24:00 前付，不收逾期费。",
        "Rent ${number} of lease ${lease}, ¥${amount}, is due today. Until ${last_free_day} nothing is added.",
        "租约 ${lease} 第 ${number} 期租金 ${amount} 元今天到期，${last_free_day} 24:00 前付，不收逾期费。",
        "Rent ${number} of lease ${lease}, ¥${amount}, is due today. Free until ${last_free_day}.",
    ),
    "bill_overdue": (
        "租约 ${lease} 第 ${number} 期租金的应付日是 ${due}。今天付，共 ¥${amount}。${last_free_day} 24:00 前付，不收逾期费。",
        ("Rent ${number} of lease ${lease} was due on ${due}. If you pay today, it is ¥${amount}."
        " Until ${last_free_day} nothing is added."),
        "租约 ${lease} 第 ${number} 期租金已于 ${due} 到期，今天付款共 ${amount} 元。",
        "Rent ${number} of lease ${lease} was due on ${due}. Paid today, it is ¥${amount}.",
    ),
}


def seed(apps: Any, schema_editor: Any) -> None:
    step, wording = apps.get_model("notices", "ReminderStep"), apps.get_model("notices", "Wording")
    step.objects.bulk_create(step(days=day, reach="SMS") for day in DAYS)
    for event, (app_zh, app_en, sms_zh, sms_en) in WORDS.items():
        rows = (
            ("IN_APP", "zh-hans", app_zh, ""),
            ("IN_APP", "en", app_en, ""),
            ("SMS", "zh-hans", sms_zh, event),
            ("SMS", "en", sms_en, f"{event}_en"),
        )
        wording.objects.bulk_create(
            wording(
                event=event, channel=channel, language=language, text=text, provider_template=name, since=SINCE,
                set_by="platform",
            )
            for channel, language, text, name in rows
        )  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_guards'), ('notices', '0004_conduct'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReminderStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.SmallIntegerField(unique=True, verbose_name='days from the due date')),
                ('reach', models.CharField(choices=[('IN_APP', 'In the app'), ('SMS', 'In the app and by SMS')], default='SMS', max_length=8, verbose_name='reaches by')),
                ('is_on', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'reminder',
                'verbose_name_plural': 'reminder calendar',
                'ordering': ('days',),
                'constraints': [models.CheckConstraint(condition=models.Q(('days__gte', -30), ('days__lte', 30)), name='notices_reminder_within_a_month')],
            },
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=60, verbose_name='event')),
                ('channel', models.CharField(choices=[('SMS', 'SMS'), ('IN_APP', 'In-app')], max_length=8, verbose_name='channel')),
                ('language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], max_length=10, verbose_name='language')),
                ('text', models.CharField(max_length=300, verbose_name='text')),
                ('provider_template', models.CharField(blank=True, max_length=60, verbose_name="the provider's template")),
                ('since', models.DateTimeField(verbose_name='in force from')),
                ('set_by', models.CharField(max_length=60, verbose_name='set by')),
            ],
            options={
                'verbose_name': 'wording',
                'verbose_name_plural': 'wordings of messages',
                'constraints': [models.UniqueConstraint(fields=('event', 'channel', 'language', 'since'), name='notices_wording_one_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'SMS'), models.Q(('provider_template', ''), _negated=True)), models.Q(('channel', 'IN_APP'), ('provider_template', '')), _connector='OR'), name='notices_wording_sms_is_approved')],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        guards.append_only("notices_wording"),
    ]
