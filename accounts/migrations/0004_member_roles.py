"""Who of a merchant's people manages the others: until now the first one did, in the admin."""

from typing import Any

from django.db import migrations, models


def first_ones_lead(apps: Any, schema_editor: Any) -> None:
    members = apps.get_model("accounts", "MerchantMember").objects
    first = members.order_by("merchant", "pk").distinct("merchant").values_list("pk", flat=True)
    members.filter(pk__in=list(first)).update(role="OWNER")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_names_for_the_admin")]

    operations = [
        migrations.AddField(
            model_name="merchantmember",
            name="role",
            field=models.CharField(
                choices=[("OWNER", "Owner"), ("STAFF", "Staff")], default="STAFF", max_length=5, verbose_name="role"
            ),
        ),
        migrations.RunPython(first_ones_lead, migrations.RunPython.noop),
    ]
