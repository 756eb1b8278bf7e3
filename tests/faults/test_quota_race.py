"""Forty orders at once on one quota: exactly what fits is held. With the guard off the same race must break it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

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


def _definition(cursor: Any, name: str) -> str:
    cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
    return str(cursor.fetchone()[0])
