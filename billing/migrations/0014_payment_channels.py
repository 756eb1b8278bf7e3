"""Payment channels, and how each deposit is secured: all were frozen until now. Signing fixes it."""

from typing import Any

import core.fields
import django_fsm
from django.conf import settings
from django.db import migrations, models

CHANNELS = [("alipay", "支付宝", "Alipay"), ("wechat", "微信支付", "WeChat Pay")]
FORWARD = """
CREATE FUNCTION billing_refuse_other_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind <> OLD.kind AND EXISTS (
        SELECT 1 FROM billing_lease WHERE id = OLD.lease_id AND frozen_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'how deposit % is secured is agreed on', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_deposit_kind BEFORE UPDATE ON billing_deposit
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_other_kind();
"""
BACKWARD = """
DROP TRIGGER billing_deposit_kind ON billing_deposit;
DROP FUNCTION billing_refuse_other_kind();
"""


def seed(apps: Any, schema_editor: Any) -> None:
    """Open where the outside world is pretended; elsewhere an operator opens what he has configured."""
    channels = apps.get_model("billing", "PaymentChannel")
    is_open = settings.SANDBOX_ALLOWED or settings.MAKE_KEYS
    for position, (code, name, name_en) in enumerate(CHANNELS, start=1):
        channels.objects.create(code=code, name=name, name_en=name_en, is_open=is_open, position=position)


class Migration(migrations.Migration):

    dependencies = [
        ('billing', "0013_settlement_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=20, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(max_length=40, verbose_name='name in English')),
                ('is_open', models.BooleanField(default=False, verbose_name='open')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
            ],
            options={
                'verbose_name': 'payment channel',
                'verbose_name_plural': 'payment channels',
                'ordering': ('position', 'code'),
            },
        ),
        migrations.AddField(
            model_name='deposit',
            name='kind',
            field=models.CharField(choices=[('FREEZE', 'Frozen'), ('PAID', 'Paid')], default='FREEZE', max_length=6, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='deposit',
            name='state',
            field=django_fsm.FSMField(choices=[('DUE', 'To be secured'), ('SECURED', 'Secured'), ('RELEASING', 'Being released'), ('RELEASED', 'Released')], default='DUE', max_length=50, protected=True, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='deposit',
            name='to_hold',
            field=core.fields.MoneyField(verbose_name='to be held'),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
