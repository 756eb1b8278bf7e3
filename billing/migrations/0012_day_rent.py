from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0011_renewals"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "DAY_RENT"), models.Q(("state", "VOID"), _negated=True)),
                fields=("lease", "period_start"),
                name="billing_bill_day_rent_once",
            ),
        ),
    ]
