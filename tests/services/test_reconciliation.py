"""Every error in a statement is found, nothing else is, and a statement can be taken as often as one likes."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from billing.invariants import INVARIANTS
from billing.models import Match, Payment, Posting, ReconciliationException, Refund, StatementFile
from billing.rules.postings import Kind as Account
from billing.services import ledger, payments, reckoning, reconciliation
from core import invariants
from core.calendar import instant
from core.models import Event
from integrations import registry
from integrations.errors import NotYet
from orders.services import statements
from sandbox import keys
from sandbox.models import Spoilt
from sandbox.services import statements as there
from tests import movements, things
from tests.movements import morning

pytestmark = pytest.mark.django_db
Kind = ReconciliationException.Name
State = ReconciliationException.State
DAYS = 50
FOUND = {
    Spoilt.Kind.MISSING: Kind.MISSING_THERE,
    Spoilt.Kind.NEXT_DAY: Kind.MISSING_THERE,
    Spoilt.Kind.EXTRA: Kind.MISSING_HERE,
    Spoilt.Kind.AMOUNT: Kind.AMOUNT,
    Spoilt.Kind.TWICE: Kind.TWICE,
    Spoilt.Kind.NUMBER: Kind.NUMBER,
}
STRANGE = [Spoilt.Kind.EXTRA, Spoilt.Kind.TAKEN]  # lines of what never was


@pytest.fixture(autouse=True)
def _keys() -> None:
    keys.make_all()


def take(channel: str, day: date) -> StatementFile:
    with time_machine.travel(instant(day + timedelta(days=1), 10), tick=False):
        return statements.reconcile(channel, day, instant(day + timedelta(days=1), 10))


def number_of(found: ReconciliationException) -> str:
    if found.chargeback is not None:
        return found.chargeback.dispute_number
    ours = found.refund or found.payment
    assert ours is not None
    return ours.number


def broken() -> dict[str, int]:
    return {one.number: count for one in INVARIANTS if (count := invariants.violations(one))}


@pytest.mark.parametrize("channel", ["alipay", "wechat"])
def test_every_error_of_fifty_random_days_is_found_and_nothing_else(channel: str) -> None:
    chance, customer = random.Random(channel), things.customer()
    there.spoil(channel, seed=7, errors=2)
    for ago in range(DAYS):
        day = things.ON + timedelta(days=ago)
        for _ in range(chance.randint(0, 4)):
            at = instant(day, chance.randint(0, 22), chance.randint(0, 59))
            made = movements.payment(customer, channel, Decimal(chance.randint(100, 99999)) / 100, at)
            if chance.random() < 0.3:
                movements.refund(made, Decimal("0.50"), at + timedelta(minutes=5))
            if channel == "wechat" and chance.random() < 0.2:
                movements.taken_back(made, at + timedelta(minutes=7))
        take(channel, day)
    take(channel, things.ON + timedelta(days=DAYS))
    spoilt = Counter((FOUND[Spoilt.Kind(one.kind)], one.number) for one in Spoilt.objects.exclude(kind__in=STRANGE))
    found = ReconciliationException.objects.select_related("payment", "refund__payment", "chargeback")
    assert Counter((Kind(one.kind), number_of(one)) for one in found.exclude(kind=Kind.MISSING_HERE)) == spoilt
    assert found.filter(kind=Kind.MISSING_HERE).count() == Spoilt.objects.filter(kind__in=STRANGE).count()
    assert set(Spoilt.objects.values_list("kind", flat=True)) == set(Spoilt.Kind.values)
    moved = set(Spoilt.objects.filter(kind="NEXT_DAY").values_list("number", flat=True))
    assert {number_of(one) for one in found.filter(state=State.RESOLVED)} == moved
    assert broken() == {}


def test_a_statement_is_taken_once(django_assert_max_num_queries: Any) -> None:
    made = movements.payment(things.customer(), "alipay", Decimal("309.00"), things.AT)
    movements.refund(made, Decimal("9.00"), things.AT + timedelta(hours=1))
    file = take("alipay", things.ON)
    assert file.sha256
    assert (file.lines.count(), Match.objects.count(), ReconciliationException.objects.count()) == (2, 2, 0)
    with django_assert_max_num_queries(5):
        again = take("alipay", things.ON)
    assert (again.pk, again.reconciled_at, Match.objects.count()) == (file.pk, file.reconciled_at, 2)
    assert Event.objects.filter(kind="statement_reconciled").count() == 1
    assert broken() == {}


def test_both_sides_and_the_clearing_account_come_to_the_same() -> None:
    customer = things.customer()
    made = movements.payment(customer, "wechat", Decimal("309.00"), things.AT)
    movements.payment(customer, "alipay", Decimal("5.00"), things.AT)
    movements.refund(made, Decimal("9.00"), things.AT + timedelta(hours=1))
    take("wechat", things.ON)
    shown = reckoning.day("wechat", things.ON)
    assert shown is not None
    assert (shown.is_even, shown.is_in_ledger, shown.matched, shown.differences) == (True, True, 2, [])
    assert shown.told_payments == reckoning.Sum(1, Decimal("309.00"))
    assert shown.cleared_in - shown.cleared_out == ledger.account(Account.CLEARING, channel="wechat").amount
    assert reckoning.day("wechat", things.ON + timedelta(days=1)) is None


@things.at_work
def test_money_that_no_notice_told_of_is_posted_by_the_statement_before_it_is_matched() -> None:
    bill = things.bill(things.lease())
    attempt = things.attempt(bill)
    things.pay_at_cashier(attempt)  # and the notice is lost
    assert things.again(attempt).state == Payment.State.OPEN
    take("alipay", things.ON)
    payment = things.again(attempt)
    assert payment.state == Payment.State.SUCCEEDED
    assert things.again(bill).paid == payment.amount
    assert Match.objects.get().payment == payment
    assert Posting.objects.filter(key=f"payment:{payment.number}").count() == 1
    assert broken() == {}


@things.at_work
def test_a_refund_of_unknown_outcome_is_settled_by_the_statement() -> None:
    attempt = things.attempt(things.bill(things.lease()))
    things.pay_at_cashier(attempt)
    payments.capture("alipay", payments.ask(attempt.pk), things.AT)
    from billing.services import refunds

    refund = refunds.request(attempt.pk, Decimal("10.00"), "test", things.AT, things.lease_of(attempt))
    registry.payments("alipay").refund(attempt.number, refund.number, refund.amount, "test")  # the answer is lost
    take("alipay", things.ON)
    assert things.again(refund).state == Refund.State.SUCCEEDED
    assert Match.objects.filter(refund=refund).exists()
    assert broken() == {}


def test_a_statement_that_is_not_out_is_asked_for_again() -> None:
    movements.payment(things.customer(), "alipay", Decimal("309.00"), things.AT)
    early = instant(things.ON + timedelta(days=1), 8)
    assert reconciliation.due(early) == []
    with time_machine.travel(early, tick=False), pytest.raises(NotYet):
        statements.reconcile("alipay", things.ON, early)
    assert not StatementFile.objects.exists()
    later = morning(things.AT)
    assert reconciliation.due(later) == [("alipay", things.ON)]
    with time_machine.travel(later, tick=False):
        assert statements.reconcile_due(later) == 1
        assert statements.reconcile_due(later) == 0
    assert reconciliation.due(later) == []


def test_days_that_were_missed_are_made_up_for_and_an_outage_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    movements.payment(things.customer(), "alipay", Decimal("309.00"), things.AT)
    after = instant(things.ON + timedelta(days=4), 10)
    with time_machine.travel(after, tick=False):
        with monkeypatch.context() as patch:
            patch.setattr("sandbox.conf.url", lambda: "http://elsewhere.test")
            assert statements.reconcile_due(after) == 0
        assert statements.reconcile_due(after) == 4
    assert list(StatementFile.objects.order_by("day").values_list("day", flat=True)) == [
        things.ON + timedelta(days=n) for n in range(4)
    ]
    assert reconciliation.due(after + timedelta(days=100))[0][1] == things.ON + timedelta(days=104 - 15)


def test_a_difference_is_resolved_once_with_a_reason_and_an_actor() -> None:
    there.spoil("alipay", seed=1, errors=1)
    movements.payment(things.customer(), "alipay", Decimal("309.00"), things.AT)
    take("alipay", things.ON)
    found = ReconciliationException.objects.get()
    reconciliation.resolve(found.pk, "asked Alipay, theirs", "operator:1", things.AT)
    done = things.again(found)
    assert (done.state, done.resolution, done.actor) == (State.RESOLVED, "asked Alipay, theirs", "operator:1")
    assert Event.objects.filter(kind="difference_resolved").count() == 1
    with pytest.raises(reconciliation.DifferenceResolved):
        reconciliation.resolve(found.pk, "again", "operator:1", things.AT)
    with pytest.raises(reconciliation.DifferenceUnknown):
        reconciliation.resolve(0, "nothing", "operator:1", things.AT)
    assert not reckoning.waiting().exists()
