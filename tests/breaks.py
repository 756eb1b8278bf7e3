"""What breaks each invariant of catalogue and billing: planted by tests/services/test_invariants_money.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Break:
    """`guard`: the DDL that takes away what the database holds against it; "" where only services guard."""

    number: str
    guard: str
    plant: str
    rows: int = 1


TRIGGER = "ALTER TABLE {0} DISABLE TRIGGER {1}"


def trigger(table: str, name: str) -> str:
    return TRIGGER.format(table, name)


def constraint(table: str, name: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}"


BREAKS = [
    Break("14b", "", "UPDATE billing_autopaytry SET sent_at = sent_at - interval '2 hours'"),
    Break("14b", "", "UPDATE billing_autopaytry SET sent_at = sent_at + interval '3 hours'"),
    Break("14b", "", "UPDATE billing_autopaytry SET sent_at = NULL"),
    Break("14b", "", "UPDATE billing_autopaytry SET bill_id = %(late_bill)s"),
    Break("14b", "", 'UPDATE billing_autopaytry SET "on" = "on" + 2'),
    Break("14b", "", "UPDATE billing_autopayagreement SET most = 1"),
    Break("14b", "", "UPDATE billing_autopayagreement SET first_on = first_on + 1"),
    Break("14b", "", "UPDATE billing_autopayagreement SET activated_at = NULL"),
    Break("14b", "", "DELETE FROM billing_paymentitem WHERE bill_id = %(bill)s", rows=1),
    Break("14c", "", "DELETE FROM core_outboxmessage WHERE topic = 'autopay.unsign_requested'"),
    Break(
        "11",
        constraint("billing_payment", "billing_payment_trade_once"),
        "UPDATE billing_payment SET trade_number = 'T'",
    ),
    Break("11", "", "UPDATE billing_payment SET posted_at = NULL WHERE id = %(payment)s"),
    Break(
        "12",
        trigger("billing_payment", "billing_payment_edge"),
        "UPDATE billing_payment SET state = 'QUARANTINED' WHERE id = %(payment)s",
    ),
    Break(
        "12",
        trigger("billing_allocation", "billing_allocation_append_only"),
        "UPDATE billing_allocation SET amount = amount + 1 WHERE payment_id = %(payment)s AND part = 'RENT'",
    ),
    Break(
        "13",
        trigger("billing_payment", "billing_payment_edge"),
        "UPDATE billing_payment SET state = 'CLOSED' WHERE id = %(payment)s",
    ),
    Break("14", "", "UPDATE billing_paymentitem SET open = true WHERE payment_id = %(payment)s"),
    Break(
        "14",
        "DROP INDEX billing_bill_one_open_attempt",
        "WITH copy AS (INSERT INTO billing_paymentitem (payment_id, bill_id, amount, open)"
        " SELECT id, %(open_bill)s, 1, true FROM billing_payment RETURNING 1) SELECT 1 FROM copy",
        rows=4,  # the bill, and three marks on payments that are not open
    ),
    Break(
        "14",
        "DROP INDEX billing_freeze_one_open",
        "INSERT INTO billing_depositfreeze (deposit_id, channel, number, request_number, state, amount, frozen, held,"
        " captured, released, payer, mode, created_at, expires_at)"
        " SELECT deposit_id, channel, number || n, request_number || n, 'OPEN', 1, 0, 0, 0, 0, '', '', created_at,"
        " expires_at FROM billing_depositfreeze, generate_series(1, 2) AS n",
    ),
    Break("15", "", "UPDATE billing_payment SET refunded = 0 WHERE id = %(payment)s"),
    Break(
        "15",
        constraint("billing_payment", "billing_payment_refunds_within")
        + ";"
        + constraint("billing_payment", "billing_payment_disputes_within"),
        "UPDATE billing_payment SET refunded = amount + 1 WHERE id = %(payment)s",
    ),
    Break("15b", "", "UPDATE billing_payment SET charged_back = charged_back + 1 WHERE id = %(payment)s"),
    Break(
        "15b",
        trigger("billing_chargeback", "billing_chargeback_edge"),
        "UPDATE billing_chargeback SET state = 'WON'",
        rows=2,
    ),
    Break(
        "15b",
        trigger("billing_reversal", "billing_reversal_append_only"),
        "UPDATE billing_reversal SET day = day + 1",
    ),
    Break(
        "15c",
        "",
        "INSERT INTO billing_reversal (allocation_id, amount, day, at)"
        " SELECT min(id), 0.01, min(at)::date, min(at) FROM billing_allocation",
    ),
    Break(
        "16b",
        trigger("billing_refund", "billing_refund_edge"),
        "UPDATE billing_refund SET state = 'REPLACED' WHERE id = %(refund)s",
    ),
    Break("40b", "", "UPDATE billing_statementgap SET state = 'CLOSED', closed_at = now()"),
    Break("40b", "", "UPDATE billing_statementgap SET channel = 'alipay', day = '2026-02-28'"),
    Break("16", trigger("billing_refund", "billing_refund_intent"), "UPDATE billing_refund SET amount = 99"),
    Break("16", trigger("billing_refund", "billing_refund_intent"), "UPDATE billing_refund SET number = 'R'"),
    Break(
        "16",
        trigger("billing_depositrelease", "billing_depositrelease_intent"),
        "UPDATE billing_depositrelease SET amount = 99",
    ),
    Break(
        "17",
        trigger("billing_ledgerentry", "billing_ledgerentry_append_only"),
        "UPDATE billing_ledgerentry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM billing_ledgerentry)",
    ),
    Break(
        "17",
        trigger("billing_posting", "billing_posting_balances"),
        "INSERT INTO billing_posting (key, what, day, posted_at) VALUES ('x', 'x', now(), now());"
        " SET CONSTRAINTS ALL IMMEDIATE",
    ),
    Break(
        "17",
        trigger("billing_ledgerentry", "billing_ledgerentry_balances"),
        "INSERT INTO billing_ledgerentry (posting_id, account_id, side, amount)"
        " SELECT min(posting_id), min(account_id), 'DEBIT', 1 FROM billing_ledgerentry; SET CONSTRAINTS ALL IMMEDIATE",
    ),
    Break("19", "", "UPDATE billing_ledgeraccount SET debits = debits + 1 WHERE kind = 'RECEIVABLE'"),
    Break(
        "20",
        trigger("billing_ledgerentry", "billing_ledgerentry_append_only"),
        "UPDATE billing_ledgerentry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM billing_ledgerentry)",
    ),
    Break("20b", "", "UPDATE billing_ledgeraccount SET credits = credits + 1 WHERE kind = 'RECEIVABLE'"),
    Break(
        "21b",
        "",
        "UPDATE billing_payment SET holds = true, deposit_id = (SELECT min(id) FROM billing_deposit)"
        " WHERE id = %(payment)s",
    ),
    Break(
        "25b",
        trigger("billing_balanceuse", "billing_balanceuse_append_only"),
        "UPDATE billing_balanceuse SET amount = amount + 1",
    ),
    Break(
        "25b",
        trigger("billing_balanceuse", "billing_balanceuse_append_only"),
        "UPDATE billing_balanceuse SET at = at - interval '9 days'",
    ),
    Break(
        "25b",
        trigger("billing_allocation", "billing_allocation_append_only"),
        "UPDATE billing_allocation SET amount = amount + 100 WHERE use_id IS NOT NULL",
        rows=2,
    ),
    Break("20m", "", "UPDATE billing_ledgeraccount SET credits = credits + 1 WHERE kind = 'MERCHANT_PAYABLE'"),
    Break(
        "20n",
        trigger("billing_merchantstatement", "billing_merchantstatement_kept"),
        "UPDATE billing_merchantstatement SET gross = gross + 1, payable = payable + 1 WHERE state = 'PAID_OUT'",
    ),
    Break(
        "20n",
        trigger("billing_merchantstatement", "billing_merchantstatement_kept")
        + ";"
        + constraint("billing_merchantstatement", "billing_statement_adds_up"),
        "UPDATE billing_merchantstatement SET carried_forward = carried_forward + 1 WHERE carried_forward > 0",
        rows=2,  # its own sums, and where the next one begins
    ),
    Break(
        "20o",
        trigger("billing_settlementline", "billing_settlementline_append_only"),
        "UPDATE billing_settlementline SET rent = rent + 1 WHERE refund_id IS NOT NULL",
    ),
    Break(
        "20o",
        constraint("billing_settlementline", "billing_settlementline_refund_id_key"),
        "INSERT INTO billing_settlementline (statement_id, refund_id, rent, cover, fee)"
        " SELECT statement_id, refund_id, rent, cover, fee FROM billing_settlementline WHERE refund_id IS NOT NULL",
    ),
    Break(
        "20o",
        "",
        "UPDATE billing_lease SET merchant_id = (SELECT max(id) FROM accounts_merchant)",
        rows=6,  # every line of the lease's statements
    ),
    Break(
        "20w",
        "",
        "INSERT INTO billing_writeoff (lease_id, amount, recovered, at) SELECT min(id), 1, 0, now() FROM billing_lease",
    ),
    Break(
        "20c",
        trigger("billing_posting", "billing_posting_append_only"),
        "UPDATE billing_posting SET key = 'x' WHERE key = 'bill:%(bill)s'",
    ),
    Break(
        "21",
        constraint("billing_depositfreeze", "billing_freeze_adds_up"),
        "UPDATE billing_depositfreeze SET held = 1",
    ),
    Break("21", "", "UPDATE billing_depositfreeze SET held = 0, released = frozen"),
    Break("22", "", "UPDATE billing_depositfreeze SET held = held - 1, captured = 1"),
    Break(
        "22",
        "",
        "UPDATE billing_payment SET freeze_id = %(freeze)s WHERE id = %(payment)s",
        rows=2,  # the payment without a deduction, and a freeze that says nothing of it
    ),
    Break(
        "23",
        trigger("billing_bill", "billing_bill_frozen"),
        "UPDATE billing_bill SET number = 9 WHERE id = %(open_bill)s",
    ),
    Break(
        "23",
        trigger("billing_bill", "billing_bill_frozen"),
        "UPDATE billing_bill SET rent = rent + 1 WHERE id = %(open_bill)s",
    ),
    Break("23", "", "DELETE FROM billing_bill WHERE id = %(open_bill)s"),
    Break("23d", "", "UPDATE billing_lease SET last_day = last_day + 1 WHERE id = %(lease)s"),
    Break(
        "23",
        constraint("billing_bill", "billing_bill_numbers_by_kind")
        + "; "
        + constraint("billing_bill", "billing_bill_extra_is_one_amount"),
        "UPDATE billing_bill SET kind = 'DAMAGE' WHERE id = %(open_bill)s",
        rows=2,
    ),
    Break(
        "23e",
        trigger("billing_extensionitem", "billing_extensionitem_append_only"),
        "UPDATE billing_extensionitem SET rent = rent + 1 WHERE id = (SELECT min(id) FROM billing_extensionitem)",
        rows=2,  # the plan and the bill
    ),
    Break(
        "23e",
        constraint("billing_bill", "billing_bill_paid_within_amount"),
        "UPDATE billing_bill SET replanned = replanned + 1 WHERE state = 'REPLANNED' AND number = 2",
    ),
    Break("23e", "", "UPDATE billing_bill SET fee_carried = fee_carried + 1 WHERE number = 2001"),
    Break(
        "23e",
        trigger("billing_bill", "billing_bill_frozen"),
        "UPDATE billing_bill SET number = 2009 WHERE number = 2002",
    ),
    Break("23f", "", "UPDATE billing_extensionplan SET state = 'KEPT', ended_on = started_on", rows=2),
    Break("23f", "", "UPDATE billing_extensionplan SET state = 'BROKEN', ended_on = started_on", rows=2),
    Break("23b", "", "UPDATE billing_bill SET due_date = due_date + 1 WHERE id = %(open_bill)s"),
    Break("23b", "", "UPDATE billing_bill SET due_date = NULL WHERE id = %(open_bill)s"),
    Break(
        "24",
        constraint("billing_bill", "billing_bill_paid_is_whole"),
        "UPDATE billing_bill SET paid = paid - 1 WHERE id = %(late_bill)s",
    ),
    Break("24", "", "UPDATE billing_bill SET paid_at = now() WHERE id = %(open_bill)s"),
    Break("25", "", "UPDATE billing_bill SET paid = 1 WHERE id = %(open_bill)s"),
    Break("25", "", "UPDATE billing_bill SET reduced = 1 WHERE id = %(open_bill)s"),
    Break("25", "", "UPDATE billing_bill SET fee_reduced = 1 WHERE id = %(open_bill)s"),
    Break(
        "25",
        constraint("billing_bill", "billing_bill_paid_within_amount"),
        "UPDATE billing_bill SET fee = 0 WHERE id = %(late_bill)s",
    ),
    Break("26", "", "UPDATE billing_bill SET fee = 108.37 WHERE id = %(open_bill)s"),
    Break("26", "", "UPDATE billing_payment SET paid_at = paid_at - interval '5 days'"),
    Break("27", "", "UPDATE billing_bill SET paid_at = paid_at + interval '1 second' WHERE id = %(late_bill)s"),
    Break(
        "37",
        trigger("billing_refund", "billing_refund_intent"),
        "UPDATE billing_refund SET number = (SELECT number FROM billing_depositrelease)",
    ),
    Break("40", trigger("billing_match", "billing_match_append_only"), "DELETE FROM billing_match", rows=2),
    Break(
        "40",
        trigger("billing_statementline", "billing_statementline_append_only"),
        "UPDATE billing_statementline SET payment_number = 'P-OTHER'",
    ),
    Break(
        "20d",
        trigger("billing_statementline", "billing_statementline_append_only"),
        "UPDATE billing_statementline SET amount = amount + 1",
    ),
    Break(
        "41",
        constraint("billing_deposit", "billing_deposit_total_check")
        + ";"
        + constraint("billing_deposit", "billing_deposit_to_hold_check")
        + ";",
        "UPDATE billing_deposit SET total = total + 0.001, to_hold = to_hold + 0.001",
        rows=6,
    ),
    Break(
        "6b",
        constraint("catalog_stocklevel", "catalog_stock_not_oversold"),
        "UPDATE catalog_stocklevel SET reserved = 2",
    ),
    Break("6b", "", "UPDATE catalog_stocklevel SET on_hand = 2"),
    Break(
        "23p",
        trigger("catalog_leaseplan", "catalog_leaseplan_published"),
        "UPDATE catalog_leaseplan SET signed_value = cash_price + 1",
    ),
    Break(
        "23p",
        trigger("catalog_planterm", "catalog_planterm_published"),
        "UPDATE catalog_planterm SET total_to_own = NULL",
    ),
]
