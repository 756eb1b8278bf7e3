from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("accounts", "0001_initial")]

    operations = [
        guards.edges(
            "accounts.identityverification",
            [
                ("", "PENDING"),
                ("PENDING", "REFUSED"),
                ("PENDING", "VERIFIED"),
            ],
        ),
        guards.state_machine("accounts_identityverification", "accounts.identityverification"),
    ]
