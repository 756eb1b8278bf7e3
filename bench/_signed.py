"""Orders that wait for their first rent: signed, the deposit secured, an attempt to pay bill 1 open."""

import json
import secrets
from dataclasses import dataclass
from decimal import Decimal

from bench._people import Person, Shelf

MONTHS = 12
_FILL = """
CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
    SELECT n, %(run)s || n AS number, customer, address, decision
    FROM unnest(%(customers)s::bigint[], %(addresses)s::bigint[], %(decisions)s::bigint[])
        WITH ORDINALITY AS t (customer, address, decision, n);
INSERT INTO billing_ledgeraccount (kind, customer_id, channel, debits, credits)
    SELECT DISTINCT 'RECEIVABLE', customer, '', 0, 0 FROM wanted ON CONFLICT DO NOTHING;
INSERT INTO billing_ledgeraccount (kind, channel, debits, credits)
    VALUES ('RENT_INCOME', '', 0, 0), ('CLEARING', 'alipay', 0, 0) ON CONFLICT DO NOTHING;
INSERT INTO billing_lease (number, customer_id, merchant_id, state, months, contract_total, terms, frozen_at)
    SELECT number, customer, %(merchant)s, 'DRAFT', 12, 12 * %(rent)s, %(terms)s::jsonb, now() FROM wanted;
INSERT INTO billing_bill (lease_id, number, kind, state, due_date, rent, cover, fee, paid, reduced, fee_reduced)
    SELECT l.id, k, 'RENT', 'OPEN', CASE k WHEN 1 THEN current_date END, %(rent)s, 0, 0, 0, 0, 0
    FROM wanted JOIN billing_lease l USING (number), generate_series(1, 12) k;
INSERT INTO billing_deposit (lease_id, kind, state, total, waived, to_hold)
    SELECT l.id, 'FREEZE', 'DUE', 1000, 1000, 0 FROM wanted JOIN billing_lease l USING (number);
UPDATE billing_deposit d SET state = 'SECURED' FROM wanted JOIN billing_lease l USING (number) WHERE d.lease_id = l.id;
INSERT INTO orders_checkout (customer_id, number, placed_at) SELECT customer, number, now() FROM wanted;
INSERT INTO orders_order (number, checkout_id, customer_id, merchant_id, plan_id, months, decision_id, lease_id,
        address_id, state, placed_at, signed_at, waits_until, reason)
    SELECT w.number, c.id, customer, %(merchant)s, %(plan)s, 12, decision, l.id, address, 'PLACED', now(), now(),
        now() + interval '1 day', ''
    FROM wanted w JOIN orders_checkout c USING (number) JOIN billing_lease l USING (number);
UPDATE orders_order o SET state = 'APPROVED' FROM wanted w WHERE o.number = w.number;
UPDATE orders_order o SET state = 'SIGNED' FROM wanted w WHERE o.number = w.number;
INSERT INTO billing_payment (number, customer_id, channel, state, amount, refunded, charged_back, created_at,
        expires_at, payer, declined, holds)
    SELECT number, customer, 'alipay', 'OPEN', %(rent)s, 0, 0, now(), now() + interval '1 day', '', '', false
    FROM wanted;
INSERT INTO billing_paymentitem (payment_id, bill_id, amount, open)
    SELECT p.id, b.id, %(rent)s, true
    FROM wanted JOIN billing_payment p USING (number) JOIN billing_lease l USING (number)
        JOIN billing_bill b ON b.lease_id = l.id AND b.number = 1;
"""
_FOUND = """
SELECT p.number, p.id, b.id, o.id, l.customer_id, c.user_id, a.id
FROM billing_payment p JOIN billing_lease l USING (number) JOIN billing_bill b ON b.lease_id = l.id AND b.number = 1
    JOIN orders_order o ON o.lease_id = l.id JOIN accounts_customer c ON c.id = l.customer_id
    JOIN billing_ledgeraccount a ON a.customer_id = l.customer_id AND a.kind = 'RECEIVABLE'
WHERE p.number LIKE %s ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The numbers that a posting of its payment touches."""

    number: str
    payment: int
    bill: int
    order: int
    customer: int
    user: int
    account: int


def make(people: list[Person], shelf: Shelf, count: int) -> tuple[list[Waiting], Decimal]:
    """So many orders, spread over the people, and the rent of each."""
    from django.db import connection, transaction

    from catalog.services import offers
    from core import clock
    from orders.services import checkout, lease_terms

    plan = offers.get(shelf.plan)
    cost = checkout.quote(None, plan, MONTHS, clock.today())
    terms = lease_terms.of(plan, cost)
    run = f"S{secrets.token_hex(3)}-"
    spread = [people[index % len(people)] for index in range(count)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "run": run,
                "customers": [person.customer for person in spread],
                "addresses": [person.address for person in spread],
                "decisions": [person.decision for person in spread],
                "merchant": plan.merchant_id,
                "plan": plan.pk,
                "rent": terms.monthly_rent,
                "terms": json.dumps(terms.to_json()),
            },
        )
        cursor.execute(_FOUND, [f"{run}%"])
        return [Waiting(*row) for row in cursor.fetchall()], terms.monthly_rent
