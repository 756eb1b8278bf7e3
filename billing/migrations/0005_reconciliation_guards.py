from django.db import migrations


KEPT = """
CREATE FUNCTION billing_statement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.reconciled_at IS NOT NULL OR (OLD.channel, OLD.day, OLD.sha256, OLD.content, OLD.fetched_at)
        IS DISTINCT FROM (NEW.channel, NEW.day, NEW.sha256, NEW.content, NEW.fetched_at) THEN
        RAISE EXCEPTION 'a statement is kept as it came' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_statementfile_kept BEFORE UPDATE OR DELETE ON billing_statementfile
    FOR EACH ROW EXECUTE FUNCTION billing_statement_kept();
CREATE FUNCTION billing_difference_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.kind, OLD.file_id, OLD.line_id, OLD.payment_id, OLD.refund_id, OLD.opened_at)
        IS DISTINCT FROM (NEW.kind, NEW.file_id, NEW.line_id, NEW.payment_id, NEW.refund_id, NEW.opened_at) THEN
        RAISE EXCEPTION 'a difference is resolved, never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_reconciliationexception_kept BEFORE UPDATE OR DELETE ON billing_reconciliationexception
    FOR EACH ROW EXECUTE FUNCTION billing_difference_kept();
"""
UNDO = """
DROP TRIGGER billing_statementfile_kept ON billing_statementfile; DROP FUNCTION billing_statement_kept();
DROP TRIGGER billing_reconciliationexception_kept ON billing_reconciliationexception;
DROP FUNCTION billing_difference_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_ledger_guards")]

    operations = [
        migrations.RunSQL(KEPT, UNDO),
    ]
