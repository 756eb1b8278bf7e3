"""One balance, wanted twice at the same moment: every fen goes once. With the locks off the same race must fail."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from billing.models import BalanceUse, Lease, Refund
from billing.rules.balance import Rest
from billing.services import balance, offline, statements
from billing.services.offline import Receipt
from core import invariants
from core.calendar import instant
from core.errors import DomainError
from tests import things
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
START, DUE = date(2026, 2, 28), date(2026, 3, 28)
BALANCE = Decimal("551.83")  # one rent, and no more
NOON = instant(DUE, 12)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert [one.number for one in invariants.all_invariants() if invariants.violations(one)] == []


@pytest.fixture
def leases() -> list[Lease]:
    """Two of one customer, each with a bill due on one day, and money for one of them."""
    first = things.lease(at=instant(START, 10), start=START)
    second = things.lease(first.customer, at=instant(START, 10), start=START)
    bill, at = things.bill(first), instant(START, 11)
    amount = statements.view(bill, START).owed_now + BALANCE
    offline.record(first.customer, [bill.pk], Receipt(amount, at, "B-1", "-"), "operator:1", at)
    return [first, second]


def use(lease: Lease) -> Callable[[], Any]:
    return lambda: balance.use(lease.customer, [things.bill(lease, 2).pk], BalanceUse.Why.DUE, NOON)


def pay_out(lease: Lease) -> Callable[[], Any]:
    return lambda: balance.pay_out(lease.customer, NOON)


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look before either writes."""
    both_looked = threading.Barrier(2)

    def looked(customer: Any) -> list[Rest]:
        rests = balance._rests(customer)
        both_looked.wait(together.PATIENCE_S)
        return rests

    monkeypatch.setattr(balance, "_locked_rests", looked)


@pytest.mark.parametrize("turn", range(5))
def test_two_due_dates_at_once_share_one_balance(leases: list[Lease], turn: int) -> None:
    outcomes = together.at_once([use(lease) for lease in leases])
    assert sorted(type(one).__name__ for one in outcomes) == ["BalanceEmpty", "BalanceUse"]
    assert sum(things.bill(lease, 2).paid for lease in leases) == BALANCE
    assert statements.credit_balance(leases[0].customer) == 0


@pytest.mark.parametrize("turn", range(5))
def test_paid_out_or_used_never_both(leases: list[Lease], turn: int) -> None:
    together.at_once([use(leases[0]), pay_out(leases[0])])
    used = things.bill(leases[0], 2).paid
    back = sum(refund.amount for refund in Refund.objects.all())
    assert (used, back) in {(BALANCE, 0), (0, BALANCE)}


@pytest.mark.parametrize("turn", range(3))
def test_ten_taps_on_paying_out_pay_it_once(leases: list[Lease], turn: int) -> None:
    outcomes = together.at_once([pay_out(leases[0])] * 10)
    assert sum(not isinstance(one, DomainError) for one in outcomes) == 1
    assert Refund.objects.get().amount == BALANCE


def test_without_the_lock_two_due_dates_want_one_fen_twice(
    leases: list[Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the database's last line holds then."""
    unlocked(monkeypatch)
    with pytest.raises(IntegrityError, match="not_below_zero"):
        together.at_once([use(lease) for lease in leases])


def test_without_the_lock_it_would_be_used_and_paid_out(leases: list[Lease], monkeypatch: pytest.MonkeyPatch) -> None:
    unlocked(monkeypatch)
    with pytest.raises((IntegrityError, OperationalError), match=r"not_below_zero|deadlock"):
        together.at_once([use(leases[0]), pay_out(leases[0])])
