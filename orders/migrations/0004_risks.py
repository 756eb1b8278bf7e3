from django.db import migrations



# What a rule found was found by exactly these figures: a published rule and a hit's facts are never edited.
FREEZE = """
CREATE FUNCTION orders_keep_risk_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (
        TG_OP = 'DELETE' OR to_jsonb(OLD) - 'state' - 'ended_at' <> to_jsonb(NEW) - 'state' - 'ended_at'
    ) THEN
        RAISE EXCEPTION 'risk rule % is published', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_riskrule_kept BEFORE UPDATE OR DELETE ON orders_riskrule
    FOR EACH ROW EXECUTE FUNCTION orders_keep_risk_rules();
CREATE FUNCTION orders_keep_risk_hits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.order_id, OLD.rule_id, OLD.kind, OLD.facts, OLD.found_at)
            IS DISTINCT FROM (NEW.order_id, NEW.rule_id, NEW.kind, NEW.facts, NEW.found_at)
    THEN
        RAISE EXCEPTION 'risk hit % is kept as it was found', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_riskhit_kept BEFORE UPDATE OR DELETE ON orders_riskhit
    FOR EACH ROW EXECUTE FUNCTION orders_keep_risk_hits();
"""
HOLD = """
CREATE FUNCTION orders_held_by_risks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NEW.state IN ('APPROVED', 'SHIPPED') AND EXISTS (
        SELECT 1 FROM orders_riskhit WHERE order_id = NEW.id AND state = 'OPEN'
    ) THEN
        RAISE EXCEPTION 'order % waits for a person to look', NEW.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_order_held_by_risks BEFORE UPDATE OF state ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_held_by_risks();
"""
LET_GO = "DROP TRIGGER orders_order_held_by_risks ON orders_order; DROP FUNCTION orders_held_by_risks();"
THAW = """
DROP TRIGGER orders_riskhit_kept ON orders_riskhit; DROP FUNCTION orders_keep_risk_hits();
DROP TRIGGER orders_riskrule_kept ON orders_riskrule; DROP FUNCTION orders_keep_risk_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_held_by_demands")]

    operations = [
        migrations.RunSQL(FREEZE, THAW),
        migrations.RunSQL(HOLD, LET_GO),
    ]
