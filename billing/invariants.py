"""What must always hold of the money, as SQL (numbers: reliability.md). Each query selects the rows that break it."""

from billing.book_invariants import BOOKS
from core.invariants import Invariant

POSTED_ONCE = Invariant(
    "11",
    "a provider's success is posted exactly once",
    """
    SELECT channel, trade_number FROM billing_payment WHERE trade_number IS NOT NULL
    GROUP BY channel, trade_number HAVING count(*) > 1
    UNION ALL
    SELECT channel, number FROM billing_payment p
    WHERE state = 'SUCCEEDED' AND (trade_number IS NULL OR paid_at IS NULL OR posted_at IS NULL)
    UNION ALL
    SELECT 'event', subject_id::text FROM core_event
    WHERE kind = 'payment_received' AND subject_type = 'billing.payment' GROUP BY subject_id HAVING count(*) > 1
    """,
)
MATCHED = Invariant(
    "12",
    "only a payment that matched is laid on bills, and no more of it than came in",
    """
    SELECT p.id FROM billing_payment p JOIN billing_allocation a ON a.payment_id = p.id
    LEFT JOIN (SELECT allocation_id, sum(amount) AS amount FROM billing_reversal WHERE chargeback_id IS NULL
        GROUP BY allocation_id) v ON v.allocation_id = a.id
    GROUP BY p.id HAVING p.state <> 'SUCCEEDED' OR sum(a.amount - coalesce(v.amount, 0)) > p.amount
    """,
)
MONOTONE = Invariant(
    "13",
    "a received payment never leaves SUCCEEDED",
    "SELECT id FROM billing_payment WHERE posted_at IS NOT NULL AND state <> 'SUCCEEDED'",
)
ONE_ATTEMPT = Invariant(
    "14",
    "one open attempt per bill or deposit, and the mark on the bill is the attempt's state",
    """
    SELECT bill_id FROM billing_paymentitem WHERE open GROUP BY bill_id HAVING count(*) > 1
    UNION ALL
    SELECT deposit_id FROM billing_depositfreeze WHERE state = 'OPEN' GROUP BY deposit_id HAVING count(*) > 1
    UNION ALL
    SELECT i.id FROM billing_paymentitem i JOIN billing_payment p ON p.id = i.payment_id
    WHERE i.open <> (p.state = 'OPEN')
    """,
)
REFUNDS = Invariant(
    "15",
    "the sum of refunds is what the payment says and at most what was received",
    """
    SELECT p.id FROM billing_payment p
    LEFT JOIN billing_refund r ON r.payment_id = p.id AND r.replaces_id IS NULL
    GROUP BY p.id
    HAVING p.refunded <> coalesce(sum(r.amount), 0) OR p.refunded + p.charged_back > p.amount
        OR (p.state <> 'SUCCEEDED' AND count(r.id) > 0)
    """,
)
ONE_INTENT = Invariant(
    "16",
    "an intent to give back keeps its number and its amount for ever",
    """
    SELECT r.id FROM billing_refund r LEFT JOIN core_event e
        ON e.kind = 'refund_requested' AND e.subject_type = 'billing.refund' AND e.subject_id = r.id
    WHERE e.id IS NULL OR (e.facts ->> 'amount')::numeric <> r.amount OR e.facts ->> 'number' <> r.number
    UNION ALL
    SELECT r.id FROM billing_depositrelease r LEFT JOIN core_event e
        ON e.kind = 'release_requested' AND e.subject_type = 'billing.depositrelease' AND e.subject_id = r.id
    WHERE e.id IS NULL OR (e.facts ->> 'amount')::numeric <> r.amount OR e.facts ->> 'number' <> r.number
    """,
)
DISPUTES = Invariant(
    "15b",
    "what a payment says is disputed is what its open and lost disputes come to, and a lost one took no more off bills",
    """
    SELECT 'payment', p.id FROM billing_payment p
    LEFT JOIN billing_chargeback c ON c.payment_id = p.id AND c.state <> 'WON'
    GROUP BY p.id
    HAVING p.charged_back <> coalesce(sum(c.amount), 0) OR (p.state <> 'SUCCEEDED' AND count(c.id) > 0)
    UNION ALL
    SELECT 'dispute', c.id FROM billing_chargeback c LEFT JOIN billing_reversal v ON v.chargeback_id = c.id
    LEFT JOIN billing_allocation a ON a.id = v.allocation_id
    GROUP BY c.id
    HAVING coalesce(sum(v.amount), 0) > c.amount OR (c.state <> 'LOST' AND count(v.id) > 0)
        OR bool_or(a.payment_id <> c.payment_id)
        OR bool_or(v.day <> (c.decided_at AT TIME ZONE 'Asia/Shanghai')::date)
    UNION ALL
    SELECT 'allocation', a.id FROM billing_allocation a JOIN billing_reversal v ON v.allocation_id = a.id
    GROUP BY a.id HAVING sum(v.amount) > a.amount
    """,
)
FREED = Invariant(
    "15c",
    "without a dispute money comes off a bill that fell away, all of it, or as rent or fee that was given off",
    """
    SELECT v.id FROM billing_reversal v JOIN billing_allocation a ON a.id = v.allocation_id
    JOIN billing_bill b ON b.id = a.bill_id WHERE v.chargeback_id IS NULL AND (b.state <> 'VOID' OR b.paid <> 0)
        AND (b.state = 'VOID' OR a.part = 'COVER' OR (
            SELECT sum(o.amount) FROM billing_reversal o JOIN billing_allocation l ON l.id = o.allocation_id
            WHERE l.bill_id = b.id AND l.part = a.part AND o.chargeback_id IS NULL
        ) > (
            SELECT coalesce(sum(r.amount), 0) FROM billing_reduction r
            WHERE r.bill_id = b.id AND r.part = a.part AND r.requested_by = 'platform'
        ))
    """,
)
TRIED_AGAIN = Invariant(
    "16b",
    "an intent that failed and is tried again has one successor, for the same money",
    """
    SELECT o.id FROM billing_refund o LEFT JOIN billing_refund n ON n.replaces_id = o.id
    WHERE (o.state = 'REPLACED') <> (n.id IS NOT NULL) OR n.amount <> o.amount OR n.payment_id <> o.payment_id
        OR n.lease_id IS DISTINCT FROM o.lease_id AND n.id IS NOT NULL
        OR n.deposit_id IS DISTINCT FROM o.deposit_id AND n.id IS NOT NULL
    """,
)
DEPOSITS = Invariant(
    "21",
    "held + captured + released = frozen, and released is what succeeded releases come to",
    """
    SELECT f.id FROM billing_depositfreeze f
    LEFT JOIN billing_depositrelease r ON r.freeze_id = f.id AND r.state = 'SUCCEEDED'
    GROUP BY f.id
    HAVING f.frozen <> f.held + f.captured + f.released OR f.released <> coalesce(sum(r.amount), 0)
        OR (f.state = 'FROZEN' AND f.frozen <> f.amount)
    """,
)
CAPTURES = Invariant(
    "22",
    "nothing is kept of a deposit but on a deduction that another one approved, and not more than he approved",
    """
    SELECT p.id FROM billing_payment p LEFT JOIN billing_depositdeduction d ON d.payment_id = p.id
    LEFT JOIN core_approval a ON a.id = d.approval_id
    LEFT JOIN billing_deposit t ON t.id = d.deposit_id LEFT JOIN billing_lease l ON l.id = t.lease_id
    LEFT JOIN billing_depositfreeze f ON f.id = p.freeze_id
    WHERE (p.freeze_id IS NOT NULL OR p.channel = 'deposit') AND (
        d.id IS NULL OR a.state <> 'USED' OR a.kind <> 'deposit_deduction' OR a.subject <> 'deposit:' || l.number
        OR p.amount > d.most OR d.most <> (a.body::jsonb ->> 'most')::numeric
        OR (p.freeze_id IS NOT NULL AND f.deposit_id <> d.deposit_id)
    )
    UNION ALL
    SELECT f.id FROM billing_depositfreeze f LEFT JOIN billing_payment p ON p.freeze_id = f.id AND p.state = 'SUCCEEDED'
    GROUP BY f.id HAVING f.captured <> coalesce(sum(p.amount), 0)
    """,
)
BILLS = Invariant(
    "23",
    "exactly one bill per lease and number, contiguous, and their sum is the contract's; extra bills count apart",
    """
    SELECT l.id FROM billing_lease l LEFT JOIN billing_bill b ON b.lease_id = l.id AND b.kind = 'RENT'
    GROUP BY l.id
    HAVING count(b.id) <> greatest(l.months, 1) OR count(DISTINCT b.number) <> greatest(l.months, 1)
        OR min(b.number) <> 1
        OR max(b.number) <> greatest(l.months, 1) OR coalesce(sum(b.rent + b.cover), 0) <> l.contract_total
    UNION ALL
    SELECT lease_id FROM billing_bill WHERE kind NOT IN ('RENT', 'PART') GROUP BY lease_id
    HAVING min(number) <> 901 OR max(number) <> 900 + count(*) OR min(rent) <= 0 OR max(cover + fee) > 0
        OR bool_or(due_date IS NULL)
    """,
)
PARTS = Invariant(
    "23e",
    "a plan's parts are what it took over and its fee, numbered on, and a bill that it took over asks for nothing more",
    """
    WITH took AS (
        SELECT plan_id, sum(rent) AS rent, sum(cover) AS cover, sum(fee) AS fee FROM billing_extensionitem
        GROUP BY plan_id
    ), parts AS (
        SELECT plan_id, sum(rent) AS rent, sum(cover) AS cover, sum(fee_carried) AS fee, count(*) AS count
        FROM billing_bill WHERE plan_id IS NOT NULL GROUP BY plan_id
    )
    SELECT 'plan', x.id FROM billing_extensionplan x LEFT JOIN took ON took.plan_id = x.id
    LEFT JOIN parts ON parts.plan_id = x.id
    WHERE took.rent IS DISTINCT FROM parts.rent OR took.cover IS DISTINCT FROM parts.cover
        OR took.fee + x.fee IS DISTINCT FROM parts.fee OR took.rent + took.cover + took.fee <> x.owed
        OR parts.count < 2
    UNION ALL
    SELECT 'bill', b.id FROM billing_bill b LEFT JOIN billing_extensionitem i ON i.bill_id = b.id
    WHERE b.replanned > 0 OR i.id IS NOT NULL OR b.state = 'REPLANNED'
    GROUP BY b.id HAVING b.replanned <> coalesce(sum(i.rent + i.cover + i.fee), 0)
        OR (b.state = 'REPLANNED' AND b.paid + b.replanned + b.reduced <> b.rent + b.cover + b.fee)
    UNION ALL
    SELECT 'numbers', lease_id FROM billing_bill WHERE kind = 'PART' GROUP BY lease_id
    HAVING min(number) <> 2001 OR max(number) <> 2000 + count(*) OR bool_or(plan_id IS NULL)
    """,
)
PLANS = Invariant(
    "23f",
    "a kept plan has no open part, and of a broken one everything is due",
    """
    SELECT x.id FROM billing_extensionplan x JOIN billing_bill b ON b.plan_id = x.id
    WHERE (x.state = 'KEPT' AND b.state = 'OPEN')
        OR (x.state = 'BROKEN' AND b.state = 'OPEN' AND b.due_date > x.ended_on)
    """,
)
DUES = Invariant(
    "23b",
    "a running lease has every due date, the first of each later period",
    """
    SELECT b.id FROM billing_bill b JOIN billing_lease l ON l.id = b.lease_id
    WHERE l.state IN ('LIVE', 'CLOSED') AND (b.due_date IS NULL OR b.period_start IS NULL
        OR (b.kind = 'RENT' AND b.number > 1 AND b.due_date <> (l.start + make_interval(months => b.number - 1))::date))
    """,
)
TERM = Invariant(
    "23d",
    "a lease's last day is that of its months, and of a renewed one terms, months and sum are its last renewal's",
    """
    SELECT l.id FROM billing_lease l
    WHERE l.months > 0 AND l.last_day <> (l.start + make_interval(months => l.months))::date - 1
    UNION ALL
    SELECT l.id FROM billing_lease l JOIN LATERAL (
        SELECT * FROM billing_renewal r WHERE r.lease_id = l.id ORDER BY r.months_after DESC LIMIT 1) r ON true
    WHERE r.months_after <> l.months OR r.total_after <> l.contract_total OR r.terms_after <> l.terms
    """,
)
PAID = Invariant(
    "24",
    "a paid bill is paid in full and says when",
    """
    SELECT id FROM billing_bill
    WHERE (state = 'PAID' AND (paid < rent + cover + fee - reduced - replanned OR paid_at IS NULL))
        OR (state = 'OPEN' AND paid_at IS NOT NULL)
    """,
)
ALLOCATED = Invariant(
    "25",
    "what a bill says is paid and taken off is what was, part by part within rent, cover and posted fee",
    """
    SELECT b.id FROM billing_bill b LEFT JOIN billing_reduction r ON r.bill_id = b.id
    GROUP BY b.id HAVING b.reduced <> coalesce(sum(r.amount) FILTER (WHERE r.part = 'RENT'), 0)
        OR b.fee_reduced <> coalesce(sum(r.amount) FILTER (WHERE r.part = 'FEE'), 0)
    UNION ALL
    SELECT b.id FROM billing_bill b LEFT JOIN (
        SELECT a.bill_id, a.part, a.amount - coalesce(sum(v.amount), 0) AS amount FROM billing_allocation a
        LEFT JOIN billing_reversal v ON v.allocation_id = a.id GROUP BY a.id
    ) a ON a.bill_id = b.id
    GROUP BY b.id
    HAVING b.paid <> coalesce(sum(a.amount), 0)
        OR coalesce(sum(a.amount) FILTER (WHERE a.part = 'RENT'), 0) > b.rent - b.reduced
        OR coalesce(sum(a.amount) FILTER (WHERE a.part = 'COVER'), 0) > b.cover
        OR coalesce(sum(a.amount) FILTER (WHERE a.part = 'FEE'), 0) > b.fee
    """,
)
FEES = Invariant(
    "26",
    "no late fee above its cap, before the due date is known, or on a rent that was paid within grace",
    """
    SELECT b.id FROM billing_bill b JOIN billing_lease l ON l.id = b.lease_id
    WHERE b.fee > b.fee_carried AND (
        b.due_date IS NULL
        OR b.fee > floor(b.rent * (l.terms ->> 'fee_cap_rate')::numeric * 100) / 100
        OR b.rent - (
            SELECT coalesce(sum(r.amount), 0) FROM billing_reduction r WHERE r.bill_id = b.id AND r.part = 'RENT'
                AND (r.at AT TIME ZONE 'Asia/Shanghai')::date <= b.due_date + (l.terms ->> 'grace_days')::int
        ) <= (
            SELECT coalesce(sum(a.amount - (
                SELECT coalesce(sum(v.amount), 0) FROM billing_reversal v WHERE v.allocation_id = a.id
            )), 0) FROM billing_allocation a JOIN billing_payment p ON p.id = a.payment_id
            WHERE a.bill_id = b.id AND a.part = 'RENT'
                AND (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date <= b.due_date + (l.terms ->> 'grace_days')::int
        )
    )
    """,
)
PAY_TIME = Invariant(
    "27",
    "a bill counts as paid from the provider's pay time, or from the reduction that left nothing",
    """
    SELECT b.id FROM billing_bill b WHERE b.state = 'PAID' AND NOT EXISTS (
        SELECT 1 FROM billing_allocation a JOIN billing_payment p ON p.id = a.payment_id
        WHERE a.bill_id = b.id AND p.paid_at = b.paid_at
    ) AND NOT EXISTS (SELECT 1 FROM billing_reduction r WHERE r.bill_id = b.id AND r.at = b.paid_at)
    """,
)
AUTOPAY = Invariant(
    "14b",
    "nothing is deducted but on an agreement that was on, within it, on a day of the bill's, and once sent",
    """
    SELECT t.id FROM billing_autopaytry t JOIN billing_autopayagreement a ON a.id = t.agreement_id
    JOIN billing_bill b ON b.id = t.bill_id JOIN billing_payment p ON p.id = t.payment_id
    WHERE b.lease_id <> a.lease_id OR p.customer_id <> a.customer_id OR p.amount > a.most
        OR b.due_date < a.first_on OR t.on - b.due_date NOT IN (0, 1, 3, 7)
        OR a.activated_at IS NULL OR t.sent_at < a.activated_at OR t.sent_at > a.ended_at
        OR (p.state = 'SUCCEEDED' AND t.sent_at IS NULL)
        OR NOT EXISTS (SELECT 1 FROM billing_paymentitem i WHERE i.payment_id = p.id AND i.bill_id = b.id)
    """,
)
UNSIGNED = Invariant(
    "14c",
    "an agreement that ended here is ended at the provider, or that is asked for",
    """
    SELECT a.id FROM billing_autopayagreement a
    WHERE a.state = 'ENDED' AND a.provider_number IS NOT NULL AND a.unsigned_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM core_outboxmessage m
        WHERE m.topic = 'autopay.unsign_requested' AND m.payload ->> 'agreement_id' = a.id::text
    )
    """,
)
NUMBERS = Invariant(
    "37",
    "no number towards a provider is used twice",
    """
    SELECT number FROM (
        SELECT number FROM billing_payment UNION ALL SELECT number FROM billing_refund
        UNION ALL SELECT number FROM billing_depositfreeze UNION ALL SELECT request_number FROM billing_depositfreeze
        UNION ALL SELECT number FROM billing_depositrelease
        UNION ALL SELECT number FROM billing_autopayagreement UNION ALL SELECT number FROM billing_balanceuse
        UNION ALL SELECT number FROM billing_chargeback
    ) AS numbers GROUP BY number HAVING count(*) > 1
    """,
)
TWO_PLACES = Invariant(
    "41",
    "amounts have two places and are not negative",
    """
    SELECT id FROM (
        SELECT id, unnest(ARRAY[rent, cover, fee, reduced, fee_reduced, replanned, fee_carried, paid]) AS amount
            FROM billing_bill
        UNION ALL SELECT id, unnest(ARRAY[owed, fee]) FROM billing_extensionplan
        UNION ALL SELECT id, unnest(ARRAY[rent, cover, fee]) FROM billing_extensionitem
        UNION ALL SELECT id, unnest(ARRAY[amount, refunded, charged_back]) FROM billing_payment
        UNION ALL SELECT id, amount FROM billing_paymentitem
        UNION ALL SELECT id, amount FROM billing_allocation
        UNION ALL SELECT id, amount FROM billing_refund
        UNION ALL SELECT id, amount FROM billing_reduction
        UNION ALL SELECT id, amount FROM billing_balanceuse
        UNION ALL SELECT id, amount FROM billing_chargeback
        UNION ALL SELECT id, amount FROM billing_reversal
        UNION ALL SELECT id, amount FROM billing_depositrelease
        UNION ALL SELECT id, most FROM billing_depositdeduction
        UNION ALL SELECT id, unnest(ARRAY[amount, frozen, held, captured, released]) FROM billing_depositfreeze
        UNION ALL SELECT id, unnest(ARRAY[total, waived, to_hold]) FROM billing_deposit
        UNION ALL SELECT id, most FROM billing_autopayagreement
        UNION ALL SELECT id, contract_total FROM billing_lease
        UNION ALL SELECT id, unnest(ARRAY[amount, recovered]) FROM billing_writeoff
        UNION ALL SELECT id, amount FROM billing_ledgerentry
        UNION ALL SELECT id, amount FROM billing_statementline
        UNION ALL SELECT id, unnest(ARRAY[debits, credits]) FROM billing_ledgeraccount
        UNION ALL SELECT id, unnest(ARRAY[gross, refunded, brought_forward, commission, payable, carried_forward])
            FROM billing_merchantstatement
        UNION ALL SELECT id, unnest(ARRAY[rent, cover, fee]) FROM billing_settlementline
    ) AS amounts WHERE amount < 0 OR amount <> round(amount, 2)
    """,
)
INVARIANTS = [
    POSTED_ONCE,
    MATCHED,
    MONOTONE,
    ONE_ATTEMPT,
    AUTOPAY,
    UNSIGNED,
    REFUNDS,
    ONE_INTENT,
    DISPUTES,
    FREED,
    TRIED_AGAIN,
    DEPOSITS,
    CAPTURES,
    BILLS,
    PARTS,
    PLANS,
    DUES,
    TERM,
    PAID,
    ALLOCATED,
    FEES,
    PAY_TIME,
    NUMBERS,
    TWO_PLACES,
    *BOOKS,
]
