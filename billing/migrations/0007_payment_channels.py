"""Payment channels, and how each deposit is secured: all were frozen until now. Signing fixes it."""

from typing import Any

from django.conf import settings
from django.db import migrations

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
    dependencies = [("billing", "0006_settlement_guards")]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
