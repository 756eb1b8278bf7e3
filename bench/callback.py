"""A signed payment notice, until its order is PAID: stored by the web server, applied by a worker, c = 8.

Measured from the first notice sent to the last one applied, all of it at once on the same machine: two web workers
verify, store and answer; two workers claim the outbox rows, verify again, post, allocate and step the order, telling
the customer (the SMS itself is left to others). The broker between relay and worker is left out. Beside one prepared
SQL transaction that writes the same rows, in one round trip, after one RSA verification, over eight connections.
Targets: 0.10, then 0.20.
"""

import itertools
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from bench import _limit, _load, _people, _rows, _serve, _signed, _table, _worker
from bench._signed import Waiting

EACH, LIMIT_EACH, PEOPLE, WORKERS = 160, 480, 400, 2
FORM = "application/x-www-form-urlencoded"
LIMIT_S = 120.0
_LEFT = """
SELECT count(*) FROM core_outboxmessage
WHERE dead_at IS NULL AND (published_at IS NULL OR done_at IS NULL AND topic = 'notice.stored')
"""
_FORGET = "UPDATE core_outboxmessage SET published_at = now(), done_at = now() WHERE done_at IS NULL"


PATH = "/api/notices/alipay/"
PREPARED = """
PREPARE c1 (text, bytea) AS INSERT INTO core_inboxnotice (provider, notice_id, body, headers, received_at, outcome)
    VALUES ('alipay', $1, $2, '{}', now(), '');
PREPARE c2 AS INSERT INTO core_outboxmessage (topic, payload, attempts, error)
    VALUES ('notice.stored', jsonb_build_object('notice_id', currval('core_inboxnotice_id_seq')), 0, '');
PREPARE c3 AS UPDATE core_outboxmessage SET published_at = now(), attempts = 1
    WHERE id = currval('core_outboxmessage_id_seq');
PREPARE c4 AS INSERT INTO core_consumed (message_id, consumer)
    VALUES (currval('core_outboxmessage_id_seq'), 'orders.tasks.apply_notice');
PREPARE c5 AS UPDATE core_outboxmessage SET done_at = now() WHERE id = currval('core_outboxmessage_id_seq');
PREPARE c6 (bigint, text) AS UPDATE billing_payment SET state = 'SUCCEEDED', trade_number = $2,
        payer = '2088000000000999', paid_at = now(), posted_at = now() WHERE id = $1;
PREPARE c7 (bigint) AS UPDATE billing_paymentitem SET open = false WHERE payment_id = $1;
PREPARE c8 (bigint, bigint, numeric) AS INSERT INTO billing_allocation (payment_id, bill_id, part, amount, at)
    VALUES ($1, $2, 'RENT', $3, now());
PREPARE c9 (bigint, numeric) AS UPDATE billing_bill SET state = 'PAID', paid = $2, paid_at = now() WHERE id = $1;
PREPARE c10 (text, text) AS INSERT INTO billing_posting (key, what, day, posted_at)
    VALUES ($1, $2, current_date, now());
PREPARE c11 (bigint, numeric) AS INSERT INTO billing_ledgerentry (posting_id, account_id, side, amount)
    SELECT currval('billing_posting_id_seq'), $1, 'DEBIT', $2
    UNION ALL SELECT currval('billing_posting_id_seq'), id, 'CREDIT', $2 FROM billing_ledgeraccount
        WHERE kind = 'RENT_INCOME';
PREPARE c18 (bigint, numeric) AS INSERT INTO billing_ledgerentry (posting_id, account_id, side, amount)
    SELECT currval('billing_posting_id_seq'), $1, 'CREDIT', $2
    UNION ALL SELECT currval('billing_posting_id_seq'), id, 'DEBIT', $2 FROM billing_ledgeraccount
        WHERE kind = 'CLEARING' AND channel = 'alipay';
PREPARE c12 (bigint, numeric) AS UPDATE billing_ledgeraccount SET debits = debits + $2, credits = credits + $2
    WHERE id = $1;
PREPARE c13 (bigint, bigint) AS INSERT INTO core_event (kind, subject_type, subject_id, source, target, actor, at,
        facts)
    VALUES ('payment_received', 'billing.payment', $1, '', '', 'platform', now(), '{"amount": "1", "trade": "1"}'),
        ('transition', 'orders.order', $2, 'SIGNED', 'PAID', 'platform', now(), '{"step": "pay"}');
PREPARE c14 (bigint) AS UPDATE orders_order SET state = 'PAID', paid_at = now(),
        waits_until = now() + interval '5 days' WHERE id = $1;
PREPARE c15 (bigint, text) AS INSERT INTO notices_message (user_id, channel, state, seal_row, template, params,
        language, link, step, urgent, created_at, not_before, provider_number)
    VALUES ($1, 'IN_APP', 'QUEUED', gen_random_uuid(), 'order_paid', '{"order": "1"}', 'zh-hans', '/orders/1/', $2,
        false, now(), now(), '');
PREPARE c16 AS UPDATE notices_message SET state = 'SENT', sent_at = now() WHERE id = currval('notices_message_id_seq');
PREPARE c17 AS UPDATE core_inboxnotice SET applied_at = now(), outcome = 'posted'
    WHERE id = currval('core_inboxnotice_id_seq');
"""


