from django.db import migrations, models

from core import guards

CREATE = """
CREATE FUNCTION arrears_stands_still(of_lease bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM billing_lease l JOIN accounts_customer c ON c.id = l.customer_id
        JOIN accounts_user u ON u.id = c.user_id WHERE l.id = of_lease AND u.in_peace_since IS NOT NULL)
$$;
CREATE FUNCTION arrears_ask_no_estate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE facts jsonb := to_jsonb(NEW); is_spared boolean;
BEGIN
    IF TG_TABLE_NAME = 'arrears_collectioncase' THEN
        is_spared := NEW.state = 'OPEN' AND arrears_stands_still(NEW.lease_id);
    ELSIF TG_TABLE_NAME = 'arrears_demandletter' THEN
        SELECT arrears_stands_still(lease_id) INTO is_spared FROM arrears_collectioncase
            WHERE id = (facts ->> 'case_id')::bigint;
    ELSIF TG_TABLE_NAME = 'visits_visit' THEN
        SELECT arrears_stands_still(id) INTO is_spared FROM billing_lease
            WHERE facts ->> 'purpose' = 'COLLECTION' AND number = facts ->> 'order_number';
    ELSE
        SELECT in_peace_since IS NOT NULL INTO is_spared FROM accounts_user WHERE id = (facts ->> 'user_id')::bigint;
    END IF;
    IF is_spared THEN
        RAISE EXCEPTION '%: a death or a loss of legal capacity is on record', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notices_message_no_estate BEFORE INSERT ON notices_message
    FOR EACH ROW WHEN (NEW.channel <> 'IN_APP' AND NEW.template <> 'code') EXECUTE FUNCTION arrears_ask_no_estate();
CREATE TRIGGER notices_message_unsent_no_estate BEFORE UPDATE OF state ON notices_message
    FOR EACH ROW WHEN (NEW.state = 'SENDING' AND NEW.template <> 'code') EXECUTE FUNCTION arrears_ask_no_estate();
""" + "".join(
    f"CREATE TRIGGER {table}_no_estate BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION arrears_ask_no_estate();"
    for table in ("notices_phonecall", "arrears_demandletter", "visits_visit", "arrears_collectioncase")
)
DROP = "DROP TRIGGER notices_message_unsent_no_estate ON notices_message;" + "".join(
    f"DROP TRIGGER {table}_no_estate ON {table};"
    for table in (
        "notices_phonecall", "arrears_demandletter", "visits_visit", "arrears_collectioncase", "notices_message",
    )
) + "DROP FUNCTION arrears_ask_no_estate(); DROP FUNCTION arrears_stands_still(bigint);"


class Migration(migrations.Migration):
    """Nobody asks an estate for money, by whatever way: for raw SQL too (domain.md §5)."""

    dependencies = [
        ('accounts', '0005_standstills'),
        ('arrears', '0006_relief_guards'),
        ('notices', '0008_called_off'),
    ]

    operations = [
        migrations.AlterField(
            model_name='collectioncase',
            name='outcome',
            field=models.CharField(blank=True, choices=[('PAID', 'Nothing is overdue any more'), ('LEASE_ENDED', 'The lease has ended'), ('REPLANNED', 'An extension plan is being kept'), ('WRITTEN_OFF', 'The rest was written off'), ('STANDSTILL', 'Death or loss of legal capacity')], max_length=12, verbose_name='outcome'),
        ),
        migrations.AlterField(
            model_name='paymentpromise',
            name='state',
            field=models.CharField(choices=[('OPEN', 'Awaited'), ('KEPT', 'Kept'), ('BROKEN', 'Not kept'), ('LAPSED', 'Nobody waits for it any more')], default='OPEN', max_length=50, verbose_name='state'),
        ),
        guards.edges("arrears.paymentpromise", [("OPEN", "LAPSED")]),
        migrations.RunSQL(CREATE, DROP),
    ]
