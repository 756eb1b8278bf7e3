from django.db import migrations

CREATE = """
CREATE FUNCTION arrears_is_relieved(of_lease bigint, on_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM arrears_hardshiprequest WHERE lease_id = of_lease AND state = 'OPEN')
        OR EXISTS (SELECT 1 FROM billing_extensionplan WHERE lease_id = of_lease AND state = 'RUNNING')
        AND NOT EXISTS (
            SELECT 1 FROM billing_bill b LEFT JOIN billing_extensionplan x ON x.id = b.plan_id
            WHERE b.lease_id = of_lease AND b.state = 'OPEN' AND b.due_date < on_day
                AND b.paid < b.rent + b.cover - b.reduced - b.replanned AND x.state IS DISTINCT FROM 'RUNNING')
$$;
CREATE FUNCTION arrears_leave_in_peace() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE facts jsonb := to_jsonb(NEW); of_lease bigint; at timestamptz;
BEGIN
    IF TG_TABLE_NAME = 'notices_phonecall' THEN
        SELECT lease_id INTO of_lease FROM arrears_collectioncase WHERE 'case:' || number = facts ->> 'subject';
        at := facts ->> 'dialled_at';
    ELSIF TG_TABLE_NAME = 'arrears_demandletter' THEN
        SELECT lease_id INTO of_lease FROM arrears_collectioncase WHERE id = (facts ->> 'case_id')::bigint;
        at := facts ->> 'issued_at';
    ELSIF facts ->> 'purpose' = 'COLLECTION' THEN
        SELECT id INTO of_lease FROM billing_lease WHERE number = facts ->> 'order_number';
        at := facts ->> 'requested_at';
    END IF;
    IF of_lease IS NOT NULL AND arrears_is_relieved(of_lease, (at AT TIME ZONE 'Asia/Shanghai')::date) THEN
        RAISE EXCEPTION '%: the customer waits for an answer or keeps a plan', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_in_peace BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION arrears_leave_in_peace();\n"
    for table in ("notices_phonecall", "arrears_demandletter", "visits_visit")
)
DROP = "".join(
    f"DROP TRIGGER {table}_in_peace ON {table};"
    for table in ("notices_phonecall", "arrears_demandletter", "visits_visit")
) + "DROP FUNCTION arrears_leave_in_peace(); DROP FUNCTION arrears_is_relieved(bigint, date);"


class Migration(migrations.Migration):
    """Who asked for relief, or keeps a plan, is left in peace about it: for raw SQL too (domain.md §9)."""

    dependencies = [
        ("arrears", "0005_demand_choices"),
        ("billing", "0014_day_rents_apart"),
        ("notices", "0006_shown_at_once"),
        ("visits", "0004_purpose"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
