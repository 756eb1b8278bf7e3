from django.db import migrations


BALANCE = """
CREATE FUNCTION billing_check_posting(which bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM billing_ledgerentry WHERE posting_id = which
        HAVING count(*) >= 2 AND sum(CASE side WHEN 'DEBIT' THEN amount ELSE -amount END) = 0
    ) THEN
        RAISE EXCEPTION 'posting % does not balance', which USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;
CREATE FUNCTION billing_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM billing_check_posting(NEW.id); RETURN NULL; END $$;
CREATE FUNCTION billing_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM billing_check_posting(NEW.posting_id); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER billing_posting_balances AFTER INSERT ON billing_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_posting_balances();
CREATE CONSTRAINT TRIGGER billing_ledgerentry_balances AFTER INSERT ON billing_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_entry_balances();
"""
UNDO = """
DROP TRIGGER billing_posting_balances ON billing_posting;
DROP TRIGGER billing_ledgerentry_balances ON billing_ledgerentry;
DROP FUNCTION billing_posting_balances(); DROP FUNCTION billing_entry_balances();
DROP FUNCTION billing_check_posting(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_frozen_terms")]

    operations = [
        migrations.RunSQL(BALANCE, UNDO),
    ]
