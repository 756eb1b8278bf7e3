"""The SQL itself: which rows are locked, in which order (house.md). Threads alone can pass without any lock."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.services import payments as billing_payments
from core import calendar
from integrations.payments import FreezeFact, PaymentFact, Status
from orders.models import Order, State
from orders.services import approvals, cancellations, checkout, inspections, payments, receipts, returns, shipping
from orders.services.cost_tables import Wanted
from sandbox import conf
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(hours=1)
RANK = {
    "orders_order": 0,
    "credit_demand": 1,
    "visits_visit": 2,
    "accounts_contact": 3,
    "accounts_document": 4,
    "orders_riskhit": 5,
    "contracts_agreement": 6,  # an order's own paper
    "catalog_deviceunit": 7,
    "billing_lease": 8,
    "billing_deposit": 9,
    "billing_depositfreeze": 10,
    "billing_bill": 11,
    "billing_payment": 12,
    "billing_refund": 13,
    "billing_ledgeraccount": 14,
    "orders_ending": 6,
}
LAST = ["catalog_stocklevel", "credit_quotaaccount"]  # conditional UPDATEs, in this order, before the commit
BESIDE = {"credit_hold"}  # the quota's own row, with it


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        anne, bob = make.customer(726), make.customer(726)
        walked = {
            state: make.order(state, slug="mini-4", months=3, of=of)
            for state, of in (
                (State.ACTIVE, anne), (State.SHIPPED, anne), (State.PAID, bob), (State.SIGNED, bob),
            )
        }  # fmt: skip
        yield {str(state): order.pk for state, order in walked.items()}


def statements(act: Callable[[], Any]) -> list[tuple[str, str]]:
    """(LOCK or UPDATE, table) of what `act` did, in order."""
    with CaptureQueriesContext(connection) as seen:
        act()
    found = []
    for query in seen.captured_queries:
        sql = query["sql"]
        if "FOR UPDATE" in sql:
            found.append(("LOCK", re.findall(r'FROM "(\w+)"', sql)[0]))
        elif sql.startswith("UPDATE"):
            found.append(("UPDATE", re.findall(r'UPDATE "?(\w+)', sql)[0]))
    return found


def first_locks(seen: list[tuple[str, str]]) -> list[str]:
    """The tables locked, each where it was locked first."""
    tables = [table for verb, table in seen if verb == "LOCK" and table not in BESIDE]
    return list(dict.fromkeys(tables))


def assert_in_order(seen: list[tuple[str, str]]) -> None:
    locked = first_locks(seen)
    assert [RANK[table] for table in locked] == sorted(RANK[table] for table in locked), locked
    last = [(place, table) for place, (verb, table) in enumerate(seen) if verb == "UPDATE" and table in LAST]
    if last:
        assert [LAST.index(table) for _place, table in last] == sorted(LAST.index(table) for _place, table in last)
        after = seen[last[0][0] :]
        assert not [table for verb, table in after if verb == "LOCK" and table not in BESIDE], after


def order(staged: dict[str, int], state: str) -> Order:
    return Order.objects.get(pk=staged[state])


def fact(of: Order) -> PaymentFact:
    payment = payments.pay_first(of, LATER)
    return PaymentFact(
        request_no=payment.number, trade_no="T1", status=Status.SUCCEEDED, amount=payment.amount, currency="CNY",
        payer="2088", paid_at=LATER, merchant_id=conf.seller_id(),
    )  # fmt: skip


def test_placing_updates_stock_and_quota_last(staged: dict[str, int]) -> None:
    of, plan = make.customer(726), make.plan("mini-4")
    address = make.address(of)
    shown = checkout.quote(of, plan, 3, calendar.business_date(AT)).digest
    seen = statements(lambda: checkout.place(of, plan.pk, 3, address, shown, "k", AT))
    assert_in_order(seen)
    assert [table for verb, table in seen if verb == "UPDATE"] == LAST


def test_placing_several_updates_all_stock_before_the_quota() -> None:
    of, chosen = make.customer(726), [make.plan("q7-pro"), make.plan("mini-4")]
    address, lines = make.address(of), [(plan, Wanted(plan.pk, 6)) for plan in chosen]
    shown = checkout.quote_together(of, lines, calendar.business_date(AT)).digest
    wanted = [each for _plan, each in lines]
    seen = statements(lambda: checkout.place_together(of, wanted, address, shown, "k", AT))
    assert_in_order(seen)
    assert [table for verb, table in seen if verb == "UPDATE"] == [LAST[0]] * 2 + [LAST[1]] * 2


def test_receiving_money_locks_order_lease_bill_payment(staged: dict[str, int]) -> None:
    signed = order(staged, State.SIGNED)
    told = fact(signed)
    seen = statements(lambda: payments.receive("alipay", told, LATER))
    assert first_locks(seen) == ["orders_order", "billing_lease", "billing_bill", "billing_payment"]


def test_receiving_a_freeze_locks_order_lease_deposit_freeze() -> None:
    signed = make.order(State.SIGNED, slug="mini-4", months=3, of=make.customer(726))
    held = payments.freeze_deposit(signed, LATER)
    told = FreezeFact(
        order_no=held.number, request_no=held.request_number, auth_no="A1", operation_id="1", status=Status.SUCCEEDED,
        amount=held.amount, mode="FUND", payer="2088", frozen_at=LATER, merchant_id=conf.seller_id(),
    )  # fmt: skip
    seen = statements(lambda: payments.receive_freeze("alipay", told, LATER))
    assert first_locks(seen) == ["orders_order", "billing_lease", "billing_deposit", "billing_depositfreeze"]


def test_receiving_late_money_locks_in_the_same_order(staged: dict[str, int]) -> None:
    signed = order(staged, State.SIGNED)
    told = fact(signed)
    cancellations.cancel(signed.pk, "operator:1", "test", LATER)
    seen = statements(lambda: payments.receive("alipay", told, LATER))
    assert first_locks(seen) == ["orders_order", "billing_lease", "billing_bill", "billing_payment"]


def test_opening_an_attempt_locks_lease_then_bill(staged: dict[str, int]) -> None:
    signed = order(staged, State.SIGNED)
    seen = statements(lambda: payments.pay_first(signed, LATER))
    assert first_locks(seen) == ["billing_lease", "billing_bill"]


def test_cancelling_locks_the_order_first_and_the_money_after_it(staged: dict[str, int]) -> None:
    paid = order(staged, State.PAID)
    seen = statements(lambda: cancellations.cancel(paid.pk, "operator:1", "test", LATER))
    assert first_locks(seen) == [
        "orders_order", "orders_riskhit", "contracts_agreement", "billing_lease", "billing_deposit",
        "billing_depositfreeze", "billing_bill", "billing_payment",
    ]  # fmt: skip
    assert_in_order(seen)
    assert [table for verb, table in seen if verb == "UPDATE" and table not in BESIDE][-2:] == LAST


def test_refusing_locks_as_cancelling_does(staged: dict[str, int]) -> None:
    placed = make.order(slug="mini-4", months=3, of=make.customer(726))
    seen = statements(lambda: approvals.refuse(placed.pk, "operator:1", "test", LATER))
    assert_in_order(seen)
    assert first_locks(seen)[:4] == ["orders_order", "orders_riskhit", "billing_lease", "billing_deposit"]


def test_shipping_locks_order_then_unit_and_takes_the_stock_last(staged: dict[str, int]) -> None:
    paid = order(staged, State.PAID)
    taken = Order.objects.exclude(unit=None).values("unit")
    unit = paid.merchant.units.filter(sku=paid.plan.sku).exclude(pk__in=taken)[0]
    seen = statements(lambda: shipping.ship(paid.pk, "merchant:1", unit.serial, "sf", make.waybill(), LATER))
    assert first_locks(seen) == ["orders_order", "catalog_deviceunit"]
    assert seen[-1] == ("UPDATE", "catalog_stocklevel")


def test_the_receipt_locks_order_lease_bills(staged: dict[str, int]) -> None:
    shipped = order(staged, State.SHIPPED)
    seen = statements(lambda: receipts.confirm(shipped.pk, f"customer:{shipped.customer_id}", LATER))
    assert first_locks(seen) == ["orders_order", "billing_lease", "billing_bill"]


def test_settling_puts_the_unit_back_and_releases_the_quota_last(staged: dict[str, int]) -> None:
    active = order(staged, State.ACTIVE)
    for number in (2, 3):
        make.pay_bill(active, number, LATER)
    assert active.lease.last_day is not None
    on = calendar.instant(active.lease.last_day, 12)
    returns.open_return(active.pk, "customer:1", on)
    inspections.arrive(active.pk, "merchant:1", on)
    inspector = make.merchant_member()
    seen = statements(
        lambda: inspections.pass_device(active.pk, inspector, serial_matches=True, wiped=True, note="", at=on)
    )
    assert walks.read(active).state == State.COMPLETED
    assert_in_order(seen)
    assert first_locks(seen) == [
        "orders_order", "orders_ending", "billing_lease", "billing_deposit", "billing_depositfreeze", "billing_bill",
            "billing_payment",
    ]  # fmt: skip
    assert [table for verb, table in seen if verb == "UPDATE" and table in LAST] == LAST


def test_the_check_itself_sees_a_wrong_order() -> None:
    """The twin: these assertions can fail."""
    right = [("LOCK", "orders_order"), ("LOCK", "billing_lease"), ("UPDATE", "credit_quotaaccount")]
    assert_in_order(right)
    for wrong in (right[1::-1], [right[2], right[0]], [("UPDATE", LAST[1]), ("UPDATE", LAST[0])]):
        with pytest.raises(AssertionError):
            assert_in_order(wrong)


def test_a_captured_payment_is_asked_for_outside_any_lock(staged: dict[str, int]) -> None:
    """Asking the provider locks nothing of ours: the answer is posted in a transaction of its own."""
    signed = order(staged, State.SIGNED)
    payment = payments.pay_first(signed, LATER)
    with make.moment(LATER):
        seen = statements(lambda: billing_payments.ask(payment.pk))
    assert not [table for _verb, table in seen if table in RANK]
