"""Clocks two hours wrong, months that end, a leap day, days without a beat: no fen is lost and none moves twice."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import stamina
import time_machine
from django.core.cache import cache
from django.test import Client

from billing.models import AutopayAgreement, AutopayTry, Lease, MerchantStatement, Payment, Posting, Refund
from billing.services import autopay, deductions, refunds, settlements, statements
from billing.services import payments as billing_payments
from core import calendar, clock, jobs
from core.calendar import instant
from core.models import JobRun, OutboxMessage
from integrations import http
from integrations.errors import CallRefused
from orders.models import Order, State
from orders.services import payments, polling
from orders.services import statements as reconciling
from sandbox import keys, visitors
from sandbox import models as there
from sandbox.models import OutgoingNotice
from sandbox.services import notices
from sandbox.views import gateway
from sandbox.views import wechat as wechat_views
from tests import make, movements, things, walks
from tests.faults import together

within = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)
AT = things.AT
LATER = AT + timedelta(minutes=10)
PART = Decimal("100.00")
LEAP_DAY = date(2028, 2, 29)


@pytest.fixture(autouse=True)
def _sound_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker.kwargs else "db")
    keys.make_all()
    with stamina.set_testing(True, attempts=http.ATTEMPTS):
        yield
    assert walks.broken() == {}


# two hours


@pytest.fixture(params=[timedelta(hours=2), timedelta(hours=-2)], ids=["two hours ahead", "two hours behind"])
def skewed(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on the providers' clock is that far from ours; calling it sets both right again."""
    theirs = SimpleNamespace(now=lambda: clock.now() + request.param)
    for module in (gateway, wechat_views):
        monkeypatch.setattr(module, "clock", theirs)

    def mended() -> None:
        for module in (gateway, wechat_views):
            monkeypatch.setattr(module, "clock", clock)

    return mended


@pytest.fixture(params=["alipay", "wechat"])
def paid(request: Any) -> Payment:
    """A payment that came in while all clocks were right."""
    bill = things.bill(things.lease())
    made = billing_payments.open(
        bill.lease.customer, [bill.pk], request.param, at=AT, expires_at=AT + timedelta(minutes=30)
    )
    with make.moment(AT):
        visitors.pay(billing_payments.page(made, things.RETURN_URL), things.PHONE)
    make.deliver_notices(AT)
    return things.again(made)


@within
def test_a_refund_that_a_wrong_clock_could_not_send_is_sent_once_when_it_is_right(
    paid: Payment, skewed: Callable[[], None]
) -> None:
    """The provider turns our calls away for their instant: that is no word about the money, and no final no."""
    refund = refunds.request(paid.pk, PART, "test", LATER, things.lease_of(paid))
    with make.moment(LATER), pytest.raises(CallRefused):
        refunds.send(refund.pk, LATER)
    assert things.again(refund).state == Refund.State.REQUESTED
    skewed()
    for minutes in (3, 6):
        cache.clear()
        with make.moment(LATER + timedelta(minutes=minutes)):
            polling.ask_open(LATER + timedelta(minutes=minutes))
    assert things.again(refund).state == Refund.State.SUCCEEDED
    assert there.Refund.objects.count() + there.WechatRefund.objects.count() == 1


@within
def test_a_payment_whose_time_is_two_hours_off_ours_is_posted_with_the_providers_time() -> None:
    """Paid at the provider's 23:30 of the last free day, our clock already after midnight: no late fee."""
    lease = things.lease(start=things.ON)
    bill = things.bill(lease, 2)
    last_free = statements.view(bill, things.ON).last_free_day
    assert last_free is not None
    theirs, ours = instant(last_free, 23, 30), instant(last_free + timedelta(days=1), 1, 30)
    attempt = things.attempt(bill, at=instant(last_free, 23))
    payments.receive("alipay", things.success(attempt, theirs), ours)
    assert (things.again(attempt).paid_at, things.bill(lease, 2).fee) == (theirs, 0)


@within
@pytest.mark.parametrize("hours", [2, -2])
def test_a_wechat_notice_stamped_two_hours_off_is_refused_and_the_question_finds_the_money(hours: int) -> None:
    """Its freshness cannot be judged, so it is told again; the poller does not wait for that."""
    bill = things.bill(things.lease())
    made = billing_payments.open(bill.lease.customer, [bill.pk], "wechat", at=AT, expires_at=AT + timedelta(minutes=30))
    with make.moment(AT):
        visitors.pay(billing_payments.page(made, things.RETURN_URL), things.PHONE)
    letter = notices._letter(OutgoingNotice.objects.get(), AT + timedelta(hours=hours))
    with make.moment(AT):
        assert notices.into(Client())(letter).status == 400
    with make.moment(AT + timedelta(minutes=1)):
        assert polling.ask_open(AT + timedelta(minutes=1)) == 1
    assert things.again(made).state == Payment.State.SUCCEEDED


@within
def test_our_clock_set_back_posts_nothing_twice_and_loses_nothing() -> None:
    lease = things.lease()
    attempt = things.attempt(things.bill(lease))
    payments.receive("alipay", things.success(attempt, AT + timedelta(hours=2)), AT + timedelta(hours=2))
    assert payments.receive("alipay", things.success(attempt, AT + timedelta(hours=2)), AT) == "known"
    assert things.bill(lease).state == "PAID"
    refund = refunds.request(attempt.pk, PART, "test", AT, things.lease_of(attempt))
    assert refund.payment_id == attempt.pk


