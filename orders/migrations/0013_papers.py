import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("contracts", "0003_addenda"), ("billing", "0011_renewals"), ("orders", "0012_rule_trials")]

    operations = [
        migrations.AddField(
            model_name="ending",
            name="paper",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ending",
                to="contracts.agreement",
                verbose_name="paper",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=~Q(kind="RENEWAL")
                | Q(quote__isnull=False, valid_until__isnull=False, paper__isnull=False, bill__isnull=True),
                name="orders_ending_renewal_is_whole",
            ),
        ),
    ]
