from django.db import migrations, models

from core import guards


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="kind",
            field=models.CharField(
                choices=[("LEASE", "Rental agreement"), ("RENEWAL", "Renewal addendum"), ("TITLE", "Title paper")],
                default="LEASE",
                max_length=8,
                verbose_name="kind",
            ),
        ),
        guards.edges("contracts.agreement", [("DRAFTED", "SIGNING")]),
    ]
