"""A merchant's score is what was promised and what was kept, counted; late deposits are told and marked (G18, C14)."""

from datetime import date, timedelta

import pytest

from billing.models import Deposit, DepositRelease
from billing.services import deposits, promises
from core.calendar import instant
from notices.models import Message
from orders.models import Order, State
from orders.rules.merits import Merits, Promises
from orders.services import merits
from tests import make, things

pytestmark = pytest.mark.django_db
TEN = Promises(10, 0)


@pytest.mark.parametrize(
    ("shipping", "inspection", "deposit", "score"),
    [
        (Promises(19, 1), Promises(0, 0), Promises(0, 0), 95),  # 19 of 20
        (Promises(100, 0), Promises(99, 1), Promises(0, 0), 99),  # 199 of 200, never rounded up
        (Promises(4, 0), Promises(0, 0), Promises(0, 0), None),
        (Promises(0, 5), Promises(0, 0), Promises(0, 0), 0),
        (TEN, TEN, Promises(8, 2), 93),  # 28 of 30 are 93.3
    ],
)
def test_the_score_is_the_share_of_promises_kept(
    shipping: Promises, inspection: Promises, deposit: Promises, score: int | None
) -> None:
    assert Merits(shipping, inspection, deposit).score == score


def test_a_whole_lease_keeps_three_promises() -> None:
    order = make.order(State.COMPLETED, slug="mini-4", months=3)
    at = make.AT + timedelta(days=120)
    make.drain(at)
    found = merits.of(Order.objects.get(pk=order.pk).merchant, at)
    assert (found.shipping, found.inspection) == (Promises(1, 0), Promises(1, 0))
    assert found.deposit.made == 1
    assert found.score is None
    assert merits.of(make.merchant_member("shiguang").membership.merchant, at).made == 0


@pytest.fixture
def releasing() -> Deposit:
    """Frozen, released on Monday 2 March: promised by Thursday 5 March."""
    lease = things.lease(deposit="2000", waived="500", start=things.ON)
    deposits.capture_freeze(things.ALIPAY, things.frozen(things.freeze(lease)), things.AT)
    return deposits.release(lease.pk, "test", on=things.ON, at=things.AT)


def kept(of: Deposit, on: date) -> tuple[int, int]:
    return promises.kept_and_broken(of.lease.merchant_id, things.ON, on)


def test_a_deposit_that_may_still_come_in_time_is_neither_kept_nor_broken(releasing: Deposit) -> None:
    assert releasing.promised_on == date(2026, 3, 5)
    assert kept(releasing, date(2026, 3, 5)) == (0, 0)
    assert promises.tell_late(date(2026, 3, 5), instant(date(2026, 3, 5), 10)) == 0


def test_back_on_the_promised_day_is_kept(releasing: Deposit) -> None:
    release = DepositRelease.objects.get()
    at = instant(date(2026, 3, 5), 23)
    deposits.apply_release(things.released(release.number, release.amount, at), at)
    assert kept(releasing, date(2026, 3, 9)) == (1, 0)


def test_a_late_one_is_told_once_and_marked_for_good(releasing: Deposit) -> None:
    at = instant(date(2026, 3, 6), 10)
    assert promises.tell_late(date(2026, 3, 6), at) == 1
    assert promises.tell_late(date(2026, 3, 7), at + timedelta(days=1)) == 0
    assert Message.objects.filter(template="deposit_late", channel="IN_APP").count() == 1
    assert kept(releasing, date(2026, 3, 6)) == (0, 1)
    release = DepositRelease.objects.get()
    deposits.apply_release(things.released(release.number, release.amount, at), at)
    assert kept(releasing, date(2026, 3, 9)) == (0, 1)
