"""What was asked for stays as it was asked, and who decided stays who decided."""

from django.db import migrations


FORWARD = """
ALTER TABLE core_approval ADD CONSTRAINT core_approval_hash
    CHECK (payload_hash = encode(sha256(convert_to(body, 'UTF8')), 'hex'));
CREATE FUNCTION core_approval_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.kind, NEW.subject, NEW.body, NEW.payload_hash, NEW.reason, NEW.requested_by, NEW.requested_at)
        IS DISTINCT FROM
        (OLD.kind, OLD.subject, OLD.body, OLD.payload_hash, OLD.reason, OLD.requested_by, OLD.requested_at)
        OR (OLD.decided_by <> '' AND NEW.decided_by <> OLD.decided_by)
    THEN
        RAISE EXCEPTION 'approval % keeps what was asked', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER core_approval_kept BEFORE UPDATE OR DELETE ON core_approval
    FOR EACH ROW EXECUTE FUNCTION core_approval_kept();
"""
BACKWARD = """
DROP TRIGGER core_approval_kept ON core_approval;
DROP FUNCTION core_approval_kept();
ALTER TABLE core_approval DROP CONSTRAINT core_approval_hash;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