def main() -> None:
    _serve.prepare()
    people = _people.make(PEOPLE)
    shelf = _people.shelves(people[0], _signed.MONTHS)[0]
    rounds = _table.ROUNDS + 1
    waiting, rent = _signed.make(people, shelf, rounds * (EACH + LIMIT_EACH) + 2)
    notices = [_notice(each, rent) for each in waiting]
    _sql(_FORGET)
    product = _product(notices[0])
    texts = (_transaction(each, notice, rent) for each, notice in zip(waiting[2:], notices[2:], strict=True))
    rows = _rows.compared(product, _limit.written(PREPARED, _transaction(waiting[1], notices[1], rent)))
    posts = (_load.request("POST", PATH, f"Content-Type: {FORM}\r\n", body) for body in notices[2:])
    found: dict[str, list[float]] = {"limit": [], "product": []}
    with ExitStack() as running:
        port = running.enter_context(_serve.serving("rental.wsgi:application", {}))
        workers = running.enter_context(_workers())
        for number in range(rounds):
            limit = _limit.rate(PREPARED, _taken(texts, posts, LIMIT_EACH)[0], before=_verifier(notices[2]))
            sent = _taken(texts, posts, EACH)[1]
            applied = _applied(port, sent, workers)
            if number:  # the first round warms both sides up
                found["limit"].append(limit)
                found["product"].append(applied)
    _table.show("callback: rows that one notice writes, product | limit", rows)
    _table.show(
        f"callback: {_table.ROUNDS} rounds, interleaved; c = 8; notices a second, median (range)",
        [
            *((side, _table.spread(rates)) for side, rates in found.items()),
            ("ratio (0.10, then 0.20)", _table.ratio(found["product"], found["limit"])),
        ],
    )


def _taken(texts: Iterator[str], posts: Iterator[bytes], count: int) -> tuple[list[str], list[bytes]]:
    """The next ones of both; each payment is used by one side only."""
    return list(itertools.islice(texts, count)), list(itertools.islice(posts, count))


def _applied(port: int, posts: list[bytes], workers: list["subprocess.Popen[str]"]) -> float:
    """Notices a second, from the first one sent until nothing is left to do."""
    _all(workers, signal.SIGCONT)
    began = time.monotonic()
    _load.each(port, posts, 200)
    while _left():
        if time.monotonic() - began > LIMIT_S:
            raise SystemExit("the workers did not apply what was stored")
        time.sleep(0.01)
    took = time.monotonic() - began
    _all(workers, signal.SIGSTOP)
    return len(posts) / took


