from django.db import migrations, models

# Whom a stop names and why stays as it was written, and nobody lifts it alone, raw SQL neither.
KEEP = """
CREATE FUNCTION credit_keep_stops() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL
        OR to_jsonb(OLD) - 'lifted_at' - 'lifted_by' - 'customer_id'
            <> to_jsonb(NEW) - 'lifted_at' - 'lifted_by' - 'customer_id'
    THEN
        RAISE EXCEPTION 'hard stop % only ends', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.lifted_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM core_approval WHERE kind = 'hard_stop' AND subject = 'hard_stop:' || NEW.id
            AND state = 'USED' AND used_at = NEW.lifted_at
    ) THEN
        RAISE EXCEPTION 'hard stop % is lifted by a second person', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_hardstop_kept BEFORE UPDATE OR DELETE ON credit_hardstop
    FOR EACH ROW EXECUTE FUNCTION credit_keep_stops();
"""
LET_GO = "DROP TRIGGER credit_hardstop_kept ON credit_hardstop; DROP FUNCTION credit_keep_stops();"


class Migration(migrations.Migration):
    dependencies = [("core", "0004_versions"), ("credit", "0005_versions")]

    operations = [
        migrations.AddField(
            "hardstop",
            "visit_number",
            models.CharField(blank=True, default="", max_length=20, verbose_name="field visit"),
            preserve_default=False,
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
