from django.db import migrations, models

# About money nobody is visited twice in seven days, and never at another's door, whatever the service says.
GUARD = """
CREATE FUNCTION visits_collection_conduct() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.purpose <> 'COLLECTION' THEN RETURN NEW; END IF;
    IF NOT EXISTS (
        SELECT 1 FROM accounts_address a JOIN accounts_customer c ON c.id = a.customer_id
        JOIN accounts_user u ON u.id = c.user_id
        WHERE a.id = NEW.address_id AND a.customer_id = NEW.customer_id AND a.phone_index = u.phone_index
    ) THEN
        RAISE EXCEPTION 'visit %: not at the customer''s own door', NEW.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.starts_at IS NOT NULL AND NEW.state IN ('AGREED', 'DONE') AND EXISTS (
        SELECT 1 FROM visits_visit v
        WHERE v.customer_id = NEW.customer_id AND v.purpose = 'COLLECTION' AND (
            v.id <> NEW.id AND v.state IN ('AGREED', 'DONE') AND v.starts_at > NEW.starts_at - interval '7 days'
                AND v.starts_at < NEW.starts_at + interval '7 days'
            OR v.came_at > NEW.starts_at - interval '7 days' AND v.came_at <> NEW.starts_at)
    ) THEN
        RAISE EXCEPTION 'visit %: less than seven days after another', NEW.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER visits_visit_conduct BEFORE INSERT OR UPDATE ON visits_visit
    FOR EACH ROW EXECUTE FUNCTION visits_collection_conduct();
"""
NO_GUARD = "DROP TRIGGER visits_visit_conduct ON visits_visit; DROP FUNCTION visits_collection_conduct();"


class Migration(migrations.Migration):
    dependencies = [("visits", "0003_decent_hours"), ("accounts", "0003_browser_marks")]

    operations = [
        migrations.AddField(
            model_name="visit",
            name="purpose",
            field=models.CharField(
                choices=[("REVIEW", "Review of an order"), ("COLLECTION", "Money past due")],
                default="REVIEW",
                max_length=10,
                verbose_name="purpose",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="came_at",
            field=models.DateTimeField(null=True, verbose_name="somebody came"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                fields=["customer"], condition=models.Q(("purpose", "COLLECTION")), name="visits_of_collection"
            ),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
