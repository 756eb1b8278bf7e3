"""What a form says when a figure is refused; nothing in the database changes."""

from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_address_removed"),
        ("catalog", "0004_names_for_the_admin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="cashprice",
            name="catalog_cash_price_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="catalog_cash_price_positive",
                violation_error_message="The amount must be above 0.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="leaseplan",
            name="catalog_plan_deposit_rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit_rate__gte", Decimal("0.3")), ("deposit_rate__lte", 1)),
                name="catalog_plan_deposit_rate",
                violation_error_message="The deposit is a share from 0.30 to 1 of the signed value.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="leaseplan",
            name="catalog_plan_early_return",
            constraint=models.CheckConstraint(
                condition=models.Q(("early_return_months__lte", 2)),
                name="catalog_plan_early_return",
                violation_error_message="Early return costs at most 2 months of rent.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="planterm",
            name="catalog_plan_term_months",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__gte", 1), ("months__lte", 36)),
                name="catalog_plan_term_months",
                violation_error_message="A term has 1 to 36 months.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="planterm",
            name="catalog_plan_term_rent",
            constraint=models.CheckConstraint(
                condition=models.Q(("monthly_rent__gt", 0)),
                name="catalog_plan_term_rent",
                violation_error_message="The amount must be above 0.",
            ),
        ),
    ]
