"""A further term: the only way in which the terms of a frozen lease change, and only to what its row says (ADR 23)."""

import django.db.models.deletion
from django.db import migrations, models

import core.fields
from core import guards

FORWARD = """
CREATE OR REPLACE FUNCTION billing_refuse_frozen_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (
        NEW.frozen_at IS DISTINCT FROM OLD.frozen_at OR NEW.terms <> OLD.terms OR NEW.months <> OLD.months
        OR NEW.contract_total <> OLD.contract_total OR NEW.number <> OLD.number
    ) AND NOT (
        NEW.frozen_at IS NOT DISTINCT FROM OLD.frozen_at AND NEW.number = OLD.number AND EXISTS (
            SELECT 1 FROM billing_renewal r
            WHERE r.lease_id = OLD.id AND r.months_before = OLD.months AND r.months_after = NEW.months
                AND r.total_before = OLD.contract_total AND r.total_after = NEW.contract_total
                AND r.terms_before = OLD.terms AND r.terms_after = NEW.terms)
    ) THEN
        RAISE EXCEPTION 'the terms of lease % are frozen', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION billing_refuse_frozen_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (
        NEW.frozen_at IS DISTINCT FROM OLD.frozen_at OR NEW.terms <> OLD.terms OR NEW.months <> OLD.months
        OR NEW.contract_total <> OLD.contract_total OR NEW.number <> OLD.number
    ) THEN
        RAISE EXCEPTION 'the terms of lease % are frozen', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("billing", "0010_ways_out")]

    operations = [
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("months_before", models.PositiveSmallIntegerField(verbose_name="months before")),
                ("months_after", models.PositiveSmallIntegerField(verbose_name="months after")),
                ("total_before", core.fields.MoneyField(verbose_name="sum of rents and cover before")),
                ("total_after", core.fields.MoneyField(verbose_name="sum of rents and cover after")),
                ("terms_before", models.JSONField(verbose_name="terms before")),
                ("terms_after", models.JSONField(verbose_name="terms after")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to="billing.lease",
                        verbose_name="lease",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal",
                "verbose_name_plural": "renewals",
                "constraints": [
                    models.UniqueConstraint(fields=("lease", "months_before"), name="billing_renewal_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("months_after__gt", models.F("months_before")),
                            ("total_after__gt", models.F("total_before")),
                        ),
                        name="billing_renewal_is_longer",
                    ),
                ],
            },
        ),
        guards.append_only("billing_renewal"),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
