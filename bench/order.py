"""Checkout to PLACED: the press of a customer who is signed in, through the real server, c = 8.

Session, permission, form, every guard, then hold, lease, 12 bills, deposit, event, outbox row, stock and quota in one
transaction. (The agreement is drafted by a worker after the review.) Each order has a customer of its own; they are
spread over 200 offers that a process knows after the first round. Beside one prepared SQL transaction that writes the
same rows into the same tables, in one round trip, over eight connections. Targets: 0.10, then 0.20; at most 25
statements.
"""

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from urllib.parse import urlencode

from bench import _limit, _load, _people, _rows, _serve, _table
from bench._people import Person, Shelf

EACH, LIMIT_EACH = 320, 960  # orders and SQL transactions of a round
MONTHS = 12
FORM = "application/x-www-form-urlencoded"
TOKEN = "b" * 32  # of the form and of the cookie against forged forms
PREPARED = """
PREPARE o1 (text, text) AS INSERT INTO core_idempotencykey (actor, route, key, body_hash, answer)
    VALUES ('customer:' || $1, 'checkout', $2, repeat('0', 64), to_jsonb($2));
PREPARE o2 (text, bigint, bigint, numeric, jsonb) AS INSERT INTO billing_lease (number, customer_id, merchant_id, state,
        months, contract_total, terms) VALUES ($1, $2, $3, 'DRAFT', 12, $4, $5);
PREPARE o3 (numeric, numeric) AS INSERT INTO billing_bill (lease_id, number, kind, state, due_date, rent, cover,
        fee, paid, reduced, fee_reduced)
    SELECT currval('billing_lease_id_seq'), n, 'RENT', 'OPEN', CASE n WHEN 1 THEN current_date END, $1, $2, 0, 0, 0, 0
    FROM generate_series(1, 12) n;
PREPARE o4 (numeric, numeric, numeric) AS INSERT INTO billing_deposit (lease_id, kind, state, total, waived, to_hold)
    VALUES (currval('billing_lease_id_seq'), 'FREEZE', 'DUE', $1, $2, $3);
PREPARE o5 (bigint, text) AS INSERT INTO orders_checkout (customer_id, number, placed_at) VALUES ($1, $2, now());
PREPARE o6 (text, bigint, bigint, bigint, bigint, bigint) AS INSERT INTO orders_order (number, checkout_id, customer_id,
        merchant_id, plan_id, months, decision_id, lease_id, address_id, state, placed_at, waits_until, reason)
    VALUES ($1, currval('orders_checkout_id_seq'), $2, $3, $4, 12, $5, currval('billing_lease_id_seq'), $6, 'PLACED',
        now(), now() + interval '72 hours', '');
PREPARE o7 (text) AS INSERT INTO core_event (kind, subject_type, subject_id, source, target, actor, at, facts)
    VALUES ('transition', 'orders.order', currval('orders_order_id_seq'), '', 'PLACED', 'customer:' || $1, now(), '{}');
PREPARE o8 AS INSERT INTO core_outboxmessage (topic, payload, attempts, error)
    VALUES ('order.placed', jsonb_build_object('order_id', currval('orders_order_id_seq')), 0, '');
PREPARE o9 (bigint, bigint) AS UPDATE catalog_stocklevel SET reserved = reserved + 1
    WHERE merchant_id = $1 AND sku_id = $2 AND on_hand > reserved;
PREPARE o10 (bigint, text, numeric) AS INSERT INTO credit_hold (account_id, order_number, amount, state, held_at,
        reason)
    SELECT id, $2, $3, 'HELD', now(), '' FROM credit_quotaaccount WHERE customer_id = $1;
PREPARE o11 (bigint, numeric) AS UPDATE credit_quotaaccount SET held = held + $2
    WHERE customer_id = $1 AND "limit" >= held + $2;
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """The figures of an order as the product wrote them."""

    terms: str
    contract_total: Decimal
    rent: Decimal
    cover: Decimal
    deposit: Decimal
    waived: Decimal
    held: Decimal


def main() -> None:
    _serve.prepare()
    people = _people.make((_table.ROUNDS + 1) * EACH + LIMIT_EACH)
    limits, buyers = people[:LIMIT_EACH], people[LIMIT_EACH:]
    shelves = _people.shelves(buyers[0], MONTHS)
    press = partial(_press, limits[0], shelves[0])
    press_rows, statements, sample = _product(press)
    texts = _transactions(limits, shelves, sample)
    rows = _rows.compared(press_rows, _limit.written(PREPARED, next(texts)))
    wishes = zip(buyers, itertools.cycle(shelves), strict=False)
    found: dict[str, list[float]] = {"limit": [], "product": []}
    with _serve.serving("rental.wsgi:application", {}) as port:
        for number in range(_table.ROUNDS + 1):
            limit = _limit.rate(PREPARED, list(itertools.islice(texts, LIMIT_EACH)))
            presses = [_load.request("POST", *_post(*wish)) for wish in itertools.islice(wishes, EACH)]
            placed = _load.each(port, presses, 303)
            if number:  # the first round warms both sides up
                found["limit"].append(limit)
                found["product"].append(placed)
    _table.show("order: rows that one order writes, product | limit", rows)
    _table.show(
        f"order: {_table.ROUNDS} rounds, interleaved; c = 8; orders a second, median (range)",
        [
            *((side, _table.spread(rates)) for side, rates in found.items()),
            ("ratio (0.10, then 0.20)", _table.ratio(found["product"], found["limit"])),
            ("statements of an order (at most 25)", str(statements)),
        ],
    )


def _product(press: Callable[[], None]) -> tuple[_rows.Rows, int, Sample]:
    """The rows that one order writes, its statements, its figures; the first press only teaches the process."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    seen, samples = list[int](), list[Sample]()

    def once() -> None:
        with CaptureQueriesContext(connection) as queries:
            press()
        seen.append(len(queries))
        samples.append(_sample())

    _rows.written(once)
    rows = _rows.written(once)
    return rows, seen[-1], samples[-1]


