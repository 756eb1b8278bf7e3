"""A customer may take an address out of his list; the orders that were sent there keep it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_member_roles")]

    operations = [
        migrations.AddField(
            model_name="address",
            name="removed_at",
            field=models.DateTimeField(null=True, verbose_name="removed"),
        ),
    ]
