"""Names and hints that the admin shows; nothing in the database changes."""

import core.fields
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_for_the_admin"),
        ("catalog", "0003_kept"),
    ]

    operations = [
        migrations.AlterField(
            model_name="cashprice",
            name="as_of",
            field=models.DateField(
                help_text="The day on which it was seen. No plan is published on a price older than 90 days.",
                verbose_name="as of",
            ),
        ),
        migrations.AlterField(
            model_name="cashprice",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cash_prices",
                to="catalog.sku",
                verbose_name="specification",
            ),
        ),
        migrations.AlterField(
            model_name="cashprice",
            name="source",
            field=models.CharField(
                help_text="Where the price was seen, so that anyone can look again.",
                max_length=120,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="damageitem",
            name="device_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="damage_items",
                to="catalog.devicetype",
                verbose_name="device type",
            ),
        ),
        migrations.AlterField(
            model_name="devicemodel",
            name="attributes",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text='By the keys of its device type, e.g. {"screen": {"zh": "6.1 英寸", "en": "6.1 inch"}}.',
                verbose_name="attributes",
            ),
        ),
        migrations.AlterField(
            model_name="devicemodel",
            name="slug",
            field=models.SlugField(
                help_text="The last part of its page's address: letters, digits, hyphens.",
                unique=True,
                verbose_name="address",
            ),
        ),
        migrations.AlterField(
            model_name="devicetype",
            name="attributes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='What its models state, e.g. [{"key": "screen", "name": "屏幕", "name_en": "Screen"}].',
                verbose_name="attributes",
            ),
        ),
        migrations.AlterField(
            model_name="devicetype",
            name="code",
            field=models.SlugField(
                help_text="Names the drawing that is shown; a new code shows a parcel until drawn.",
                unique=True,
                verbose_name="code",
            ),
        ),
        migrations.AlterField(
            model_name="devicetype",
            name="order",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Shops list the lowest number first.", verbose_name="order"
            ),
        ),
        migrations.AlterField(
            model_name="deviceunit",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units",
                to="accounts.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AlterField(
            model_name="deviceunit",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units",
                to="catalog.sku",
                verbose_name="specification",
            ),
        ),
        migrations.AlterField(
            model_name="leaseplan",
            name="deposit_rate",
            field=core.fields.RateField(
                default=Decimal("0.70"),
                help_text="From 0.30 to 1: 0.70 is 70 %.",
                verbose_name="deposit, share of the signed value",
            ),
        ),
        migrations.AlterField(
            model_name="leaseplan",
            name="early_return_months",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="What leaving early costs; at most 2.", verbose_name="early return, months of rent"
            ),
        ),
        migrations.AlterField(
            model_name="leaseplan",
            name="managed",
            field=models.BooleanField(
                default=False,
                help_text="The merchant administers it during the lease; offers and agreements say so.",
                verbose_name="managed device",
            ),
        ),
        migrations.AlterField(
            model_name="leaseplan",
            name="renewal_discount_rate",
            field=core.fields.RateField(
                default=Decimal("0.10"),
                help_text="As a share of the monthly rent: 0.10 is 10 %.",
                verbose_name="renewal discount",
            ),
        ),
        migrations.AlterField(
            model_name="leaseplan",
            name="signed_value",
            field=core.fields.MoneyField(
                help_text="What the agreement says the device is worth; at most the cash price.",
                verbose_name="signed value",
            ),
        ),
        migrations.AlterField(
            model_name="lendingrate",
            name="rate_yearly",
            field=core.fields.RateField(
                help_text="As a share: 0.03 for 3 %. Four times it caps the yearly cost of a plan.",
                verbose_name="yearly rate",
            ),
        ),
        migrations.AlterField(
            model_name="planterm",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="terms",
                to="catalog.leaseplan",
                verbose_name="lease plan",
            ),
        ),
        migrations.AlterField(
            model_name="planterm",
            name="total_to_own",
            field=core.fields.MoneyField(
                blank=True,
                help_text="All rents and the last buyout price together.",
                null=True,
                verbose_name="total to own",
            ),
        ),
        migrations.AlterField(
            model_name="stocklevel",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stock",
                to="accounts.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AlterField(
            model_name="stocklevel",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stock",
                to="catalog.sku",
                verbose_name="specification",
            ),
        ),
    ]
