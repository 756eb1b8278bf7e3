"""For each invariant about orders and agreements: drop the guard, plant one violation, see exactly it counted."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.rules.shorts import Dates
from contracts.invariants import INVARIANTS as CONTRACTS
from core import invariants
from orders.invariants import INVARIANTS as ORDERS
from orders.models import Order, State
from orders.services import cancellations
from tests import make, walks

pytestmark = pytest.mark.django_db
WEEKEND = Dates(date(2026, 3, 6), date(2026, 3, 8))
LATER = make.AT.replace(hour=4)
GUARDED = (
    "orders_order", "contracts_agreement", "contracts_document", "contracts_evidenceevent", "core_event",
    "billing_lease", "billing_bill", "billing_deposit", "billing_depositfreeze", "billing_payment", "credit_hold",
    "orders_riskrule", "orders_leaseruleset", "orders_fault",
)  # fmt: skip
UNIQUES = {"orders_order": "orders_unit_in_one_custody"}
ELSEWHERE = {  # a letter that was answered, an opinion that was given: tests/services/test_choices.py, test_opinions.py
    ("64", "orders"), ("65", "orders"), ("67", "orders"),
}  # fmt: skip


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """Two orders on lease with a waiver, one cancelled after paying, one agreement on show."""
    with walks.kept(django_db_blocker):
        anne = make.customer(726)
        walked = {
            "active": make.order(State.ACTIVE, slug="mini-4", months=3, of=anne),
            "shipped": make.order(State.SHIPPED, slug="mini-4", months=3, of=anne),
            "cancelled": make.order(State.PAID, slug="mini-4", months=3),
            "shown": make.order(State.APPROVED, slug="mini-4", months=3, of=make.customer(812)),
        }
        for name in ("weekend", "same_weekend"):
            walked[name] = make.order(slug="trip-6", dates=WEEKEND)
        cancellations.cancel(walked["cancelled"].pk, "operator:1", "test", LATER)
        make.drain(LATER)
        assert walks.broken() == {}
        yield {name: order.pk for name, order in walked.items()}


@pytest.fixture
def unguarded(staged: dict[str, int]) -> Iterator[Any]:
    """A cursor on tables whose triggers and partial uniques are off; the test's rollback brings them back."""
    connection.check_constraints()  # nothing deferred may wait when a trigger is switched
    with connection.cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for index in UNIQUES.values():
            cursor.execute(f"DROP INDEX {index}")
        cursor.execute("ALTER TABLE orders_booking DROP CONSTRAINT orders_unit_booked_once")
        yield cursor


