"""An order with an open or refused demand is neither approved nor shipped: the database refuses raw SQL too."""

from django.db import migrations

HOLD = """
CREATE FUNCTION orders_held_by_demands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NEW.state IN ('APPROVED', 'SHIPPED') AND EXISTS (
        SELECT 1 FROM credit_demand WHERE order_number = NEW.number AND state IN ('OPEN', 'REFUSED')
    ) THEN
        RAISE EXCEPTION 'order % waits for what was demanded', NEW.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_order_held_by_demands BEFORE UPDATE OF state ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_held_by_demands();
"""
FREE = """
DROP TRIGGER orders_order_held_by_demands ON orders_order;
DROP FUNCTION orders_held_by_demands();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_guards")]

    operations = [
        migrations.RunSQL(HOLD, FREE),
    ]
