"""A published plan is never edited and a cash price only added, also by raw SQL (domain.md intro, §3)."""

from django.db import migrations


FORWARD = """
CREATE FUNCTION catalog_refuse_published_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION 'plan % was published', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_leaseplan_published BEFORE UPDATE ON catalog_leaseplan
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_published_plan();
CREATE FUNCTION catalog_refuse_published_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM catalog_leaseplan
        WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.plan_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.plan_id END)
            AND state <> 'DRAFT'
    ) THEN
        RAISE EXCEPTION 'the terms of a published plan are fixed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER catalog_planterm_published BEFORE INSERT OR UPDATE OR DELETE ON catalog_planterm
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_published_term();
"""
BACKWARD = """
DROP TRIGGER catalog_planterm_published ON catalog_planterm;
DROP FUNCTION catalog_refuse_published_term();
DROP TRIGGER catalog_leaseplan_published ON catalog_leaseplan;
DROP FUNCTION catalog_refuse_published_plan();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_guards")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