CASES: list[tuple[str, str, str]] = [
    ("3", "orders", "UPDATE credit_hold SET state = 'RELEASED' WHERE order_number = {number:active}"),
    ("4", "orders", "UPDATE billing_lease SET state = 'DRAFT' WHERE id = {lease:cancelled}"),
    ("4", "orders", "UPDATE billing_bill SET state = 'OPEN' WHERE lease_id = {lease:cancelled} AND number = 2"),
    ("4", "orders", "UPDATE credit_hold SET state = 'HELD' WHERE order_number = {number:cancelled}"),
    (
        "4",
        "orders",
        "UPDATE billing_depositfreeze SET held = released, released = 0 WHERE deposit_id ="
        " (SELECT id FROM billing_deposit WHERE lease_id = {lease:cancelled})",
    ),
    ("4w", "orders", "UPDATE orders_order SET state = 'WRITTEN_OFF' WHERE id = {id:cancelled}"),
    (
        "47",
        "orders",
        "INSERT INTO orders_damageclaim (order_id, state, valued_on, cap, total, amount, awarded, proposed_by_id,"
        " proposed_at, answer_by, grounds, by_clause, decision, decided_by) SELECT {id:active}, 'PROPOSED', now(), 2,"
        " 1, 1, 0, min(id), now(), now(), '', false, '', '' FROM accounts_user",
    ),
    ("48", "orders", "UPDATE orders_order SET state = 'SETTLING', waits_until = NULL WHERE id = {id:active}"),
    (
        "49",  # a day that the term had
        "orders",
        "INSERT INTO billing_bill (lease_id, number, kind, state, due_date, period_start, period_end, rent, cover, fee,"
        " reduced, fee_reduced, paid) SELECT lease_id, 901, 'DAY_RENT', 'OPEN', due_date, period_start, period_end, 1,"
        " 0, 0, 0, 0, 0 FROM billing_bill WHERE lease_id = {lease:active} AND number = 3",
    ),
    (
        "49b",  # of a device that nobody gave up
        "orders",
        "INSERT INTO orders_retrieval (order_id, state, opened_at, until, reason)"
        " VALUES ({id:active}, 'OPEN', now(), now(), '')",
    ),
    (
        "50",  # the faulty unit is rented on
        "orders",
        "INSERT INTO orders_fault (order_id, state, words, remedy, answer, answered_by, reported_at,"
        " sent_at, closed_at, days, credited, old_unit_id, new_unit_id) SELECT {id:active}, 'DONE', 'x', 'EXCHANGE',"
        " '', '', now(), now(), now(), 1, 1, min(id), max(id) FROM catalog_deviceunit"
        " WHERE (merchant_id, sku_id) = (SELECT u.merchant_id, u.sku_id FROM orders_order o JOIN catalog_deviceunit u"
        " ON u.id = o.unit_id WHERE o.id = {id:active})",
    ),
    (
        "6",
        "orders",
        "UPDATE orders_order SET unit_id = (SELECT unit_id FROM orders_order WHERE id = {id:active})"
        " WHERE id = {id:shipped}",
    ),
    (
        "6c",
        "orders",
        "UPDATE orders_booking SET unit_id = (SELECT unit_id FROM orders_booking WHERE order_id = {id:weekend})"
        " WHERE order_id = {id:same_weekend}",
    ),
    ("6d", "orders", "UPDATE orders_booking SET freed_at = now() WHERE order_id = {id:weekend}"),
    (
        "6d",
        "orders",
        "UPDATE orders_booking SET period = daterange('2026-03-07', '2026-03-20') WHERE order_id = {id:weekend}",
    ),
    ("7", "orders", "UPDATE billing_lease SET state = 'CLOSED' WHERE id = {lease:active}"),
    (
        "7",
        "orders",
        "UPDATE billing_lease SET state = 'LIVE', start = '2026-03-02', last_day = '2026-06-01'"
        " WHERE id = {lease:shown}",
    ),
    (
        "7b",
        "orders",
        "INSERT INTO orders_parcelevent (parcel_id, at, condition, place, text, told_at)"
        " SELECT id, now(), 'TRANSIT', '', 'x', now() FROM orders_parcel WHERE order_id = {id:active}",
    ),
    (
        "8",
        "orders",
        "UPDATE core_event SET source = 'PLACED' WHERE subject_type = 'orders.order' AND subject_id = {id:active}"
        " AND target = 'ACTIVE'",
    ),
    (
        "9",
        "orders",
        "DELETE FROM core_event WHERE subject_type = 'orders.order' AND subject_id = {id:active}"
        " AND kind = 'transition' AND target = 'SIGNED'",
    ),
    ("9", "orders", "UPDATE orders_order SET state = 'RETURNING' WHERE id = {id:active}"),
    (
        "10",
        "orders",
        "UPDATE billing_payment SET refunded = refunded - 0.01 WHERE id IN (SELECT payment_id"
        " FROM billing_paymentitem i"
        " JOIN billing_bill b ON b.id = i.bill_id WHERE b.lease_id = {lease:cancelled})",
    ),
    (
        "29a",
        "orders",
        "INSERT INTO credit_demand (customer_id, order_number, kind, state, wanted, raised_at, raised_by, grounds,"
        " closed_by, closing_grounds) SELECT customer_id, number, 'VISIT', 'OPEN', '[]', placed_at, 'x', 'x', '', ''"
        " FROM orders_order WHERE number = {number:active}",
    ),
    (
        "46",
        "orders",
        "WITH rule AS (INSERT INTO orders_riskrule (kind, threshold, window_days, action, demand, state)"
        " VALUES ('MANY_LEASES', 2, 7, 'HOLD', '', 'DRAFT') RETURNING id) INSERT INTO orders_riskhit"
        " (order_id, rule_id, kind, facts, state, found_at, cleared_by, note)"
        " SELECT {id:shipped}, id, 'MANY_LEASES', '[]', 'OPEN', now(), '', '' FROM rule",
    ),
    (
        "33b",
        "orders",
        "INSERT INTO orders_riskrule (kind, threshold, window_days, action, demand, state, published_at)"
        " VALUES ('MANY_LEASES', 2, 7, 'HOLD', '', 'SUPERSEDED', now())",
    ),
    (
        "33c",
        "orders",
        "INSERT INTO orders_leaseruleset (version, late_fee_mode, grace_days, fee_rate_daily, fee_cap_rate,"
        " return_window_days, state, published_at) VALUES (2, 'FREE', 3, 0, 0, 3, 'SUPERSEDED', now())",
    ),
    ("29", "orders", "UPDATE contracts_agreement SET state = 'SIGNING' WHERE number = {number:active}"),
    ("29", "orders", "UPDATE billing_deposit SET state = 'DUE' WHERE lease_id = {lease:shipped}"),
    (
        "31",
        "orders",
        "UPDATE core_outboxmessage SET topic = 'order.lost' WHERE topic = 'order.placed'"
        " AND (payload ->> 'order_id')::bigint = {id:shown}",
    ),
    ("37", "orders", "UPDATE orders_order SET number = 'XO-OTHER' WHERE id = {id:shown}"),
    ("28", "contracts", "UPDATE contracts_agreement SET state = 'SIGNING' WHERE number = {number:active}"),
    (
        "28",
        "contracts",
        "INSERT INTO contracts_document (agreement_id, kind, sha256, size, made_at) SELECT id, 'SIGNED', 'x', 1, now()"
        " FROM contracts_agreement WHERE number = {number:shown}",
    ),
    (
        "28b",
        "contracts",
        "DELETE FROM contracts_evidenceevent WHERE sequence = 2 AND agreement_id ="
        " (SELECT id FROM contracts_agreement WHERE number = {number:active})",
    ),
    (
        "28b",
        "contracts",
        "DELETE FROM contracts_evidenceevent WHERE sequence = 1 AND agreement_id ="
        " (SELECT id FROM contracts_agreement WHERE number = {number:active})",
    ),
]


