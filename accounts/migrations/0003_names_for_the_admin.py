"""Names and hints that the admin shows; nothing in the database changes."""

import core.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="address",
            name="consignee",
            field=core.fields.SealedField(editable=False, verbose_name="consignee"),
        ),
        migrations.AlterField(
            model_name="address",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="addresses",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="address",
            name="street",
            field=core.fields.SealedField(editable=False, verbose_name="street"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="blocked_reason",
            field=models.CharField(
                blank=True,
                help_text="Any text blocks: no order is accepted from this customer. Emptying it lifts the block.",
                max_length=200,
                verbose_name="blocked because",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customer",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sign-in",
            ),
        ),
        migrations.AlterField(
            model_name="identityverification",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verifications",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="merchant",
            name="licence_number",
            field=models.CharField(
                help_text="18 characters, as on the business licence.",
                max_length=18,
                verbose_name="unified social credit code",
            ),
        ),
        migrations.AlterField(
            model_name="merchant",
            name="return_address",
            field=models.CharField(
                help_text="Customers send devices back to it; agreements state it.",
                max_length=200,
                verbose_name="return address",
            ),
        ),
        migrations.AlterField(
            model_name="merchantmember",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="accounts.merchant",
                verbose_name="merchant",
            ),
        ),
        migrations.AlterField(
            model_name="merchantmember",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="membership",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sign-in",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_active",
            field=models.BooleanField(
                default=True,
                help_text="Switch off instead of deleting: what a person did keeps its name.",
                verbose_name="active",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="login",
            field=models.CharField(
                help_text="What staff type to sign in; customers sign in by phone.",
                max_length=60,
                unique=True,
                verbose_name="login",
            ),
        ),
    ]
