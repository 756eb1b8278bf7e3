"""Blind indexes of addresses, so that a shared phone or door can be seen without opening anything; old rows get theirs."""

import unicodedata
from typing import Any

from django.db import migrations, models

from core import seals


def index(apps: Any, _schema_editor: Any) -> None:
    addresses = apps.get_model("accounts", "Address").objects
    for pk, row, phone, region, street in addresses.values_list("pk", "seal_row", "phone", "region", "street"):
        number = seals.unseal(phone, f"accounts.address.phone:{row}")
        door = seals.unseal(street, f"accounts.address.street:{row}")
        place = unicodedata.normalize("NFKC", "".join(f"{region}{door}".split())).casefold()
        addresses.filter(pk=pk).update(
            phone_index=seals.blind_index("phone", number), place_index=seals.blind_index("place", place)
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_address_removed")]

    operations = [
        migrations.AddField(
            model_name="address",
            name="phone_index",
            field=models.CharField(db_index=True, editable=False, max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="address",
            name="place_index",
            field=models.CharField(db_index=True, editable=False, max_length=64, null=True),
        ),
        migrations.RunPython(index, migrations.RunPython.noop),
    ]
