from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("accounts", "0001_initial")]

    operations = [
        guards.edges(
            "accounts.contact",
            [
                ("", "NAMED"),
                ("GIVEN", "AGAIN"),
                ("GIVEN", "APPROVED"),
                ("GIVEN", "LAPSED"),
                ("GIVEN", "REFUSED"),
                ("NAMED", "DECLINED"),
                ("NAMED", "GIVEN"),
                ("NAMED", "LAPSED"),
            ],
        ),
        guards.state_machine("accounts_contact", "accounts.contact"),
        guards.edges(
            "accounts.document",
            [
                ("", "GIVEN"),
                ("GIVEN", "ACCEPTED"),
                ("GIVEN", "AGAIN"),
                ("GIVEN", "LAPSED"),
                ("GIVEN", "REFUSED"),
            ],
        ),
        guards.state_machine("accounts_document", "accounts.document"),
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
