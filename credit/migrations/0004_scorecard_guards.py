from django.db import migrations


# As tier sets and tiers (0002): what a customer was judged by is never edited, raw SQL neither.
FREEZE = """
CREATE FUNCTION credit_keep_scorecards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (TG_OP = 'DELETE' OR to_jsonb(OLD) - 'state' <> to_jsonb(NEW) - 'state') THEN
        RAISE EXCEPTION 'scorecard v% is published', OLD.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_scorecard_kept BEFORE UPDATE OR DELETE ON credit_scorecard
    FOR EACH ROW EXECUTE FUNCTION credit_keep_scorecards();

CREATE FUNCTION credit_keep_bins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE old_card bigint; new_card bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_card := OLD.scorecard_id; END IF;
    IF TG_OP <> 'DELETE' THEN new_card := NEW.scorecard_id; END IF;
    IF EXISTS (SELECT 1 FROM credit_scorecard WHERE id IN (old_card, new_card) AND state <> 'DRAFT') THEN
        RAISE EXCEPTION 'a published scorecard is never edited' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_factorbin_kept BEFORE INSERT OR UPDATE OR DELETE ON credit_factorbin
    FOR EACH ROW EXECUTE FUNCTION credit_keep_bins();
CREATE TRIGGER credit_demandrule_kept BEFORE INSERT OR UPDATE OR DELETE ON credit_demandrule
    FOR EACH ROW EXECUTE FUNCTION credit_keep_tiers();
"""
THAW = """
DROP TRIGGER credit_scorecard_kept ON credit_scorecard;
DROP TRIGGER credit_factorbin_kept ON credit_factorbin;
DROP TRIGGER credit_demandrule_kept ON credit_demandrule;
DROP FUNCTION credit_keep_scorecards();
DROP FUNCTION credit_keep_bins();
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0003_kept_rows")]

    operations = [
        migrations.RunSQL(FREEZE, THAW),
    ]
