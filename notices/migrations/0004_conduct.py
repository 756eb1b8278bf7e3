"""The conduct rules for calls where raw SQL meets them too (domain.md §9): never at night, six dials and three
conversations a day whoever calls; what was dialled stays, and how it ended is told once."""

from django.db import migrations

FORWARD = """
ALTER TABLE notices_phonecall ADD CONSTRAINT notices_call_at_decent_hours
    CHECK ((dialled_at AT TIME ZONE 'Asia/Shanghai')::time >= '08:00'
        AND (dialled_at AT TIME ZONE 'Asia/Shanghai')::time < '22:00');
CREATE FUNCTION notices_few_calls() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE dials int; conversations int;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('notices_phonecall'), NEW.user_id::int);
    SELECT count(*), count(*) FILTER (WHERE coalesce(seconds, 10) >= 10) INTO dials, conversations
        FROM notices_phonecall WHERE user_id = NEW.user_id
        AND (dialled_at AT TIME ZONE 'Asia/Shanghai')::date = (NEW.dialled_at AT TIME ZONE 'Asia/Shanghai')::date;
    IF dials >= 6 OR conversations >= 3 THEN
        RAISE EXCEPTION 'person % was called often enough today', NEW.user_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notices_phonecall_few BEFORE INSERT ON notices_phonecall
    FOR EACH ROW EXECUTE FUNCTION notices_few_calls();
CREATE FUNCTION notices_keep_calls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.seconds IS NOT NULL OR (OLD.user_id, OLD.caller, OLD.subject, OLD.dialled_at)
            IS DISTINCT FROM (NEW.user_id, NEW.caller, NEW.subject, NEW.dialled_at) THEN
        RAISE EXCEPTION 'call % is kept as it was', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notices_phonecall_kept BEFORE UPDATE OR DELETE ON notices_phonecall
    FOR EACH ROW EXECUTE FUNCTION notices_keep_calls();
"""
BACKWARD = """
DROP TRIGGER notices_phonecall_kept ON notices_phonecall; DROP FUNCTION notices_keep_calls();
DROP TRIGGER notices_phonecall_few ON notices_phonecall; DROP FUNCTION notices_few_calls();
ALTER TABLE notices_phonecall DROP CONSTRAINT notices_call_at_decent_hours;
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_phone_calls")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
