from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_autopay")]

    operations = [
        guards.edges(
            "billing.autopayagreement",
            [
                ("", "DRAFT"),
                ("ACTIVE", "ENDED"),
                ("DRAFT", "ACTIVE"),
                ("DRAFT", "ENDED"),
            ],
        ),
        guards.state_machine("billing_autopayagreement", "billing.autopayagreement"),
    ]
