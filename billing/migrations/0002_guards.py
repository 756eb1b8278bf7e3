from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("billing", "0001_initial")]

    operations = [
        guards.edges(
            "billing.bill",
            [
                ("", "OPEN"),
                ("OPEN", "PAID"),
                ("OPEN", "VOID"),
                ("PAID", "OPEN"),
                ("PAID", "VOID"),
            ],
        ),
        guards.state_machine("billing_bill", "billing.bill"),
        guards.edges(
            "billing.deposit",
            [
                ("", "DUE"),
                ("DUE", "RELEASING"),
                ("DUE", "SECURED"),
                ("RELEASING", "RELEASED"),
                ("SECURED", "RELEASING"),
            ],
        ),
        guards.state_machine("billing_deposit", "billing.deposit"),
        guards.edges(
            "billing.depositfreeze",
            [
                ("", "OPEN"),
                ("CLOSED", "FROZEN"),
                ("CLOSED", "QUARANTINED"),
                ("OPEN", "CLOSED"),
                ("OPEN", "FROZEN"),
                ("OPEN", "QUARANTINED"),
            ],
        ),
        guards.state_machine("billing_depositfreeze", "billing.depositfreeze"),
        guards.edges(
            "billing.depositrelease",
            [
                ("", "REQUESTED"),
                ("REQUESTED", "SUCCEEDED"),
            ],
        ),
        guards.state_machine("billing_depositrelease", "billing.depositrelease"),
        guards.edges(
            "billing.lease",
            [
                ("", "DRAFT"),
                ("DRAFT", "LIVE"),
                ("DRAFT", "VOID"),
                ("LIVE", "CLOSED"),
            ],
        ),
        guards.state_machine("billing_lease", "billing.lease"),
        guards.edges(
            "billing.payment",
            [
                ("", "OPEN"),
                ("CLOSED", "QUARANTINED"),
                ("CLOSED", "SUCCEEDED"),
                ("OPEN", "CLOSED"),
                ("OPEN", "QUARANTINED"),
                ("OPEN", "SUCCEEDED"),
            ],
        ),
        guards.state_machine("billing_payment", "billing.payment"),
        guards.edges(
            "billing.refund",
            [
                ("", "REQUESTED"),
                ("FAILED", "SUCCEEDED"),
                ("REQUESTED", "FAILED"),
                ("REQUESTED", "SUCCEEDED"),
            ],
        ),
        guards.state_machine("billing_refund", "billing.refund"),
        guards.append_only("billing_allocation"),
    ]
