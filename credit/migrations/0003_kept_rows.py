from django.db import migrations


# A published tier set and a decision are what a customer was told: nobody edits them, raw SQL neither (domain.md §1).
FREEZE = """
CREATE FUNCTION credit_keep_tier_sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (TG_OP = 'DELETE' OR to_jsonb(OLD) - 'state' <> to_jsonb(NEW) - 'state') THEN
        RAISE EXCEPTION 'tier set v% is published', OLD.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_tierset_kept BEFORE UPDATE OR DELETE ON credit_tierset
    FOR EACH ROW EXECUTE FUNCTION credit_keep_tier_sets();

CREATE FUNCTION credit_keep_tiers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE old_set bigint; new_set bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_set := OLD.tier_set_id; END IF;
    IF TG_OP <> 'DELETE' THEN new_set := NEW.tier_set_id; END IF;
    IF EXISTS (SELECT 1 FROM credit_tierset WHERE id IN (old_set, new_set) AND state <> 'DRAFT') THEN
        RAISE EXCEPTION 'a published tier set is never edited' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_waivertier_kept BEFORE INSERT OR UPDATE OR DELETE ON credit_waivertier
    FOR EACH ROW EXECUTE FUNCTION credit_keep_tiers();

CREATE FUNCTION credit_keep_decisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR to_jsonb(OLD) - 'ended_at' <> to_jsonb(NEW) - 'ended_at' THEN
        RAISE EXCEPTION 'a decision only ends' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_decision_kept BEFORE UPDATE OR DELETE ON credit_decision
    FOR EACH ROW EXECUTE FUNCTION credit_keep_decisions();
"""
THAW = """
DROP TRIGGER credit_tierset_kept ON credit_tierset;
DROP TRIGGER credit_waivertier_kept ON credit_waivertier;
DROP TRIGGER credit_decision_kept ON credit_decision;
DROP FUNCTION credit_keep_tier_sets();
DROP FUNCTION credit_keep_tiers();
DROP FUNCTION credit_keep_decisions();
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0002_guards")]

    operations = [
        migrations.RunSQL(FREEZE, THAW),
    ]
