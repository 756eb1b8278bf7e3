"""What must always hold of arrears and of calls, as SQL (reliability.md, domain.md §9)."""

from core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "60",
        "nobody is called at night, nor more often in a day than the conduct rules allow",
        """
        SELECT id FROM notices_phonecall
        WHERE (dialled_at AT TIME ZONE 'Asia/Shanghai')::time NOT BETWEEN '08:00' AND '21:59:59.999999'
        UNION ALL
        SELECT min(id) FROM notices_phonecall GROUP BY user_id, (dialled_at AT TIME ZONE 'Asia/Shanghai')::date
        HAVING count(*) > 6 OR count(*) FILTER (WHERE coalesce(seconds, 10) >= 10) > 3
        """,
    ),
    Invariant(
        "61",
        "a promise that is awaited belongs to an open case",
        """
        SELECT p.id FROM arrears_paymentpromise p JOIN arrears_collectioncase c ON c.id = p.case_id
        WHERE p.state = 'OPEN' AND c.state <> 'OPEN'
        """,
    ),
    Invariant(
        "62",
        "a case is of the lease's own customer",
        """
        SELECT c.id FROM arrears_collectioncase c JOIN billing_lease l ON l.id = c.lease_id
        WHERE c.customer_id <> l.customer_id
        UNION ALL
        SELECT h.id FROM arrears_hardshiprequest h JOIN billing_lease l ON l.id = h.lease_id
        WHERE h.customer_id <> l.customer_id
        """,
    ),
    Invariant(
        "66",
        "about money one is visited at one's own door only, seven days apart, and not while relief is asked for",
        """
        SELECT v.id FROM visits_visit v JOIN accounts_address a ON a.id = v.address_id
        WHERE v.purpose = 'COLLECTION' AND a.customer_id <> v.customer_id
        UNION ALL
        SELECT v.id FROM visits_visit v JOIN visits_visit w ON w.customer_id = v.customer_id AND w.id > v.id
            AND w.purpose = 'COLLECTION' AND abs(extract(epoch FROM
                coalesce(w.starts_at, w.came_at) - coalesce(v.starts_at, v.came_at))) < 7 * 86400
        WHERE v.purpose = 'COLLECTION' AND v.state IN ('AGREED', 'DONE') AND w.state IN ('AGREED', 'DONE')
        UNION ALL
        SELECT v.id FROM visits_visit v JOIN billing_lease l ON l.number = v.order_number
        JOIN arrears_hardshiprequest h ON h.lease_id = l.id AND h.state = 'OPEN'
        WHERE v.purpose = 'COLLECTION' AND v.state IN ('REQUESTED', 'PROPOSED', 'AGREED')
        """,
    ),
    Invariant(
        "68",
        "after a death or a loss of capacity its person, his leases and their cases say so, and nobody else's do",
        """
        SELECT u.id FROM accounts_user u LEFT JOIN accounts_customer c ON c.user_id = u.id
        LEFT JOIN accounts_standstill s ON s.customer_id = c.id AND s.state = 'IN_FORCE'
        WHERE u.in_peace_since IS DISTINCT FROM s.since
        UNION ALL
        SELECT l.id FROM billing_lease l
        LEFT JOIN accounts_standstill s ON s.customer_id = l.customer_id AND s.state = 'IN_FORCE'
        WHERE l.state = 'LIVE' AND s.since::text IS DISTINCT FROM
            CASE WHEN l.still -> -1 ->> 1 IS NULL THEN l.still -> -1 ->> 0 END
        UNION ALL
        SELECT a.id FROM arrears_collectioncase a
        JOIN accounts_standstill s ON s.customer_id = a.customer_id AND s.state = 'IN_FORCE' WHERE a.state = 'OPEN'
        """,
    ),
    Invariant(
        "63",
        "a demand letter leaves at least fifteen days to make good",
        """
        SELECT id FROM arrears_demandletter
        WHERE cure_until < (issued_at AT TIME ZONE 'Asia/Shanghai')::date + 15
        """,
    ),
]
