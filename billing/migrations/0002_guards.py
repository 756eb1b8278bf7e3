from django.db import migrations

from core import guards


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards"), ("billing", "0001_initial")]

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
            "billing.chargeback",
            [
                ("", "OPEN"),
                ("OPEN", "LOST"),
                ("OPEN", "WON"),
            ],
        ),
        guards.state_machine("billing_chargeback", "billing.chargeback"),
        guards.edges(
            "billing.deposit",
            [
                ("", "DUE"),
                ("DUE", "RELEASING"),
                ("DUE", "SECURED"),
                ("LAPSED", "RELEASING"),
                ("RELEASING", "RELEASED"),
                ("SECURED", "LAPSED"),
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
            "billing.merchantstatement",
            [
                ("", "ISSUED"),
                ("ISSUED", "PAID_OUT"),
            ],
        ),
        guards.state_machine("billing_merchantstatement", "billing.merchantstatement"),
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
            "billing.reconciliationexception",
            [
                ("", "OPEN"),
                ("OPEN", "RESOLVED"),
            ],
        ),
        guards.state_machine("billing_reconciliationexception", "billing.reconciliationexception"),
        guards.edges(
            "billing.refund",
            [
                ("", "REQUESTED"),
                ("FAILED", "REPLACED"),
                ("FAILED", "SUCCEEDED"),
                ("REQUESTED", "FAILED"),
                ("REQUESTED", "SUCCEEDED"),
            ],
        ),
        guards.state_machine("billing_refund", "billing.refund"),
        guards.edges(
            "billing.statementgap",
            [
                ("", "OPEN"),
                ("OPEN", "CLOSED"),
            ],
        ),
        guards.state_machine("billing_statementgap", "billing.statementgap"),
        guards.append_only("billing_allocation"),
        guards.append_only("billing_alonelimit"),
        guards.append_only("billing_balanceuse"),
        guards.append_only("billing_commissionterm"),
        guards.append_only("billing_depositdeduction"),
        guards.append_only("billing_ledgerentry"),
        guards.append_only("billing_match"),
        guards.append_only("billing_posting"),
        guards.append_only("billing_reduction"),
        guards.append_only("billing_reversal"),
        guards.append_only("billing_settlementline"),
        guards.append_only("billing_statementline"),
    ]
