"""What must always hold of the books: the ledger, the merchants' statements and the providers' (reliability.md)."""

from core.invariants import Invariant

BALANCED = Invariant(
    "17",
    "a posting has at least two entries and they sum to zero",
    """
    SELECT p.id FROM billing_posting p LEFT JOIN billing_ledgerentry e ON e.posting_id = p.id
    GROUP BY p.id
    HAVING count(e.id) < 2 OR sum(CASE e.side WHEN 'DEBIT' THEN e.amount ELSE -e.amount END) <> 0
    """,
)
CACHED = Invariant(
    "19",
    "the cached sums of customers' and merchants' accounts are those of their entries; other accounts keep none",
    """
    SELECT a.id FROM billing_ledgeraccount a LEFT JOIN billing_ledgerentry e ON e.account_id = a.id
        AND (a.customer_id IS NOT NULL OR a.merchant_id IS NOT NULL)
    GROUP BY a.id
    HAVING a.debits <> coalesce(sum(e.amount) FILTER (WHERE e.side = 'DEBIT'), 0)
        OR a.credits <> coalesce(sum(e.amount) FILTER (WHERE e.side = 'CREDIT'), 0)
    """,
)
LEDGER = Invariant(
    "20",
    "all entries sum to zero",
    """
    SELECT sum(CASE side WHEN 'DEBIT' THEN amount ELSE -amount END) AS rest FROM billing_ledgerentry
    HAVING sum(CASE side WHEN 'DEBIT' THEN amount ELSE -amount END) <> 0
    """,
)
RECEIVABLE = Invariant(
    "20b",
    "what the ledger says a customer owes is what his charged bills lack, and his credit is what no bill took",
    """
    WITH charged AS (
        SELECT l.customer_id, sum(b.rent + b.cover + b.fee - b.reduced - b.replanned) AS amount FROM billing_bill b
        JOIN billing_lease l ON l.id = b.lease_id JOIN billing_posting p ON p.key = 'bill:' || b.id
        WHERE b.state <> 'VOID' GROUP BY l.customer_id
    ), laid AS (
        SELECT p.customer_id, sum(a.amount - coalesce(v.amount, 0)) AS amount FROM billing_allocation a
        JOIN billing_payment p ON p.id = a.payment_id
        LEFT JOIN (SELECT allocation_id, sum(amount) AS amount FROM billing_reversal GROUP BY allocation_id) v
            ON v.allocation_id = a.id
        GROUP BY p.customer_id
    ), gone AS (
        SELECT p.customer_id, sum(c.amount) AS amount FROM billing_chargeback c
        JOIN billing_payment p ON p.id = c.payment_id WHERE c.state = 'LOST' AND NOT p.holds GROUP BY p.customer_id
    ), received AS (
        SELECT customer_id, sum(amount) AS amount FROM billing_payment
        WHERE state = 'SUCCEEDED' AND NOT holds GROUP BY customer_id
    ), back AS (
        SELECT p.customer_id, sum(r.amount) FILTER (WHERE r.lease_id IS NOT NULL AND NOT r.reduces) AS laid,
            sum(r.amount) FILTER (WHERE r.lease_id IS NULL AND r.deposit_id IS NULL) AS rest
        FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id WHERE r.replaces_id IS NULL
        GROUP BY p.customer_id
    ), given_up AS (
        SELECT l.customer_id, sum(w.amount - w.recovered) AS amount FROM billing_writeoff w
        JOIN billing_lease l ON l.id = w.lease_id GROUP BY l.customer_id
    ), told AS (
        SELECT customer_id, sum(debits - credits) FILTER (WHERE kind = 'RECEIVABLE') AS receivable,
            sum(credits - debits) FILTER (WHERE kind = 'CREDIT') AS credit
        FROM billing_ledgeraccount WHERE customer_id IS NOT NULL GROUP BY customer_id
    )
    SELECT c.id FROM accounts_customer c
    LEFT JOIN charged ON charged.customer_id = c.id LEFT JOIN laid ON laid.customer_id = c.id
    LEFT JOIN received ON received.customer_id = c.id LEFT JOIN back ON back.customer_id = c.id
    LEFT JOIN told ON told.customer_id = c.id LEFT JOIN gone ON gone.customer_id = c.id
    LEFT JOIN given_up ON given_up.customer_id = c.id
    WHERE coalesce(told.receivable, 0)
            <> coalesce(charged.amount, 0) - coalesce(laid.amount, 0) + coalesce(back.laid, 0)
            - coalesce(given_up.amount, 0)
        OR coalesce(told.credit, 0)
            <> coalesce(received.amount, 0) - coalesce(laid.amount, 0) - coalesce(back.rest, 0)
            - coalesce(gone.amount, 0)
    """,
)
BALANCES = Invariant(
    "25b",
    "no fen of a payment is laid or given back twice, and a use of the credit balance is what it laid, of own money",
    """
    SELECT 'payment', p.id FROM billing_payment p
    LEFT JOIN (SELECT payment_id, sum(amount) AS sum FROM billing_allocation GROUP BY payment_id) laid
        ON laid.payment_id = p.id
    LEFT JOIN (SELECT a.payment_id, sum(v.amount) AS sum FROM billing_reversal v
        JOIN billing_allocation a ON a.id = v.allocation_id GROUP BY a.payment_id) off ON off.payment_id = p.id
    LEFT JOIN (SELECT payment_id, sum(amount) AS sum FROM billing_chargeback WHERE state = 'LOST'
        GROUP BY payment_id) gone ON gone.payment_id = p.id
    LEFT JOIN (SELECT payment_id, sum(amount) AS sum FROM billing_refund WHERE lease_id IS NULL AND replaces_id IS NULL
        GROUP BY payment_id) back ON back.payment_id = p.id
    WHERE coalesce(laid.sum, 0) - coalesce(off.sum, 0) + coalesce(back.sum, 0) + coalesce(gone.sum, 0) > p.amount
    UNION ALL
    SELECT 'use', u.id FROM billing_balanceuse u LEFT JOIN billing_allocation a ON a.use_id = u.id
    LEFT JOIN billing_payment p ON p.id = a.payment_id LEFT JOIN billing_bill b ON b.id = a.bill_id
    LEFT JOIN billing_lease l ON l.id = b.lease_id
    GROUP BY u.id
    HAVING coalesce(sum(a.amount), 0) <> u.amount
        OR bool_or(p.customer_id <> u.customer_id OR l.customer_id <> u.customer_id OR p.holds OR p.posted_at > u.at)
    """,
)
PAID_DEPOSITS = Invariant(
    "21b",
    "a paid deposit that is held or was, is in the ledger what it came to less deductions and refunds",
    """
    WITH held AS (
        SELECT p.customer_id, sum(
            CASE WHEN p.holds THEN p.amount - p.refunded - coalesce(c.amount, 0) ELSE -p.amount END
        ) AS amount FROM billing_payment p
        LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM billing_chargeback WHERE state = 'LOST'
            GROUP BY payment_id) c ON c.payment_id = p.id
        WHERE p.holds OR (p.channel = 'deposit' AND p.state = 'SUCCEEDED') GROUP BY p.customer_id
    ), told AS (
        SELECT customer_id, sum(credits - debits) AS amount FROM billing_ledgeraccount
        WHERE kind = 'DEPOSIT_HELD' GROUP BY customer_id
    )
    SELECT c.id FROM accounts_customer c LEFT JOIN held ON held.customer_id = c.id
    LEFT JOIN told ON told.customer_id = c.id WHERE coalesce(held.amount, 0) <> coalesce(told.amount, 0)
    """,
)
WRITTEN_OFF = Invariant(
    "20w",
    "what was written off and what was recovered is in the ledger, lease by lease and in sum",
    """
    SELECT 'lease', w.id FROM billing_writeoff w JOIN billing_lease l ON l.id = w.lease_id
    LEFT JOIN billing_posting p ON p.key = 'writeoff:' || l.number
    LEFT JOIN billing_ledgerentry e ON e.posting_id = p.id AND e.side = 'DEBIT'
    GROUP BY w.id, l.id HAVING coalesce(sum(e.amount), 0) <> w.amount OR l.state <> 'CLOSED'
    UNION ALL
    SELECT 'recovered', 0 FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
    WHERE a.kind = 'RECOVERY'
    HAVING coalesce(sum(CASE e.side WHEN 'CREDIT' THEN e.amount ELSE -e.amount END), 0)
        <> (SELECT coalesce(sum(recovered), 0) FROM billing_writeoff)
    UNION ALL
    SELECT 'bill', b.id FROM billing_bill b WHERE b.state = 'WRITTEN_OFF'
        AND NOT EXISTS (SELECT 1 FROM billing_writeoff w WHERE w.lease_id = b.lease_id)
    """,
)
CHARGED = Invariant(
    "20c",
    "every bill of a running lease that money reached is charged",
    """
    SELECT b.id FROM billing_bill b LEFT JOIN billing_posting p ON p.key = 'bill:' || b.id
    WHERE b.paid > 0 AND p.id IS NULL
    """,
)
MERCHANTS_DUE = Invariant(
    "20m",
    "what the ledger says is payable to a merchant is what his statements came to and was not paid out",
    """
    WITH told AS (
        SELECT merchant_id, sum(credits - debits) AS amount FROM billing_ledgeraccount
        WHERE kind = 'MERCHANT_PAYABLE' GROUP BY merchant_id
    ), due AS (
        SELECT merchant_id, sum(payable) FILTER (WHERE state <> 'PAID_OUT') AS amount
        FROM billing_merchantstatement GROUP BY merchant_id
    ), last AS (
        SELECT DISTINCT ON (merchant_id) merchant_id, carried_forward AS amount
        FROM billing_merchantstatement ORDER BY merchant_id, month DESC
    )
    SELECT m.id FROM accounts_merchant m LEFT JOIN told ON told.merchant_id = m.id
    LEFT JOIN due ON due.merchant_id = m.id LEFT JOIN last ON last.merchant_id = m.id
    WHERE coalesce(told.amount, 0) <> coalesce(due.amount, 0) - coalesce(last.amount, 0)
    """,
)
STATEMENTS = Invariant(
    "20n",
    "a statement is the sum of its lines, and begins with what the one before carried forward",
    """
    WITH lines AS (
        SELECT statement_id, sum(rent + cover + fee) FILTER (WHERE allocation_id IS NOT NULL) AS gross,
            sum(rent + cover + fee) FILTER (WHERE allocation_id IS NULL) AS refunded
        FROM billing_settlementline GROUP BY statement_id
    ), ordered AS (
        SELECT id, lag(carried_forward, 1, 0.00) OVER (PARTITION BY merchant_id ORDER BY month) AS before
        FROM billing_merchantstatement
    )
    SELECT s.id FROM billing_merchantstatement s JOIN ordered ON ordered.id = s.id
    LEFT JOIN lines ON lines.statement_id = s.id
    WHERE s.gross <> coalesce(lines.gross, 0) OR s.refunded <> coalesce(lines.refunded, 0)
        OR s.brought_forward <> ordered.before
        OR s.gross + s.carried_forward <> s.refunded + s.brought_forward + s.commission + s.payable
    """,
)
SETTLED_ONCE = Invariant(
    "20o",
    "money is settled once, whole, and with the merchant whose lease it was for",
    """
    SELECT n.id FROM billing_settlementline n
    JOIN billing_merchantstatement s ON s.id = n.statement_id
    LEFT JOIN billing_reversal v ON v.id = n.reversal_id
    LEFT JOIN billing_allocation a ON a.id = coalesce(n.allocation_id, v.allocation_id)
    LEFT JOIN billing_bill b ON b.id = a.bill_id LEFT JOIN billing_refund r ON r.id = n.refund_id
    LEFT JOIN billing_lease l ON l.id = coalesce(b.lease_id, r.lease_id)
    WHERE n.rent + n.cover + n.fee <> coalesce(v.amount, a.amount, r.amount)
        OR l.merchant_id IS DISTINCT FROM s.merchant_id
        OR num_nonnulls(n.allocation_id, n.refund_id, n.reversal_id) <> 1
    UNION ALL
    SELECT allocation_id FROM billing_settlementline WHERE allocation_id IS NOT NULL
    GROUP BY allocation_id HAVING count(*) > 1
    UNION ALL
    SELECT refund_id FROM billing_settlementline WHERE refund_id IS NOT NULL GROUP BY refund_id HAVING count(*) > 1
    """,
)
LINES = Invariant(
    "40",
    "every line of a reconciled statement is matched once or a difference, and so is all that was booked for its day",
    """
    SELECT 'line', l.id FROM billing_statementline l JOIN billing_statementfile f ON f.id = l.file_id
    WHERE f.reconciled_at IS NOT NULL AND (SELECT count(*) FROM billing_match m WHERE m.line_id = l.id)
        + (SELECT count(*) FROM billing_reconciliationexception x WHERE x.line_id = l.id) <> 1
    UNION ALL
    SELECT 'match', m.id FROM billing_match m JOIN billing_statementline l ON l.id = m.line_id
    LEFT JOIN billing_payment p ON p.id = m.payment_id LEFT JOIN billing_refund r ON r.id = m.refund_id
    LEFT JOIN billing_chargeback c ON c.id = m.chargeback_id
    WHERE l.amount <> coalesce(p.amount, r.amount, c.amount) OR (c.id IS NOT NULL AND c.state <> 'LOST')
        OR coalesce(r.number, c.dispute_number, p.number)
            <> CASE l.kind WHEN 'REFUND' THEN l.refund_number ELSE l.payment_number END
    UNION ALL
    SELECT 'payment', p.id FROM billing_payment p
    JOIN billing_statementfile f ON f.channel = p.channel AND f.reconciled_at >= p.posted_at
        AND f.day = (p.paid_at AT TIME ZONE 'Asia/Shanghai' + interval '10 minutes')::date
    WHERE p.state = 'SUCCEEDED' AND NOT EXISTS (SELECT 1 FROM billing_match m WHERE m.payment_id = p.id)
        AND NOT EXISTS (SELECT 1 FROM billing_reconciliationexception x WHERE x.payment_id = p.id)
    UNION ALL
    SELECT 'refund', r.id FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id
    JOIN billing_posting g ON g.key = 'refund:' || r.number || ':paid'
    JOIN billing_statementfile f ON f.channel = p.channel AND f.reconciled_at >= g.posted_at
        AND f.day = (r.refunded_at AT TIME ZONE 'Asia/Shanghai' + interval '10 minutes')::date
    WHERE r.state = 'SUCCEEDED' AND r.reference = ''
        AND NOT EXISTS (SELECT 1 FROM billing_match m WHERE m.refund_id = r.id)
        AND NOT EXISTS (SELECT 1 FROM billing_reconciliationexception x WHERE x.refund_id = r.id)
    """,
)
GAPS = Invariant(
    "40b",
    "a statement that is missed has not come; one that is missed no more has come or was explained by somebody",
    """
    SELECT g.id FROM billing_statementgap g
    LEFT JOIN billing_statementfile f ON f.channel = g.channel AND f.day = g.day AND f.reconciled_at IS NOT NULL
    WHERE (g.state = 'OPEN') <> (f.id IS NULL AND g.actor = '')
    """,
)
CLEARING = Invariant(
    "20d",
    "what a statement's matched lines come to is what their postings moved on the channel's clearing account",
    """
    WITH told AS (
        SELECT l.file_id, sum(CASE l.kind WHEN 'REFUND' THEN -l.amount ELSE l.amount END) AS net
        FROM billing_statementline l JOIN billing_match m ON m.line_id = l.id GROUP BY l.file_id
    ), posted AS (
        SELECT l.file_id, sum(CASE e.side WHEN 'DEBIT' THEN e.amount ELSE -e.amount END) AS net
        FROM billing_match m JOIN billing_statementline l ON l.id = m.line_id
        JOIN billing_statementfile f ON f.id = l.file_id
        LEFT JOIN billing_payment p ON p.id = m.payment_id LEFT JOIN billing_refund r ON r.id = m.refund_id
        LEFT JOIN billing_chargeback c ON c.id = m.chargeback_id
        JOIN billing_posting g ON g.key
            = coalesce('payment:' || p.number, 'refund:' || r.number || ':paid', 'dispute:' || c.number || ':lost')
        JOIN billing_ledgerentry e ON e.posting_id = g.id
        JOIN billing_ledgeraccount a ON a.id = e.account_id AND a.kind = 'CLEARING' AND a.channel = f.channel
        GROUP BY l.file_id
    )
    SELECT f.id FROM billing_statementfile f LEFT JOIN told ON told.file_id = f.id
    LEFT JOIN posted ON posted.file_id = f.id WHERE coalesce(told.net, 0) <> coalesce(posted.net, 0)
    """,
)
BOOKS = [
    BALANCED,
    CACHED,
    LEDGER,
    RECEIVABLE,
    BALANCES,
    PAID_DEPOSITS,
    CHARGED,
    WRITTEN_OFF,
    MERCHANTS_DUE,
    STATEMENTS,
    SETTLED_ONCE,
    LINES,
    GAPS,
    CLEARING,
]
