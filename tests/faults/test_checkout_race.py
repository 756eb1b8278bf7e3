"""Forty checkouts at once on a quota for three: three orders; and the same without the guards (reliability.md 1)."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import F

from accounts.models import Customer
from catalog.services import stock
from core import calendar
from credit.models import Hold, QuotaAccount, TierSet, WaiverTier
from credit.services import quota
from orders.models import Order
from orders.services import checkout, reservations
from orders.services.cost_tables import Wanted
from tests import make, walks
from tests.faults import together
from tests.trust import published

pytestmark = pytest.mark.django_db(transaction=True)
AT = make.AT
ON = calendar.business_date(AT)
MANY = 40
EACH, LIMIT = Decimal("300.00"), Decimal("1000.00")
CHECKS = ("credit_quota_held_within_granted", "credit_quota_granted_is_limit_or_held")


def of_tier(devices: int) -> Customer:
    """A customer with 300 yuan waived of each of so many devices, on a quota of 1,000."""
    made = TierSet.objects.create(version=1)
    WaiverTier.objects.create(
        tier_set=made, from_score=350, grade="A", waives="AMOUNT", amount=EACH,
        quota_limit=LIMIT, checkout_cap=LIMIT, devices=devices,
    )  # fmt: skip
    published(made)
    return make.customer(726)


@pytest.fixture
def customer() -> Customer:
    return of_tier(99)


@pytest.fixture
def guards_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check, then insert: the quote is the check; the UPDATE asks nothing and the CHECKs are gone."""

    def hold_unchecked(of: Customer, number: str, amount: Decimal, at: Any, **_: Any) -> Hold:
        QuotaAccount.objects.filter(customer=of).update(held=F("held") + amount)
        account = QuotaAccount.objects.get(customer=of)
        return Hold.objects.create(account=account, order_number=number, amount=amount, held_at=at)

    monkeypatch.setattr(quota, "hold", hold_unchecked)
    with connection.cursor() as cursor:
        definitions = {}
        for name in CHECKS:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            definitions[name] = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE credit_quotaaccount DROP CONSTRAINT {name}")
        yield
        cursor.execute('UPDATE credit_quotaaccount SET "limit" = held, granted = held')
        for name, definition in definitions.items():
            cursor.execute(f"ALTER TABLE credit_quotaaccount ADD CONSTRAINT {name} {definition}")


def forty_checkouts(of: Customer, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All have seen a waiver of 300 and passed the check of the figures before the first takes anything."""
    plan, address = make.plan("mini-4"), make.address(of)
    shown = checkout.quote(of, plan, 3, ON)
    assert shown.waived == EACH
    monkeypatch.setattr(stock, "reserve", together.meeting(MANY, stock.reserve))

    def place(number: int) -> Any:
        return checkout.place(of, plan.pk, 3, address, shown.digest, f"key-{number}", AT)

    return together.at_once([lambda number=n: place(number) for n in range(MANY)])  # type: ignore[misc]


def test_forty_checkouts_at_once_leave_exactly_the_three_holds_that_fit(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = forty_checkouts(customer, monkeypatch)
    refusals = [answer for answer in answers if isinstance(answer, quota.QuotaExhausted)]
    assert len(refusals) == MANY - 3
    account = QuotaAccount.objects.get(customer=customer)
    assert account.held == EACH * 3
    assert Hold.objects.filter(account=account, state=Hold.State.HELD).count() == Order.objects.count() == 3
    assert stock.available(*Order.objects.values_list("merchant_id", "plan__sku_id").distinct().get()) == 3  # of six
    assert walks.broken() == {}


def test_forty_checkouts_at_once_waive_no_more_devices_than_the_tier_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    of = of_tier(2)
    answers = forty_checkouts(of, monkeypatch)
    assert sum(isinstance(answer, quota.DevicesExhausted) for answer in answers) == MANY - 2
    assert quota.devices_held(of) == Order.objects.count() == 2
    assert walks.broken() == {}


@pytest.mark.parametrize("guarded", [True, False])
def test_checkouts_at_once_leave_no_more_open_orders_than_a_customer_may_have(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a decision, so that no quota holds them back; without the lock a sixth one slips in."""
    many, of = checkout.MOST_OPEN_ORDERS + 3, make.verified()
    plan, address = make.plan("mini-4"), make.address(of)
    shown = checkout.quote(of, plan, 3, ON)
    monkeypatch.setattr(stock, "reserve", together.meeting(many, lambda *_: None))  # nor does the stock
    if not guarded:
        monkeypatch.setattr(checkout, "_require_room", together.meeting(many, _count_unlocked))

    def place(number: int) -> Any:
        return checkout.place(of, plan.pk, 3, address, shown.digest, f"key-{number}", AT)

    answers = together.at_once([lambda number=n: place(number) for n in range(many)])  # type: ignore[misc]
    refusals = [answer for answer in answers if isinstance(answer, checkout.TooManyOpenOrders)]
    placed = Order.objects.filter(customer=of).count()
    assert placed == many - len(refusals)
    assert (placed == checkout.MOST_OPEN_ORDERS) is guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_two_checkouts_of_the_same_devices_never_wait_for_each_other(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One lists them the other way round. Taken as they are listed, each holds what the other one needs."""
    plans, met = [make.plan("mini-4"), make.plan("q7-pro")], threading.Barrier(2)
    people = [(of, make.address(of)) for of in (make.verified(), make.verified())]

    def reserve(*shelf: int) -> None:
        taken(*shelf)
        with suppress(threading.BrokenBarrierError):
            met.wait(1.0)

    taken = stock.reserve
    monkeypatch.setattr(stock, "reserve", reserve)
    if not guarded:
        monkeypatch.setattr(reservations, "keep_all", _as_listed)

    def place(number: int) -> Any:
        of, address = people[number]
        lines = [(plan, Wanted(plan.pk, 6)) for plan in plans[:: -1 if number else 1]]
        digest = checkout.quote_together(of, lines, ON).digest
        return checkout.place_together(of, [line for _plan, line in lines], address, digest, "k", AT)

    def both() -> None:
        together.at_once([lambda: place(0), lambda: place(1)])

    if not guarded:
        with pytest.raises(OperationalError, match="deadlock"):
            both()
        return
    both()
    assert Order.objects.count() == 4


def _as_listed(orders: list[Order], at: datetime) -> None:
    for order in orders:
        reservations.keep(order, at)


def _count_unlocked(of: Customer, _placed: int) -> None:
    """Check, then commit: each sees its own order only."""
    if of.orders.count() > checkout.MOST_OPEN_ORDERS:
        raise checkout.TooManyOpenOrders(count=of.orders.count())


def test_without_the_guards_the_same_checkouts_break_the_quota(
    guards_off: None, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    forty_checkouts(customer, monkeypatch)
    account = QuotaAccount.objects.get(customer=customer)
    assert account.held > LIMIT
    assert Order.objects.count() > 3
    assert any(name.startswith("1 ") for name in walks.broken())
