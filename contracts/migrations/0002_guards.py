from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("contracts", "0001_initial")]

    operations = [
        guards.edges(
            "contracts.agreement",
            [
                ("", "DRAFTED"),
                ("DRAFTED", "READY"),
                ("DRAFTED", "VOID"),
                ("READY", "SIGNING"),
                ("READY", "VOID"),
                ("SIGNING", "SIGNED"),
                ("SIGNING", "VOID"),
            ],
        ),
        guards.state_machine("contracts_agreement", "contracts.agreement"),
        guards.append_only("contracts_document"),
        guards.append_only("contracts_evidenceevent"),
    ]
