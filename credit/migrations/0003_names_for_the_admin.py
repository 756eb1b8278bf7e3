"""Names and hints that the admin shows; nothing in the database changes."""

import core.fields
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_for_the_admin"),
        ("credit", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="creditreport",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="creditreport",
            name="provider_user",
            field=models.CharField(blank=True, max_length=64, verbose_name="provider's user"),
        ),
        migrations.AlterField(
            model_name="creditreport",
            name="request_number",
            field=models.CharField(max_length=40, unique=True, verbose_name="request number"),
        ),
        migrations.AlterField(
            model_name="decision",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="report",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="credit.creditreport",
                verbose_name="credit report",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="tier",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="credit.waivertier",
                verbose_name="waiver tier",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="tier_set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="credit.tierset", verbose_name="tier set"
            ),
        ),
        migrations.AlterField(
            model_name="hold",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="credit.quotaaccount",
                verbose_name="quota",
            ),
        ),
        migrations.AlterField(
            model_name="quotaaccount",
            name="customer",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quota",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="tierset",
            name="decision_days",
            field=models.PositiveSmallIntegerField(
                default=180,
                help_text="From 1 to 730; later orders use the same decision.",
                verbose_name="a decision is valid for days",
            ),
        ),
        migrations.AlterField(
            model_name="tierset",
            name="deposit_floor",
            field=core.fields.MoneyField(
                default=Decimal("0.00"),
                help_text="What every customer pays of the deposit, whatever the tier waives.",
                verbose_name="deposit floor per device",
            ),
        ),
        migrations.AlterField(
            model_name="tierset",
            name="reapply_days",
            field=models.PositiveSmallIntegerField(
                default=30, help_text="From 1 to 730.", verbose_name="after a refusal, may apply again after days"
            ),
        ),
        migrations.AlterField(
            model_name="waivertier",
            name="tier_set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tiers",
                to="credit.tierset",
                verbose_name="tier set",
            ),
        ),
    ]
