"""Names and hints that the admin shows; nothing in the database changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_for_the_admin"),
        ("billing", "0003_frozen_terms"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="allocation",
            options={"verbose_name": "allocation", "verbose_name_plural": "allocations"},
        ),
        migrations.AlterModelOptions(
            name="depositrelease",
            options={"verbose_name": "release", "verbose_name_plural": "releases"},
        ),
        migrations.AlterModelOptions(
            name="paymentitem",
            options={"verbose_name": "bill named by the payment", "verbose_name_plural": "bills named by the payment"},
        ),
        migrations.AlterField(
            model_name="allocation",
            name="at",
            field=models.DateTimeField(verbose_name="at"),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="bill",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="billing.bill",
                verbose_name="bill",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="part",
            field=models.CharField(
                choices=[("RENT", "Rent"), ("COVER", "Cover"), ("FEE", "Late fee")], max_length=6, verbose_name="part"
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="billing.payment",
                verbose_name="payment",
            ),
        ),
        migrations.AlterField(
            model_name="bill",
            name="lease",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bills",
                to="billing.lease",
                verbose_name="lease",
            ),
        ),
        migrations.AlterField(
            model_name="bill",
            name="period_end",
            field=models.DateField(null=True, verbose_name="period to"),
        ),
        migrations.AlterField(
            model_name="bill",
            name="period_start",
            field=models.DateField(null=True, verbose_name="period from"),
        ),
        migrations.AlterField(
            model_name="deposit",
            name="lease",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deposit",
                to="billing.lease",
                verbose_name="lease",
            ),
        ),
        migrations.AlterField(
            model_name="depositfreeze",
            name="deposit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="freezes",
                to="billing.deposit",
                verbose_name="deposit",
            ),
        ),
        migrations.AlterField(
            model_name="depositfreeze",
            name="request_number",
            field=models.CharField(max_length=32, unique=True, verbose_name="request number"),
        ),
        migrations.AlterField(
            model_name="depositrelease",
            name="freeze",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="releases",
                to="billing.depositfreeze",
                verbose_name="preauthorisation",
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="accounts.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="terms",
            field=models.JSONField(verbose_name="terms at signing"),
        ),
        migrations.AlterField(
            model_name="payment",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="paymentitem",
            name="bill",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payment_items",
                to="billing.bill",
                verbose_name="bill",
            ),
        ),
        migrations.AlterField(
            model_name="paymentitem",
            name="open",
            field=models.BooleanField(default=True, verbose_name="open attempt"),
        ),
        migrations.AlterField(
            model_name="paymentitem",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="billing.payment",
                verbose_name="payment",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="billing.payment",
                verbose_name="payment",
            ),
        ),
    ]
