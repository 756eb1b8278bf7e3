"""Forty orders at once on one quota: exactly what fits is held. With the guard off the same race must break it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import Customer
from core.invariants import all_invariants, violations
from core.money import total
from credit.models import Hold, QuotaAccount
from credit.services import quota
from tests.trust import AT, signed_up

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 40
LIMIT, AMOUNT = Decimal("1000.00"), Decimal("300.00")


@pytest.fixture
def customer() -> Customer:
    made = signed_up()
    quota.set_limit(made, LIMIT, AT, reason="decision")
    return made


def race(act: Callable[[int, Barrier], Any]) -> list[Any]:
    """`act` in 40 threads with a connection each, set off together; what each came to, errors included."""
    start = Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            start.wait(timeout=30)
            return act(number, start)
        except quota.QuotaExhausted as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def held_in_rows(customer: Customer) -> Decimal:
    return total(Hold.objects.filter(account__customer=customer, state="HELD").values_list("amount", flat=True))


def broken() -> set[str]:
    return {each.number for each in all_invariants() if each.number in {"1", "2", "3", "5"} and violations(each)}


def test_forty_orders_at_once_take_exactly_what_fits(customer: Customer) -> None:
    """1,000 holds 3 × 300 and not a fourth."""

    def place(number: int, _: Barrier) -> Hold:
        with transaction.atomic():
            return quota.hold(customer, f"XO{number}", AMOUNT, AT)

    outcomes = race(place)
    assert sum(isinstance(outcome, Hold) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, quota.QuotaExhausted) for outcome in outcomes) == THREADS - 3
    assert held_in_rows(customer) == QuotaAccount.objects.get().held == Decimal("900.00")
    assert broken() == set()


def test_forty_releases_of_one_hold_give_back_once(customer: Customer) -> None:
    with transaction.atomic():
        quota.hold(customer, "XO1", AMOUNT, AT)
        quota.hold(customer, "XO2", AMOUNT, AT)
    outcomes = race(lambda _number, _start: quota.release("XO1", "cancelled", AT))
    assert outcomes.count(True) == 1
    assert QuotaAccount.objects.get().held == AMOUNT
    assert broken() == set()


def test_holds_releases_and_limits_at_once_conserve(customer: Customer) -> None:
    def mix(number: int, _: Barrier) -> None:
        if number % 4 == 3:
            quota.set_limit(customer, Decimal(400 + 20 * number), AT, reason="decision")
            return
        with transaction.atomic():
            quota.hold(customer, f"XO{number}", Decimal(50), AT)
        if number % 2:
            quota.release(f"XO{number}", "cancelled", AT)

    race(mix)
    assert QuotaAccount.objects.get().held == held_in_rows(customer)
    assert broken() == set()


def swapped(customer: Customer) -> None:
    """Twenty devices with 10.00 each, every one being swapped for one with 15.00: 5.00 more each."""
    with transaction.atomic():
        for pair in range(THREADS // 2):
            quota.hold(customer, f"OLD{pair}", Decimal("10.00"), AT)
            quota.hold(customer, f"NEW{pair}", Decimal("15.00"), AT, replaces=f"OLD{pair}")
    assert QuotaAccount.objects.get().held == Decimal("300.00")


def test_both_orders_of_a_swap_given_back_at_once_leave_nothing(customer: Customer) -> None:
    swapped(customer)
    race(lambda number, _start: quota.release(f"{'OLD' if number % 2 else 'NEW'}{number // 2}", "test", AT))
    assert QuotaAccount.objects.get().held == held_in_rows(customer) == Decimal("0.00")
    assert broken() == set()


def test_with_the_lock_off_both_orders_of_a_swap_believe_the_other_carries_it(customer: Customer) -> None:
    """The twin: each looks at the other's hold without a lock, then both are given back."""
    swapped(customer)
    race(lambda number, start: _look_then_release(f"{'OLD' if number % 2 else 'NEW'}{number // 2}", start))
    assert held_in_rows(customer) == Decimal("0.00")
    assert QuotaAccount.objects.get().held == Decimal("200.00")
    assert "2" in broken()


def test_with_the_guard_off_the_same_race_breaks_the_quota(customer: Customer) -> None:
    """The twin: look first, then insert, no CHECK. If this ever passes the limit unharmed, the race tests nothing."""
    checks = ("credit_quota_held_within_granted", "credit_quota_granted_is_limit_or_held")
    with connection.cursor() as cursor:
        kept = {name: _definition(cursor, name) for name in checks}
        for name in checks:
            cursor.execute(f"ALTER TABLE credit_quotaaccount DROP CONSTRAINT {name}")
    try:
        outcomes = race(lambda number, start: _look_then_take(customer, number, start))
        assert sum(isinstance(outcome, Hold) for outcome in outcomes) == THREADS
        assert held_in_rows(customer) == THREADS * AMOUNT > LIMIT
        assert "1" in broken()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM credit_hold")
            cursor.execute('UPDATE credit_quotaaccount SET held = 0, granted = "limit"')
            for name, definition in kept.items():
                cursor.execute(f"ALTER TABLE credit_quotaaccount ADD CONSTRAINT {name} {definition}")


def _look_then_take(customer: Customer, number: int, start: Barrier) -> Hold:
    with transaction.atomic():
        account = QuotaAccount.objects.get(customer=customer)
        if account.limit - account.held < AMOUNT:
            raise quota.QuotaExhausted
        start.wait(timeout=30)  # everybody has looked
        QuotaAccount.objects.filter(pk=account.pk).update(held=account.held + AMOUNT)
        return Hold.objects.create(account=account, order_number=f"XO{number}", amount=AMOUNT, held_at=AT)


def _look_then_release(order_number: str, start: Barrier) -> None:
    with transaction.atomic():
        hold = Hold.objects.select_related("former").get(order_number=order_number)
        less = hold.takes - total(hold.followers.filter(state="HELD").values_list("counted_back", flat=True))
        start.wait(timeout=30)  # everybody has looked
        hold.release("test", AT)
        hold.save()
        left = F("held") - less
        QuotaAccount.objects.filter(pk=hold.account_id).update(held=left, granted=Greatest(F("limit"), left))


def _definition(cursor: Any, name: str) -> str:
    cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
    return str(cursor.fetchone()[0])
