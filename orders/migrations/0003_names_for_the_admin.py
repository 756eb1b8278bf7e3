"""Names and hints that the admin shows; nothing in the database changes."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_for_the_admin"),
        ("billing", "0004_names_for_the_admin"),
        ("catalog", "0004_names_for_the_admin"),
        ("contracts", "0003_names_for_the_admin"),
        ("credit", "0003_names_for_the_admin"),
        ("orders", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="checkout",
            options={"verbose_name": "checkout", "verbose_name_plural": "checkouts"},
        ),
        migrations.AlterModelOptions(
            name="inspection",
            options={"verbose_name": "inspection", "verbose_name_plural": "inspections"},
        ),
        migrations.AlterField(
            model_name="checkout",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checkouts",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="ending",
            name="closed_at",
            field=models.DateTimeField(null=True, verbose_name="closed"),
        ),
        migrations.AlterField(
            model_name="ending",
            name="kind",
            field=models.CharField(choices=[("RETURN", "Return")], max_length=10, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="ending",
            name="opened_at",
            field=models.DateTimeField(verbose_name="opened"),
        ),
        migrations.AlterField(
            model_name="ending",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="endings",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="ending",
            name="state",
            field=django_fsm.FSMField(
                choices=[("OPEN", "Under way"), ("WITHDRAWN", "Withdrawn"), ("DONE", "Done")],
                default="OPEN",
                max_length=50,
                protected=True,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="inspection",
            name="inspector",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="inspected by",
            ),
        ),
        migrations.AlterField(
            model_name="inspection",
            name="order",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inspection",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="address",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="accounts.address",
                verbose_name="address",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="agreement",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order",
                to="contracts.agreement",
                verbose_name="agreement",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="checkout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="orders.checkout",
                verbose_name="checkout",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="decision",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="credit.decision",
                verbose_name="decision",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="lease",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order",
                to="billing.lease",
                verbose_name="lease",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="accounts.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="catalog.leaseplan",
                verbose_name="lease plan",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="catalog.deviceunit",
                verbose_name="device unit",
            ),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parcels",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="void_at",
            field=models.DateTimeField(null=True, verbose_name="void since"),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="way",
            field=models.CharField(choices=[("OUT", "Out"), ("BACK", "Back")], max_length=4, verbose_name="way"),
        ),
    ]