# months


@within
def test_a_lease_of_31_january_falls_due_on_the_leap_day_and_is_charged_once() -> None:
    lease = things.lease(start=date(2028, 1, 31), at=instant(date(2028, 1, 31), 10))
    assert [bill.due_date for bill in lease.bills.order_by("number")][1:] == [LEAP_DAY, date(2028, 3, 31)]
    for day in (date(2028, 2, 28), LEAP_DAY, date(2028, 3, 1)):
        jobs.run_day(day, instant(day, 10))
    posting = Posting.objects.get(key=f"bill:{things.bill(lease, 2).pk}")
    assert posting.day == LEAP_DAY


@within
def test_the_leap_day_is_settled_with_its_month_and_the_minute_after_it_with_the_next() -> None:
    lease = things.lease(start=date(2028, 1, 31), at=instant(date(2028, 1, 31), 10))
    settlements.set_commission(lease.merchant, Decimal("0.05"), date(2028, 1, 1), things.operator())
    things.paid(things.bill(lease, 2), at=instant(LEAP_DAY, 23, 59))
    things.paid(things.bill(lease, 3), at=instant(date(2028, 3, 1)))
    jobs.run_day(date(2028, 3, 1), instant(date(2028, 3, 1), 10))
    [february] = MerchantStatement.objects.filter(merchant=lease.merchant)
    assert (february.month, february.gross) == (date(2028, 2, 1), things.bill(lease, 2).paid)


@within
def test_the_leap_days_statement_is_reconciled() -> None:
    customer = things.customer()
    movements.payment(customer, "alipay", Decimal("309.00"), instant(LEAP_DAY, 0, 1))
    movements.payment(customer, "wechat", Decimal("310.00"), instant(LEAP_DAY, 23, 58))
    morning = instant(date(2028, 3, 1), 10)
    with make.moment(morning):
        assert reconciling.reconcile_due(morning) == 2


# beats


@within
def test_three_days_without_a_beat_charge_every_bill_and_settle_the_month_once() -> None:
    start = date(2026, 3, 31)
    leases = [things.lease(start=start - timedelta(days=n), at=instant(start, 10)) for n in (0, 1, 2)]  # 28–31 March
    for one in leases:
        settlements.set_commission(one.merchant, Decimal("0.05"), date(2026, 1, 1), things.operator())
        things.paid(things.bill(one), at=instant(start, 11))
    jobs.catch_up(date(2026, 4, 28), instant(date(2026, 4, 28), 10))
    until = date(2026, 5, 1)
    jobs.catch_up(until, instant(until, 10))
    jobs.catch_up(until, instant(until, 11))
    due = [bill for one in leases for bill in one.bills.filter(number=2)]
    assert {bill.due_date for bill in due} == {date(2026, 4, 29), date(2026, 4, 30)}
    assert Posting.objects.filter(key__in=[f"bill:{bill.pk}" for bill in due]).count() == 3
    months = MerchantStatement.objects.values_list("month", flat=True)
    assert list(months) == [date(2026, 4, 1)] * 3  # one for each merchant, with what came in before anything ran
    assert JobRun.objects.filter(job="billing.due", finished_at=None).count() == 0


@committed
def test_two_beats_at_once_deduct_a_bill_once() -> None:
    order = make.order(State.ACTIVE, slug="mini-4", months=3, of=make.customer(726))
    on, at = agreed(order)
    counts = together.at_once([lambda: deductions.due(on, at)] * 4)
    assert sum(counts) == 1
    assert AutopayTry.objects.count() == 1
    assert OutboxMessage.objects.filter(topic=deductions.DEDUCT_REQUESTED).count() == 1


def agreed(order: Order) -> tuple[date, datetime]:
    """Autopay is on; the day and instant of its next deduction."""
    start = make.AT + timedelta(minutes=10)
    with make.moment(start):
        made = autopay.open(order.lease_id, "alipay", on=calendar.business_date(start), at=start)
        phone = str(order.customer.user.phone.open(by="t", purpose="t", at=start))
        visitors.pay(autopay.page(made, things.RETURN_URL, "phone"), phone)
    make.deliver_notices(start)
    assert AutopayAgreement.objects.get().state == AutopayAgreement.State.ACTIVE
    due = Lease.objects.get(pk=order.lease_id).bills.get(number=2).due_date
    assert due is not None
    return due, instant(due, 10)


@within
def test_three_days_without_a_beat_over_a_due_date_deduct_nothing_for_a_day_that_is_gone() -> None:
    """Nobody is charged by surprise: the day after counts as the retry that the customer was told of."""
    order = make.order(State.ACTIVE, slug="mini-4", months=3, of=make.customer(726))
    on, _at = agreed(order)
    back = on + timedelta(days=2)
    with time_machine.travel(instant(back, 10), tick=False):
        jobs.catch_up(on - timedelta(days=1), instant(back, 10))
        jobs.catch_up(back, instant(back, 10))
    assert not AutopayTry.objects.exists()
    assert Posting.objects.filter(key=f"bill:{order.lease.bills.get(number=2).pk}").count() == 1
    third = on + timedelta(days=3)
    make.drain(instant(back, 11))
    with make.moment(instant(third, 10)):
        jobs.catch_up(third, instant(third, 10))
    make.drain(instant(third, 10))
    assert AutopayTry.objects.get().payment.state == Payment.State.SUCCEEDED