def _press(person: Person, shelf: Shelf) -> None:
    """In this process."""
    from django.conf import settings
    from django.test import Client

    path, _headers, body = _post(person, shelf)
    client = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = person.session
    client.cookies[settings.CSRF_COOKIE_NAME] = TOKEN
    answer = client.post(path, body, content_type=FORM)
    assert answer.status_code == 303, answer.content


def _post(person: Person, shelf: Shelf) -> tuple[str, str, bytes]:
    """Path, headers and body of the form as a browser sends it."""
    fields = {
        "csrfmiddlewaretoken": TOKEN,
        "address": person.address,
        "digest": shelf.digest,
        "request_key": uuid.uuid4(),
        "deposit": "",
    }
    cookies = f"xinzu_session={person.session}; xinzu_csrf={TOKEN}"
    headers = f"Cookie: {cookies}\r\nContent-Type: {FORM}\r\n"
    return f"/checkout/{shelf.plan}/?months={MONTHS}", headers, urlencode(fields).encode()


def _sample() -> Sample:
    from billing.models import Lease
    from credit.models import Hold

    lease = Lease.objects.select_related("deposit").latest("pk")
    bill = lease.bills.first()
    assert bill is not None
    hold = Hold.objects.latest("pk")
    deposit = lease.deposit
    terms = json.dumps(lease.terms)
    return Sample(terms, lease.contract_total, bill.rent, bill.cover, deposit.total, deposit.waived, hold.amount)


def _transactions(people: list[Person], shelves: list[Shelf], sample: Sample) -> Iterator[str]:
    """Each under numbers of its own."""
    run = uuid.uuid4().hex[:8]
    terms = _limit.quoted(sample.terms)
    for number, (person, shelf) in enumerate(zip(itertools.cycle(people), itertools.cycle(shelves), strict=False)):
        name = f"'L{run}{number}'"
        held = sample.deposit - sample.waived
        yield (
            f"BEGIN; EXECUTE o1 ('{person.customer}', {name});"
            f"EXECUTE o2 ({name}, {person.customer}, {shelf.merchant}, {sample.contract_total}, {terms});"
            f"EXECUTE o3 ({sample.rent}, {sample.cover});"
            f"EXECUTE o4 ({sample.deposit}, {sample.waived}, {held}); EXECUTE o5 ({person.customer}, {name});"
            f"EXECUTE o6 ({name}, {person.customer}, {shelf.merchant}, {shelf.plan}, {person.decision},"
            f" {person.address}); EXECUTE o7 ('{person.customer}'); EXECUTE o8;"
            f"EXECUTE o9 ({shelf.merchant}, {shelf.sku}); EXECUTE o10 ({person.customer}, {name}, {sample.held});"
            f"EXECUTE o11 ({person.customer}, {sample.held}); COMMIT"
        )


if __name__ == "__main__":
    main()
