from datetime import date

from django.db import migrations, models

from core import guards

STATES = [
    ("OPEN", "Being looked at"), ("ANSWERED", "Answered"), ("WITHDRAWN", "Taken back"),
    ("GRANTED", "A pause, granted by the clock"), ("LAPSED", "The lease has ended meanwhile"),
]  # fmt: skip
# requests of before: two days, whatever days they were
PROMISED = "UPDATE arrears_hardshiprequest SET answer_by = (asked_at AT TIME ZONE 'Asia/Shanghai')::date + 2"
BOUNDED = """
ALTER TABLE arrears_hardshiprequest ADD CONSTRAINT arrears_hardship_pause_is_bounded CHECK (
    pause_until IS NULL OR pause_until <= (closed_at AT TIME ZONE 'Asia/Shanghai')::date + 14);
"""
UNBOUNDED = "ALTER TABLE arrears_hardshiprequest DROP CONSTRAINT arrears_hardship_pause_is_bounded;"
RELIEVED = """
CREATE OR REPLACE FUNCTION arrears_is_relieved(of_lease bigint, on_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM arrears_hardshiprequest WHERE lease_id = of_lease AND (state = 'OPEN'{paused}))
        OR EXISTS (SELECT 1 FROM billing_extensionplan WHERE lease_id = of_lease AND state = 'RUNNING')
        AND NOT EXISTS (
            SELECT 1 FROM billing_bill b LEFT JOIN billing_extensionplan x ON x.id = b.plan_id
            WHERE b.lease_id = of_lease AND b.state = 'OPEN' AND b.due_date < on_day
                AND b.paid < b.rent + b.cover - b.reduced - b.replanned AND x.state IS DISTINCT FROM 'RUNNING')
$$;
"""
PAUSED = " OR state = 'GRANTED' AND pause_until >= on_day"


class Migration(migrations.Migration):
    """The promise of two working days is stored, and the clock keeps it: a pause where nobody answers."""

    dependencies = [("arrears", "0008_untold_calls")]

    operations = [
        migrations.AddField(
            "hardshiprequest",
            "has_changed",
            models.BooleanField(default=False, verbose_name="something has changed since the last request"),
        ),
        migrations.AddField(
            "hardshiprequest",
            "answer_by",
            models.DateField(default=date(2026, 1, 1), verbose_name="to be answered by the end of"),
            preserve_default=False,
        ),
        migrations.AddField(
            "hardshiprequest", "escalated_at", models.DateTimeField(null=True, verbose_name="left to a supervisor")
        ),
        migrations.AddField(
            "hardshiprequest",
            "pause_until",
            models.DateField(null=True, verbose_name="nobody asks until the end of"),
        ),
        migrations.AlterField(
            "hardshiprequest",
            "state",
            models.CharField(choices=STATES, default="OPEN", max_length=50, verbose_name="state"),
        ),
        migrations.AddConstraint(
            "hardshiprequest",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pause_until__isnull", False), ("state", "GRANTED")),
                    models.Q(models.Q(("state", "GRANTED"), _negated=True), ("pause_until", None)),
                    _connector="OR",
                ),
                name="arrears_hardship_pause_is_granted",
            ),
        ),
        guards.edges("arrears.hardshiprequest", [("OPEN", "GRANTED"), ("OPEN", "LAPSED")]),
        migrations.RunSQL(BOUNDED, UNBOUNDED),
        migrations.RunSQL(RELIEVED.format(paused=PAUSED), RELIEVED.format(paused="")),
        migrations.RunSQL(PROMISED, migrations.RunSQL.noop),
    ]
