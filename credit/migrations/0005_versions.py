from django.db import migrations, models

from core import guards

# A version ends by being superseded, and says when; nothing else of it ever changes.
ENDING = """
CREATE OR REPLACE FUNCTION credit_keep_tier_sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (
        TG_OP = 'DELETE' OR to_jsonb(OLD) - 'state' - 'ended_at' <> to_jsonb(NEW) - 'state' - 'ended_at'
    ) THEN
        RAISE EXCEPTION 'tier set v% is published', OLD.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION credit_keep_scorecards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (
        TG_OP = 'DELETE' OR to_jsonb(OLD) - 'state' - 'ended_at' <> to_jsonb(NEW) - 'state' - 'ended_at'
    ) THEN
        RAISE EXCEPTION 'scorecard v% is published', OLD.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0004_versions"), ("credit", "0004_scorecard_guards")]

    operations = [
        migrations.AddField("scorecard", "ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended")),
        migrations.AddField("tierset", "ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended")),
        migrations.RunSQL(ENDING, migrations.RunSQL.noop),
        guards.second_person("credit_tierset", "tier_set", "version"),
        guards.second_person("credit_scorecard", "scorecard", "version"),
    ]
