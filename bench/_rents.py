"""A million active leases and their bills, made by a few set-based statements with every constraint on; only the
triggers that judge steps are off meanwhile, for these rows are born in the middle of their lives.

Leases begin on one of 330 days, evenly, so that each night as many bills fall due; one lease in fifteen is behind by a
bill. `near` makes the bills around the night, `far` all the others: the history that must not cost anything.
"""

import io
import json
import secrets
import uuid
from datetime import date, timedelta
from typing import Any

from bench import _people

MONTHS, SPREAD_DAYS, BEHIND_EVERY = 12, 330, 15
TABLES = ("accounts_user", "billing_lease", "billing_bill", "orders_order", "arrears_collectioncase")
JUDGED = ("billing_lease", "billing_bill", "billing_deposit", "orders_order", "arrears_collectioncase")
_PEOPLE = """
INSERT INTO accounts_customer (number, blocked_reason, user_id)
    SELECT 'N' || id, '', id FROM accounts_user WHERE login LIKE 'night-%';
INSERT INTO accounts_address (seal_row, consignee, phone, region, street, added_at, customer_id)
    SELECT gen_random_uuid(), '', '', '深圳', '', now(), c.id FROM accounts_customer c WHERE number LIKE 'N%';
CREATE TEMP TABLE who AS
    SELECT c.id AS customer, a.id AS address, row_number() OVER (ORDER BY c.id) - 1 AS place
    FROM accounts_customer c JOIN accounts_address a ON a.customer_id = c.id WHERE c.number LIKE 'N%';
CREATE UNIQUE INDEX ON who (place);
INSERT INTO billing_ledgeraccount (kind, channel, debits, credits, customer_id)
    SELECT 'RECEIVABLE', '', 0, 0, customer FROM who;
"""
_LEASES = """
INSERT INTO billing_lease (number, customer_id, merchant_id, state, months, contract_total, terms, frozen_at, start,
        last_day)
    SELECT 'N' || n, w.customer, %(merchant)s, 'LIVE', 12, 3708, %(terms)s, now(), day,
        day + interval '12 months -1 day'
    FROM generate_series(1, %(leases)s) n JOIN who w ON w.place = n / 2 %% %(people)s,
        LATERAL (SELECT %(on)s::date - n %% 330 AS day) d;
INSERT INTO billing_deposit (lease_id, kind, state, total, waived, to_hold)
    SELECT id, 'WAIVED', 'SECURED', 4000, 4000, 0 FROM billing_lease WHERE number LIKE 'N%%';
INSERT INTO orders_checkout (number, placed_at, customer_id)
    SELECT 'N' || n, now(), w.customer
    FROM generate_series(1, %(leases)s) n JOIN who w ON w.place = n / 2 %% %(people)s;
INSERT INTO catalog_deviceunit (merchant_id, sku_id, serial, imei, added_at)
    SELECT %(merchant)s, %(sku)s, 'N' || n, '', now() FROM generate_series(1, %(leases)s) n;
INSERT INTO orders_order (number, checkout_id, customer_id, merchant_id, plan_id, months, lease_id, address_id, unit_id,
        state, placed_at, signed_at, paid_at, shipped_at, received_at, reason)
    SELECT l.number, c.id, l.customer_id, l.merchant_id, %(plan)s, 12, l.id, w.address, u.id, 'ACTIVE', now(),
        now(), now(), now(), l.start, ''
    FROM billing_lease l JOIN orders_checkout c ON c.number = l.number JOIN who w ON w.customer = l.customer_id
        JOIN catalog_deviceunit u ON u.serial = l.number
    WHERE l.number LIKE 'N%%';
"""
_BILLS = """
INSERT INTO billing_bill (lease_id, number, kind, state, due_date, period_start, period_end, rent, cover, fee, paid,
        paid_at, reduced, fee_reduced)
    SELECT l.id, k, 'RENT', CASE WHEN paid THEN 'PAID' ELSE 'OPEN' END, due, due, due + interval '1 month -1 day', 309,
        9, 0, CASE WHEN paid THEN 318 ELSE 0 END, CASE WHEN paid THEN now() END, 0, 0
    FROM billing_lease l, generate_series(1, 12) k,
        LATERAL (SELECT (l.start + (k - 1) * interval '1 month')::date AS due) a,
        LATERAL (SELECT due < %(on)s AND NOT (l.id %% 15 = 0 AND due >= %(on)s::date - 31) AS paid) b
    WHERE l.number LIKE 'N%%' AND (due BETWEEN %(on)s::date - 31 AND %(on)s::date + 8) = %(near)s;
"""
_CASES = """
INSERT INTO arrears_collectioncase (number, customer_id, lease_id, state, opened_on, outcome)
    SELECT 'N' || l.id, l.customer_id, l.id, 'OPEN', b.due_date + 4, ''
    FROM billing_bill b JOIN billing_lease l ON l.id = b.lease_id
    WHERE b.state = 'OPEN' AND b.due_date + 4 < %(on)s;
"""


def fill(leases: int, on: date) -> None:
    """People, leases and orders, and the bills around day `on`."""
    from django.db import connection, transaction

    [person] = _people.make(1)
    [shelf, *_others] = _people.shelves(person, MONTHS)
    terms = json.dumps(_terms(person.customer, shelf.plan, on))
    with transaction.atomic(), connection.cursor() as cursor:
        _users(cursor, leases // 2)
        _judge(cursor, "DISABLE")
        cursor.execute(_PEOPLE)
        told: dict[str, Any] = {
            "leases": leases,
            "people": leases // 2,
            "on": on,
            "merchant": shelf.merchant,
            "plan": shelf.plan,
            "sku": shelf.sku,
        }
        cursor.execute(_LEASES, told | {"terms": terms})
        cursor.execute(_BILLS, {"on": on, "near": True})
        cursor.execute(_CASES, {"on": on})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _judge(cursor, "ENABLE")
    _tidy()


def fill_far(on: date) -> None:
    """All other bills of the same leases: paid long ago, or due later."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        _judge(cursor, "DISABLE")
        cursor.execute(_BILLS, {"on": on, "near": False})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _judge(cursor, "ENABLE")
    _tidy()


def counted() -> dict[str, int]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = int(cursor.fetchone()[0])
    return found


def _users(cursor: Any, count: int) -> None:
    """By COPY; each has a sealed phone, as reminders open it."""
    from accounts.models import User
    from core import seals

    run, rows = secrets.token_hex(3), io.StringIO()
    field = User._meta.get_field("phone")
    for number in range(count):
        user = User(seal_row=uuid.uuid4())
        sealed = seals.seal(f"1{3_000_000_000 + number}", field.place(user))
        rows.write(f"!\tf\tnight-{run}-{number}\tCUSTOMER\t{user.seal_row}\t{sealed}\tzh-hans\tf\tt\n")
    rows.seek(0)
    columns = "password, is_superuser, login, kind, seal_row, phone, language, is_staff, is_active"
    cursor.copy_expert(f"COPY accounts_user ({columns}) FROM STDIN", rows)


def _judge(cursor: Any, verb: str) -> None:
    for table in JUDGED:
        cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {table}_edge")


def _terms(customer_id: int, plan_id: int, on: date) -> Any:
    """As a real order would fix them."""
    from accounts.models import Customer
    from catalog.models import LeasePlan
    from orders.services import checkout, lease_terms

    plan = LeasePlan.objects.get(pk=plan_id)
    cost = checkout.quote(Customer.objects.get(pk=customer_id), plan, MONTHS, on - timedelta(days=1))
    return lease_terms.of(plan, cost).to_json()


def _tidy() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
