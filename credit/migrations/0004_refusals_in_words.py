"""What a form says when a figure is refused; nothing in the database changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0003_names_for_the_admin"),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="waivertier",
            name="credit_tier_score",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_score__gte", 350), ("from_score__lte", 950)),
                name="credit_tier_score",
                violation_error_message="A score lies between 350 and 950.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="waivertier",
            name="credit_tier_percent",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)),
                name="credit_tier_percent",
                violation_error_message="A percentage is at most 100.",
            ),
        ),
    ]
