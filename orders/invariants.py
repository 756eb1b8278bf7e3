"""What must always hold about orders, as SQL (reliability.md)."""

from core.invariants import Invariant, by_two_persons

INVARIANTS = [
    Invariant(
        "3",
        "one held hold per order that is under way with a waiver",
        """
        SELECT o.id FROM orders_order o JOIN billing_deposit d ON d.lease_id = o.lease_id
        LEFT JOIN credit_hold h ON h.order_number = o.number AND h.state = 'HELD'
        WHERE d.waived > 0 AND o.state NOT IN ('REFUSED', 'CANCELLED', 'COMPLETED') AND h.id IS NULL
          AND NOT EXISTS (SELECT 1 FROM billing_writeoff w WHERE w.lease_id = o.lease_id AND w.recovered = w.amount)
        """,
    ),
    Invariant(
        "4",
        "a closed order holds no quota, live lease or (undisputed) open bill; its held deposit has release intents",
        """
        SELECT o.id FROM orders_order o
        WHERE o.state IN ('REFUSED', 'CANCELLED', 'COMPLETED') AND (
            EXISTS (SELECT 1 FROM credit_hold h WHERE h.order_number = o.number AND h.state = 'HELD')
            OR EXISTS (SELECT 1 FROM billing_lease l WHERE l.id = o.lease_id AND l.state IN ('DRAFT', 'LIVE'))
            OR EXISTS (SELECT 1 FROM billing_bill b WHERE b.lease_id = o.lease_id AND b.state = 'OPEN' AND NOT EXISTS (
                SELECT 1 FROM billing_reversal v JOIN billing_allocation a ON a.id = v.allocation_id
                WHERE a.bill_id = b.id))
            OR (SELECT coalesce(sum(f.held), 0) FROM billing_depositfreeze f
                JOIN billing_deposit d ON d.id = f.deposit_id WHERE d.lease_id = o.lease_id)
               <> (SELECT coalesce(sum(r.amount), 0) FROM billing_depositrelease r
                JOIN billing_depositfreeze f ON f.id = r.freeze_id JOIN billing_deposit d ON d.id = f.deposit_id
                WHERE d.lease_id = o.lease_id AND r.state = 'REQUESTED'))
        """,
    ),
    Invariant(
        "4w",
        "a written-off order has its write-off, no live lease or open bill, and holds no deposit but what goes back",
        """
        SELECT o.id FROM orders_order o LEFT JOIN billing_writeoff w ON w.lease_id = o.lease_id
        WHERE (o.state = 'WRITTEN_OFF') <> (w.id IS NOT NULL) OR o.state = 'WRITTEN_OFF' AND (
            EXISTS (SELECT 1 FROM billing_lease l WHERE l.id = o.lease_id AND l.state <> 'CLOSED')
            OR EXISTS (SELECT 1 FROM billing_bill b WHERE b.lease_id = o.lease_id AND b.state = 'OPEN' AND NOT EXISTS (
                SELECT 1 FROM billing_reversal v JOIN billing_allocation a ON a.id = v.allocation_id
                WHERE a.bill_id = b.id))
            OR EXISTS (SELECT 1 FROM credit_hold h WHERE h.order_number = o.number
                AND (h.state = 'HELD') <> (w.recovered < w.amount))
            OR (SELECT coalesce(sum(f.held), 0) FROM billing_depositfreeze f
                JOIN billing_deposit d ON d.id = f.deposit_id WHERE d.lease_id = o.lease_id)
               <> (SELECT coalesce(sum(r.amount), 0) FROM billing_depositrelease r
                JOIN billing_depositfreeze f ON f.id = r.freeze_id JOIN billing_deposit d ON d.id = f.deposit_id
                WHERE d.lease_id = o.lease_id AND r.state = 'REQUESTED'))
        """,
    ),
    Invariant(
        "47",
        "a claim is within the depreciated value, its lines come to it, and an open one keeps its order in inspection",
        """
        SELECT c.id FROM orders_damageclaim c JOIN orders_order o ON o.id = c.order_id
        LEFT JOIN orders_claimline l ON l.claim_id = c.id
        GROUP BY c.id, o.id
        HAVING c.total <> coalesce(sum(l.amount) FILTER (WHERE NOT l.covered), 0) OR c.amount <> least(c.total, c.cap)
            OR c.awarded > c.amount OR (c.state IN ('PROPOSED', 'DISPUTED')) <> (o.state = 'INSPECTING')
            OR (c.state = 'ACCEPTED' AND c.by_clause AND c.second_notice_at IS NULL)
            OR (c.state IN ('PROPOSED', 'DISPUTED')) AND o.waits_until IS NULL
        UNION ALL
        SELECT c.id FROM orders_damageclaim c JOIN orders_order o ON o.id = c.order_id
        LEFT JOIN billing_bill b ON b.lease_id = o.lease_id AND b.kind = 'DAMAGE'
        GROUP BY c.id HAVING coalesce(sum(b.rent), 0) <> c.awarded
        """,
    ),
    Invariant(
        "49b",
        "what was paid back for a found device is its loss less day rent, once, and no more than was refunded for it",
        """
        SELECT r.id FROM orders_retrieval r JOIN orders_order o ON o.id = r.order_id
        LEFT JOIN billing_bill b ON b.lease_id = o.lease_id AND b.kind = 'LOSS' AND b.state = 'PAID'
        LEFT JOIN (SELECT lease_id, sum(amount) AS amount FROM billing_refund
            WHERE reduces AND replaces_id IS NULL AND requested_by = 'platform' AND reason = 'device found again'
            GROUP BY lease_id) f
          ON f.lease_id = o.lease_id
        WHERE o.state <> 'COMPLETED' OR o.reason NOT IN ('lost', 'defaulted')
            OR r.state = 'DONE' AND (b.id IS NULL OR r.refunded + r.day_rent > b.rent
                OR r.refunded <> coalesce(f.amount, 0))
            OR r.state = 'OPEN' AND f.amount IS NOT NULL
        """,
    ),
    Invariant(
        "48",
        "every order that waits for somebody after its return has an end of its wait",
        "SELECT id FROM orders_order WHERE state IN ('INSPECTING', 'SETTLING') AND waits_until IS NULL",
    ),
    Invariant(
        "49",
        "a day past the return day is billed once, none that the term had, and all never above the device's value",
        """
        SELECT a.id FROM billing_bill a JOIN billing_bill b ON b.lease_id = a.lease_id AND b.id > a.id
          AND b.period_start <= a.period_end AND a.period_start <= b.period_end
        WHERE a.kind = 'DAY_RENT' AND b.kind = 'DAY_RENT' AND a.state <> 'VOID' AND b.state <> 'VOID'
        UNION ALL
        SELECT d.id FROM billing_bill d JOIN billing_bill r ON r.lease_id = d.lease_id AND r.kind = 'RENT'
        WHERE d.kind = 'DAY_RENT' AND d.state <> 'VOID' AND r.state <> 'VOID' AND d.period_start <= r.period_end
        UNION ALL
        SELECT l.id FROM billing_lease l JOIN billing_bill b ON b.lease_id = l.id
        WHERE b.kind IN ('DAY_RENT', 'LOSS') AND b.state <> 'VOID' GROUP BY l.id
        HAVING count(*) FILTER (WHERE b.kind = 'LOSS') > 1 OR sum(b.rent) > greatest(
            (l.terms ->> 'signed_value')::numeric, (l.terms -> 'curve' ->> -1)::numeric)
        """,
    ),
    Invariant(
        "6",
        "a unit is in the custody of at most one order",
        """
        SELECT unit_id FROM orders_order WHERE state IN ('SHIPPED', 'ACTIVE', 'RETURNING', 'INSPECTING')
        GROUP BY unit_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "6c",
        "the days for which a unit is kept never overlap, the gap after a rental included",
        """
        SELECT a.id FROM orders_booking a
        JOIN orders_booking b ON b.unit_id = a.unit_id AND b.id > a.id AND b.period && a.period
        WHERE a.freed_at IS NULL AND b.freed_at IS NULL
        """,
    ),
    Invariant(
        "6d",
        "a short rental keeps its days and its unit until the device is back; nothing else keeps any",
        """
        SELECT o.id FROM orders_order o LEFT JOIN orders_booking b ON b.order_id = o.id AND b.freed_at IS NULL
        WHERE (o.first_day IS NOT NULL
                AND o.state IN ('PLACED', 'APPROVED', 'SIGNED', 'PAID', 'SHIPPED', 'ACTIVE', 'RETURNING', 'INSPECTING')
                AND (b.id IS NULL OR lower(b.period) <> o.first_day OR upper(b.period) <= o.last_day + 1
                    OR (o.unit_id IS NOT NULL AND o.unit_id <> b.unit_id)))
            OR (b.id IS NOT NULL AND (o.first_day IS NULL OR o.state IN ('REFUSED', 'CANCELLED', 'COMPLETED')))
        """,
    ),
    Invariant(
        "50",
        "an exchanged device is out of use, and what came for it is another one of the same model and merchant",
        """
        SELECT f.id FROM orders_fault f JOIN catalog_deviceunit old ON old.id = f.old_unit_id
        JOIN catalog_deviceunit new ON new.id = f.new_unit_id
        WHERE old.retired_at IS NULL OR new.id = old.id OR new.sku_id <> old.sku_id
            OR new.merchant_id <> old.merchant_id OR f.remedy <> 'EXCHANGE'
        """,
    ),
    Invariant(
        "7",
        "an order is on lease exactly when its lease is live (turned back before receipt: it never was)",
        """
        SELECT o.id FROM orders_order o JOIN billing_lease l ON l.id = o.lease_id
        WHERE (o.state = 'ACTIVE' OR (o.state IN ('RETURNING', 'INSPECTING', 'SETTLING') AND o.received_at IS NOT NULL))
           <> (l.state = 'LIVE')
        """,
    ),
    Invariant(
        "7b",
        "a parcel's first scan and last word are those of its scans",
        """
        SELECT p.id FROM orders_parcel p
        JOIN (SELECT parcel_id, min(at) AS first, max(at) AS last FROM orders_parcelevent GROUP BY parcel_id) s
          ON s.parcel_id = p.id
        WHERE p.scanned_at IS DISTINCT FROM s.first OR p.heard_at IS DISTINCT FROM s.last
        """,
    ),
    Invariant(
        "8",
        "every recorded step is an edge of the table",
        """
        SELECT e.id FROM core_event e WHERE e.kind = 'transition' AND NOT EXISTS (
            SELECT 1 FROM core_stateedge s
            WHERE s.machine = e.subject_type AND s.source = e.source AND s.target = e.target)
        """,
    ),
    Invariant(
        "9",
        "the transition log is contiguous and its last state is the order's",
        """
        SELECT o.id FROM orders_order o LEFT JOIN LATERAL (
            SELECT bool_and(source = previous) AS whole, (array_agg(target ORDER BY id DESC))[1] AS last FROM (
                SELECT id, source, target, coalesce(lag(target) OVER (ORDER BY id), '') AS previous FROM core_event
                WHERE kind = 'transition' AND subject_type = 'orders.order' AND subject_id = o.id) AS steps
        ) AS log ON true
        WHERE log.whole IS NOT TRUE OR log.last <> o.state
        """,
    ),
    Invariant(
        "10",
        "pay and cancel exclude each other: no cancelled order keeps money",
        """
        SELECT o.id FROM orders_order o
        JOIN billing_bill b ON b.lease_id = o.lease_id JOIN billing_paymentitem i ON i.bill_id = b.id
        JOIN billing_payment p ON p.id = i.payment_id AND p.state = 'SUCCEEDED'
        WHERE o.state IN ('CANCELLED', 'REFUSED') AND p.refunded + p.charged_back < p.amount
        """,
    ),
    Invariant(
        "29",
        "shipped means signed, and the deposit secured",
        """
        SELECT o.id FROM orders_order o LEFT JOIN contracts_agreement a ON a.id = o.agreement_id
        LEFT JOIN billing_deposit d ON d.lease_id = o.lease_id
        WHERE o.state IN ('SHIPPED', 'ACTIVE', 'RETURNING', 'INSPECTING')
          AND (a.state IS DISTINCT FROM 'SIGNED' OR d.state IS DISTINCT FROM 'SECURED')
        """,
    ),
    Invariant(
        "29a",
        "nothing is approved or shipped past an open demand, and a closed order asks for nothing",
        """
        SELECT o.id FROM orders_order o JOIN credit_demand d ON d.order_number = o.number
        WHERE (o.state IN ('APPROVED', 'SIGNED', 'PAID') AND d.state IN ('OPEN', 'REFUSED') AND d.kind <> 'VISIT')
           OR (o.state IN ('SHIPPED', 'ACTIVE', 'RETURNING', 'INSPECTING', 'SETTLING', 'COMPLETED')
               AND d.state IN ('OPEN', 'REFUSED'))
           OR (o.state IN ('REFUSED', 'CANCELLED') AND d.state = 'OPEN')
        UNION ALL
        SELECT o.id FROM orders_order o JOIN visits_visit v ON v.order_number = o.number
        WHERE o.state NOT IN ('PLACED', 'APPROVED', 'SIGNED', 'PAID') AND v.state IN ('REQUESTED', 'PROPOSED', 'AGREED')
          AND v.purpose = 'REVIEW'
        """,
    ),
    Invariant(
        "31",
        "every placed order asked for its review",
        """
        SELECT o.id FROM orders_order o WHERE NOT EXISTS (
            SELECT 1 FROM core_outboxmessage m
            WHERE m.topic = 'order.placed' AND (m.payload ->> 'order_id')::bigint = o.id)
        """,
    ),
    Invariant(
        "37",
        "an order and its lease carry one number",
        "SELECT o.id FROM orders_order o JOIN billing_lease l ON l.id = o.lease_id WHERE o.number <> l.number",
    ),
    Invariant(
        "46",
        "an open hit of a risk rule keeps its order: placed or paid, never further",
        """
        SELECT h.id FROM orders_riskhit h JOIN orders_order o ON o.id = h.order_id
        WHERE h.state = 'OPEN' AND o.state NOT IN ('PLACED', 'PAID')
        """,
    ),
    Invariant(
        "64",
        "after a letter only its customer chooses, and an ending by notice had its second person and has its paper",
        """
        SELECT c.id FROM orders_demandchoice c JOIN orders_order o ON o.id = c.order_id
        JOIN arrears_demandletter d ON d.id = c.letter_id JOIN arrears_collectioncase k ON k.id = d.case_id
        WHERE k.lease_id <> o.lease_id OR c.chosen_by <> 'customer:' || o.customer_id
        UNION ALL
        SELECT n.id FROM orders_ending n JOIN orders_order o ON o.id = n.order_id
        JOIN arrears_demandletter d ON d.number = n.note
        WHERE n.kind = 'DEFAULT' AND ((n.opened_at AT TIME ZONE 'Asia/Shanghai')::date <= d.cure_until OR NOT EXISTS (
            SELECT 1 FROM core_approval a WHERE a.kind = 'termination' AND a.subject = 'order:' || o.number
                AND a.state = 'USED' AND a.used_at = n.opened_at) OR n.paper_id IS NULL)
        """,
    ),
    Invariant(
        "67",
        "an opinion is the order's own customer's, of a moment that happened to this order",
        """
        SELECT n.id FROM orders_opinion n JOIN orders_order o ON o.id = n.order_id
        WHERE n.given_by <> 'customer:' || o.customer_id
            OR n.happened_on > (n.given_at AT TIME ZONE 'Asia/Shanghai')::date
            OR (n.touchpoint = 'RECEIPT' AND o.received_at IS NULL)
            OR (n.touchpoint = 'END' AND o.state <> 'COMPLETED')
            OR (n.touchpoint = 'REPAIR' AND NOT EXISTS (
                SELECT 1 FROM orders_fault f WHERE f.id = n.occasion AND f.order_id = o.id))
            OR (n.touchpoint = 'PLAN' AND NOT EXISTS (
                SELECT 1 FROM billing_extensionplan p WHERE p.id = n.occasion AND p.lease_id = o.lease_id))
            OR (n.touchpoint = 'CASE' AND NOT EXISTS (
                SELECT 1 FROM arrears_collectioncase c WHERE c.id = n.occasion AND c.lease_id = o.lease_id))
        """,
    ),
    Invariant(
        "65",
        "what was written off before its thirty days was given up by two persons",
        """
        SELECT w.id FROM billing_writeoff w JOIN orders_order o ON o.lease_id = w.lease_id
        WHERE NOT EXISTS (SELECT 1 FROM core_approval a WHERE a.kind = 'write_off' AND a.state = 'USED'
                AND a.subject = 'write_off:' || o.number AND a.used_at = w.at)
            AND w.at < interval '30 days' + (
                SELECT max(e.at) FROM core_event e WHERE e.subject_type = 'orders.order' AND e.subject_id = o.id
                    AND e.kind = 'transition' AND e.target = 'SETTLING')
        """,
    ),
    by_two_persons("orders_riskrule", "risk_rule", "id"),
    by_two_persons("orders_leaseruleset", "lease_rules", "version", number="33c", came_along="row.version = 1"),
]