def filled(statement: str, staged: dict[str, int]) -> str:
    for name, pk in staged.items():
        order = Order.objects.get(pk=pk)
        values = {"id": order.pk, "lease": order.lease_id, "number": f"'{order.number}'"}
        for field, value in values.items():
            statement = statement.replace(f"{{{field}:{name}}}", str(value))
    return statement


@pytest.mark.parametrize(
    ("number", "room", "statement"), CASES, ids=[f"{n}-{i}" for i, (n, _r, _s) in enumerate(CASES)]
)
def test_a_planted_violation_is_counted_as_exactly_one(
    unguarded: Any, staged: dict[str, int], number: str, room: str, statement: str
) -> None:
    [invariant] = [each for each in (ORDERS if room == "orders" else CONTRACTS) if each.number == number]
    assert invariants.violations(invariant) == 0
    unguarded.execute(filled(statement, staged))
    assert unguarded.rowcount == 1
    assert invariants.violations(invariant) == 1


def test_every_invariant_of_these_rooms_has_its_violation() -> None:
    tried = {(number, room) for number, room, _statement in CASES}
    known = {(each.number, "orders") for each in ORDERS} | {(each.number, "contracts") for each in CONTRACTS}
    assert tried == known - ELSEWHERE


def test_the_database_itself_refuses_most_of_them(staged: dict[str, int]) -> None:
    """Those that it lets through are what the invariants are for."""
    refused = set()
    for number, _room, statement in CASES:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(filled(statement, staged))
                transaction.set_rollback(True)
        except IntegrityError:
            refused.add(number)
    assert refused == {"4", "4w", "6", "6c", "8", "9", "28", "28b", "29", "33b", "33c", "50"}
