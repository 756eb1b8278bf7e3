"""Terms and lines stay as they are, a statement keeps its amounts, and it is paid out once."""

from django.db import migrations


FORWARD = """
CREATE FUNCTION billing_refuse_other_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.merchant_id, NEW.month, NEW.commission_rate, NEW.gross, NEW.refunded, NEW.brought_forward,
        NEW.commission, NEW.payable, NEW.carried_forward, NEW.issued_at)
        IS DISTINCT FROM
        (OLD.number, OLD.merchant_id, OLD.month, OLD.commission_rate, OLD.gross, OLD.refunded, OLD.brought_forward,
        OLD.commission, OLD.payable, OLD.carried_forward, OLD.issued_at)
    THEN
        RAISE EXCEPTION 'statement % keeps its amounts', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_merchantstatement_kept BEFORE UPDATE ON billing_merchantstatement
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_other_statement();
"""
BACKWARD = """
DROP TRIGGER billing_merchantstatement_kept ON billing_merchantstatement;
DROP FUNCTION billing_refuse_other_statement();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_reconciliation_guards")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
