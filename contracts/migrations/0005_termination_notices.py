from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_extensions")]

    operations = [
        migrations.AlterField(
            model_name="agreement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("LEASE", "Rental agreement"),
                    ("RENEWAL", "Renewal addendum"),
                    ("TITLE", "Title paper"),
                    ("EXTENSION", "Extension addendum"),
                    ("NOTICE", "Termination notice"),
                ],
                default="LEASE",
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
