from django.db import migrations, models

KEEP = """
CREATE OR REPLACE FUNCTION notices_keep_calls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.seconds IS NOT NULL {over} OR (OLD.user_id, OLD.caller, OLD.subject, OLD.dialled_at)
            IS DISTINCT FROM (NEW.user_id, NEW.caller, NEW.subject, NEW.dialled_at) THEN
        RAISE EXCEPTION 'call % is kept as it was', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    """A call whose end nobody told by the end of its day is over, and stays counted as a conversation."""

    dependencies = [("notices", "0009_turned_away")]

    operations = [
        migrations.AddField(
            "phonecall", "lapsed_at", models.DateTimeField(null=True, verbose_name="closed without an outcome")
        ),
        migrations.AddConstraint(
            "phonecall",
            models.CheckConstraint(
                condition=models.Q(("seconds", None), ("lapsed_at", None), _connector="OR"),
                name="notices_call_told_or_lapsed",
            ),
        ),
        migrations.AddIndex(
            "phonecall",
            models.Index(
                condition=models.Q(("lapsed_at", None), ("seconds", None)),
                fields=["dialled_at"],
                name="notices_call_not_ended",
            ),
        ),
        migrations.RunSQL(KEEP.format(over="OR OLD.lapsed_at IS NOT NULL"), KEEP.format(over="")),
    ]