@contextmanager
def _workers() -> Iterator[list["subprocess.Popen[str]"]]:
    """Two of them, started and halted: they look for work only while the product is measured."""
    running = [
        subprocess.Popen([sys.executable, "-m", "bench._worker"], stdout=subprocess.PIPE, text=True)
        for _ in range(WORKERS)
    ]
    try:
        for each in running:
            assert each.stdout
            if each.stdout.readline().strip() != _worker.READY:
                raise SystemExit("a worker did not start")
        _all(running, signal.SIGSTOP)
        yield running
    finally:
        _all(running, signal.SIGKILL)
        for each in running:
            each.communicate()


def _all(workers: list["subprocess.Popen[str]"], told: signal.Signals) -> None:
    for each in workers:
        each.send_signal(told)


def _left() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        return int(cursor.fetchone()[0])


def _sql(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def _product(body: bytes) -> _rows.Rows:
    """The rows of one notice, web and worker."""
    from django.test import Client

    def once() -> None:
        answer = Client(SERVER_NAME="127.0.0.1").post(PATH, body, content_type=FORM)
        assert answer.content == b"success", answer.content
        _worker.work()

    return _rows.written(once)


def _notice(waiting: Waiting, rent: Decimal) -> bytes:
    """As Alipay signs and posts it."""
    from django.conf import settings

    from core import clock
    from integrations.alipay import to_wire
    from sandbox import keys, rsa2

    at = to_wire(clock.now())
    told = {
        "notify_time": at, "notify_type": "trade_status_sync", "notify_id": secrets.token_hex(17),
        "app_id": settings.ALIPAY_APP_ID, "auth_app_id": settings.ALIPAY_APP_ID, "charset": "utf-8", "version": "1.0",
        "sign_type": "RSA2", "out_trade_no": waiting.number, "trade_no": f"2026{waiting.payment:024d}",
        "trade_status": "TRADE_SUCCESS", "total_amount": f"{rent:.2f}", "receipt_amount": f"{rent:.2f}",
        "buyer_id": "2088000000000999", "seller_id": settings.ALIPAY_SELLER_ID, "gmt_create": at, "gmt_payment": at,
    }  # fmt: skip
    return urlencode({**told, "sign": rsa2.sign(rsa2.notice_text(told), keys.alipay())}).encode()


def _verifier(body: bytes) -> _limit.Before:
    """One RSA verification, as much as a notice needs once."""
    from sandbox import keys, rsa2

    told = dict(parse_qsl(body.decode()))
    text, signature, key = rsa2.notice_text(told), told["sign"], keys.alipay().public_key()

    def verify(_index: int) -> None:
        assert rsa2.holds(text, signature, key)

    return verify


def _transaction(waiting: Waiting, notice: bytes, rent: Decimal) -> str:
    body = f"'\\x{notice.hex()}'"
    return (
        f"BEGIN; EXECUTE c1 ('{secrets.token_hex(17)}', {body}); EXECUTE c2; EXECUTE c3; EXECUTE c4; EXECUTE c5;"
        f"EXECUTE c6 ({waiting.payment}, 'T{waiting.payment}'); EXECUTE c7 ({waiting.payment});"
        f"EXECUTE c8 ({waiting.payment}, {waiting.bill}, {rent}); EXECUTE c9 ({waiting.bill}, {rent});"
        f"EXECUTE c10 ('bill:{waiting.bill}', 'bill due'); EXECUTE c11 ({waiting.account}, {rent});"
        f"EXECUTE c10 ('payment:{waiting.number}', 'payment received'); EXECUTE c18 ({waiting.account}, {rent});"
        f"EXECUTE c12 ({waiting.account}, {rent});"
        f"EXECUTE c13 ({waiting.payment}, {waiting.order}); EXECUTE c14 ({waiting.order});"
        f"EXECUTE c15 ({waiting.user}, 'order:{waiting.order}:order_paid'); EXECUTE c16; EXECUTE c17; COMMIT"
    )


if __name__ == "__main__":
    main()
