"""Signing freezes terms and amounts: from then on the database refuses to change them (domain.md §5)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION billing_refuse_frozen_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (
        NEW.frozen_at IS DISTINCT FROM OLD.frozen_at OR NEW.terms <> OLD.terms OR NEW.months <> OLD.months
        OR NEW.contract_total <> OLD.contract_total OR NEW.number <> OLD.number
    ) THEN
        RAISE EXCEPTION 'the terms of lease % are frozen', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_lease_frozen BEFORE UPDATE ON billing_lease
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_frozen_lease();
CREATE FUNCTION billing_refuse_frozen_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.rent <> OLD.rent OR NEW.cover <> OLD.cover OR NEW.number <> OLD.number OR NEW.lease_id <> OLD.lease_id)
        AND EXISTS (SELECT 1 FROM billing_lease WHERE id = OLD.lease_id AND frozen_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'the amounts of bill % are frozen', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_bill_frozen BEFORE UPDATE ON billing_bill
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_frozen_bill();
CREATE FUNCTION billing_refuse_other_intent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> OLD.number OR NEW.amount <> OLD.amount THEN
        RAISE EXCEPTION 'intent % keeps its number and its amount', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_payment_intent BEFORE UPDATE ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_other_intent();
CREATE TRIGGER billing_refund_intent BEFORE UPDATE ON billing_refund
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_other_intent();
CREATE TRIGGER billing_depositfreeze_intent BEFORE UPDATE ON billing_depositfreeze
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_other_intent();
CREATE TRIGGER billing_depositrelease_intent BEFORE UPDATE ON billing_depositrelease
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_other_intent();
"""
BACKWARD = """
DROP TRIGGER billing_depositrelease_intent ON billing_depositrelease;
DROP TRIGGER billing_depositfreeze_intent ON billing_depositfreeze;
DROP TRIGGER billing_refund_intent ON billing_refund;
DROP TRIGGER billing_payment_intent ON billing_payment;
DROP TRIGGER billing_bill_frozen ON billing_bill;
DROP TRIGGER billing_lease_frozen ON billing_lease;
DROP FUNCTION billing_refuse_other_intent();
DROP FUNCTION billing_refuse_frozen_bill();
DROP FUNCTION billing_refuse_frozen_lease();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_guards")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
