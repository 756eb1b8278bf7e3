"""Automatic payment over a term: agreed to, announced, deducted, tried again, ended (domain.md §6)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import AutopayAgreement, AutopayTry, Bill, Payment
from billing.services import autopay, deductions, leases, payments, reminders
from core import calendar
from core.models import InboxNotice, OutboxMessage
from integrations.errors import ProviderUnavailable
from integrations.payments import AgreementFact, AgreementStatus
from notices.models import Message
from orders.models import Order, State
from orders.services import payments as money
from orders.services import polling
from sandbox import visitors
from sandbox.models import Trade, UserAgreement
from sandbox.services import faults
from sandbox.services.faults import Kind
from tests import make, things, walks

pytestmark = pytest.mark.django_db
RENT = Decimal("309.00")
PAY = "alipay.trade.pay"
BACK = "http://testserver/"
ON = AutopayAgreement.State.ACTIVE
ENDED = AutopayAgreement.State.ENDED


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert walks.broken() == {}


def bill(order: Order, number: int = 2) -> Bill:
    return Bill.objects.select_related("lease").get(lease=order.lease_id, number=number)


def due_at(order: Order, days: int = 0, hour: int = 10, number: int = 2) -> datetime:
    due = bill(order, number).due_date
    assert due is not None
    return calendar.instant(due + timedelta(days=days), hour)


def on(at: datetime) -> date:
    return calendar.business_date(at)


def agreed(order: Order, days: int = -10, deliver: bool = True) -> AutopayAgreement:
    """Turned on so many days from the due date of bill 2, and agreed to at the provider."""
    at = due_at(order, days, 12)
    with make.moment(at):
        made = autopay.open(order.lease_id, "alipay", on=on(at), at=at)
        visitors.pay(autopay.page(made, BACK, "phone"), phone(order))
    if deliver:
        make.deliver_notices(at)
    return AutopayAgreement.objects.get(pk=made.pk)


def phone(order: Order) -> str:
    opened: str = order.customer.user.phone.open(by="test", purpose="test", at=make.AT)
    return opened


def run(order: Order, days: int, *, hear: bool = True) -> int:
    """What the clock does at 10:00 so many days after the due date, the workers, and the provider's notices."""
    at = due_at(order, days)
    tried = deductions.due(on(at), at)
    deductions.announce(on(at), at)
    make.drain(at)
    if hear:
        make.deliver_notices(at)
    return tried


def told(order: Order, template: str) -> list[dict[str, str]]:
    rows = Message.objects.filter(user=order.customer.user, template=template, channel=Message.Channel.IN_APP)
    return [row.params for row in rows.order_by("pk")]


# agreeing


def test_it_is_on_once_the_customer_agreed_at_the_provider(order: Order) -> None:
    made = agreed(order)
    assert (made.state, made.first_on, made.end_reason) == (ON, bill(order).due_date, "")
    assert made.most == Decimal("370.80")  # 309.00 and the highest late fee, 20 %
    assert made.provider_number == UserAgreement.objects.get().agreement_no
    assert InboxNotice.objects.latest("pk").outcome == "posted"


def test_the_page_that_comes_back_and_the_poller_find_what_no_notice_told(order: Order) -> None:
    faults.order("notice:dut_user_sign", Kind.DROP)
    made = agreed(order)
    assert made.state == AutopayAgreement.State.DRAFT
    later = due_at(order, -10, 12) + timedelta(minutes=2)
    with make.moment(later):
        assert polling.ask_open(later) >= 1
    assert AutopayAgreement.objects.get().state == ON


def test_a_notice_that_comes_twice_changes_nothing(order: Order) -> None:
    faults.order("notice:dut_user_sign", Kind.DUPLICATE, argument="3")
    made = agreed(order)
    assert made.state == ON
    assert AutopayAgreement.objects.count() == 1


def test_a_proposal_is_continued_then_forgotten_and_late_consent_is_given_back(order: Order) -> None:
    at = due_at(order, -10, 12)
    with make.moment(at):
        first = autopay.open(order.lease_id, "alipay", on=on(at), at=at)
        assert autopay.open(order.lease_id, "alipay", on=on(at), at=at + timedelta(minutes=1)).pk == first.pk
        url = autopay.page(first, BACK, "phone")
    later = at + timedelta(hours=1)
    with make.moment(later):
        assert autopay.ask(first.pk, later)
        visitors.pay(url, phone(order))
    make.deliver_notices(later)
    ended = AutopayAgreement.objects.get()
    assert (ended.state, ended.end_reason) == (ENDED, "NOT_AGREED")
    assert ended.unsigned_at
    assert UserAgreement.objects.get().status == "UNSIGN"


def test_it_cannot_be_turned_on_twice_nor_without_a_running_lease(order: Order) -> None:
    agreed(order)
    at = due_at(order, -9)
    with pytest.raises(autopay.AutopayIsOn):
        autopay.open(order.lease_id, "alipay", on=on(at), at=at)
    fresh = make.order(State.APPROVED, slug="mini-4", months=3)
    with pytest.raises(leases.LeaseNotLive):
        autopay.open(fresh.lease_id, "alipay", on=on(at), at=at)


# deducting


def test_a_bill_is_announced_the_day_before_and_deducted_at_ten(order: Order) -> None:
    agreed(order)
    assert run(order, -1) == 0
    [ahead] = told(order, "bill_autopay_ahead")
    assert (ahead["amount"], ahead["day"], ahead["number"]) == ("309.00", str(bill(order).due_date), "2")
    assert run(order, 0) == 1
    paid = bill(order)
    assert (paid.state, paid.paid) == (Bill.State.PAID, RENT)
    assert run(order, 0) == 0
    assert run(order, 1) == 0
    assert Trade.objects.filter(agreement__isnull=False).count() == 1
    assert len(told(order, "bill_autopay_ahead")) == 1
    assert not told(order, "bill_autopay_failed")


def test_every_bill_of_the_term_is_paid_by_itself(order: Order) -> None:
    agreed(order)
    for number in range(2, 13):
        at = due_at(order, 0, number=number)
        assert deductions.due(on(at), at) == 1
        make.drain(at)
        make.deliver_notices(at)
    assert set(Bill.objects.filter(lease=order.lease_id).values_list("state", flat=True)) == {Bill.State.PAID}
    assert AutopayTry.objects.count() == 11


def test_a_refusal_is_told_with_its_reason_and_tried_on_the_right_days_only(order: Order) -> None:
    agreed(order)
    faults.order(PAY, Kind.NO_BALANCE, times=9)
    tried = [day for day in range(12) if run(order, day)]
    assert tried == [0, 1, 3, 7]
    failed, over = told(order, "bill_autopay_failed"), told(order, "bill_autopay_over")
    due = bill(order).due_date
    assert due is not None
    assert [each["day"] for each in failed] == [str(due + timedelta(days=day)) for day in (1, 3, 7)]
    assert {each["reason"] for each in [*failed, *over]} == {"BALANCE"}
    assert len(over) == 1
    assert {each.payment.declined for each in deductions.tries(bill(order))} == {"BALANCE"}
    assert bill(order).state == Bill.State.OPEN


def test_what_the_customer_paid_himself_between_two_tries_is_not_deducted(order: Order) -> None:
    agreed(order)
    faults.order(PAY, Kind.NO_BALANCE)
    run(order, 0)
    make.pay_bill(order, 2, due_at(order, 0, 15))
    assert run(order, 1) == 0
    assert not told(order, "bill_autopay_over")
    assert bill(order).state == Bill.State.PAID


def test_while_the_customer_pays_himself_nothing_is_deducted(order: Order) -> None:
    agreed(order)
    at = due_at(order, 0)
    money.pay_bills(order, [bill(order).pk], at - timedelta(minutes=5))
    assert run(order, 0) == 0


def test_while_a_deduction_is_open_nobody_else_pays_and_nobody_is_reminded(order: Order) -> None:
    agreed(order)
    faults.order(PAY, Kind.DOWN, times=5)
    at = due_at(order, 0)
    deductions.due(on(at), at)
    with pytest.raises(ProviderUnavailable):
        make.drain(at)
    with pytest.raises(payments.AttemptOpen) as under_way:
        money.pay_bills(order, [bill(order).pk], at)
    with pytest.raises(deductions.BeingDeducted):
        money.page(under_way.value.payment, BACK)
    assert reminders.send(on(at), at) == 0


def test_a_covered_bill_is_not_reminded_of_before_its_due_date(order: Order) -> None:
    at = due_at(order, -3)
    assert reminders.send(on(at), at) == 1
    agreed(order, -3)
    later = due_at(order, -1)
    assert reminders.send(on(later), later) == 0


def test_bills_overdue_when_it_is_turned_on_are_not_deducted(order: Order) -> None:
    agreed(order, 2)
    assert run(order, 3) == 0
    at = due_at(order, 0, number=3)
    assert deductions.due(on(at), at) == 1


def test_a_day_that_is_over_is_not_made_up_for(order: Order) -> None:
    agreed(order)
    late = due_at(order, 1)
    assert deductions.due(on(due_at(order, 0)), late) == 0
    assert deductions.due(on(late), late) == 1


# unknown answers


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.LOSE_REPLY])
def test_an_unknown_answer_is_asked_about_and_the_money_posted_once(order: Order, kind: Kind) -> None:
    agreed(order)
    faults.order(PAY, kind, times=5)
    faults.order("notice:trade_status_sync", Kind.DROP)
    at = due_at(order, 0)
    deductions.due(on(at), at)
    with pytest.raises(ProviderUnavailable):
        make.drain(at)
    assert AutopayTry.objects.get().payment.state == Payment.State.OPEN
    assert run(order, 1) == 0  # never on an unknown attempt
    faults.forget()
    later = at + timedelta(minutes=2)
    with make.moment(later):
        polling.ask_open(later)
    assert bill(order).state == Bill.State.PAID
    OutboxMessage.objects.filter(topic=deductions.DEDUCT_REQUESTED).update(done_at=None, published_at=None)
    make.drain(later)
    assert Trade.objects.filter(agreement__isnull=False).count() == 1
    assert not told(order, "bill_autopay_failed")


def test_a_deduction_that_is_accepted_and_fails_later_is_closed_and_tried_again(order: Order) -> None:
    agreed(order)
    faults.order(PAY, Kind.FAIL_LATER, argument="1")
    at = due_at(order, 0)
    deductions.due(on(at), at)
    with pytest.raises(ProviderUnavailable):
        make.drain(at)
    later = at + timedelta(hours=2)
    with make.moment(later):
        polling.ask_open(later)
    assert AutopayTry.objects.get().payment.state == Payment.State.CLOSED
    assert len(told(order, "bill_autopay_failed")) == 1
    OutboxMessage.objects.filter(topic=deductions.DEDUCT_REQUESTED).update(done_at=None, published_at=None)
    assert run(order, 1) == 1
    assert bill(order).state == Bill.State.PAID


# ending


def test_turned_off_it_is_over_at_once_and_at_the_provider_soon(order: Order) -> None:
    agreed(order)
    at = due_at(order, -1, 12)
    faults.order("alipay.user.agreement.unsign", Kind.DOWN, times=5)
    assert autopay.revoke(order.lease_id, at)
    assert not autopay.revoke(order.lease_id, at)
    assert run_quietly(order, 0) == 0
    faults.forget()
    OutboxMessage.objects.filter(done_at=None).update(published_at=None)
    make.drain(due_at(order, 0, 12))
    make.deliver_notices(due_at(order, 0, 12))
    ended = AutopayAgreement.objects.get()
    assert (ended.state, ended.end_reason) == (ENDED, "CUSTOMER")
    assert ended.unsigned_at
    assert UserAgreement.objects.get().status == "UNSIGN"
    assert not told(order, "autopay_ended")


def run_quietly(order: Order, days: int) -> int:
    at = due_at(order, days)
    tried = deductions.due(on(at), at)
    with pytest.raises(ProviderUnavailable):
        make.drain(at)
    return tried


def test_ended_at_the_provider_it_is_over_here_and_the_customer_hears_of_it(order: Order) -> None:
    made = agreed(order)
    at = due_at(order, -2, 12)
    with make.moment(at):
        visitors.end_agreement(made.provider_number or "")
    make.deliver_notices(at)
    ended = AutopayAgreement.objects.get()
    assert (ended.state, ended.end_reason, ended.unsigned_at) == (ENDED, "PROVIDER", at)
    assert len(told(order, "autopay_ended")) == 1
    assert run(order, 0) == 0


def test_an_end_that_nobody_told_of_shows_at_the_next_deduction(order: Order) -> None:
    made = agreed(order)
    at = due_at(order, -2, 12)
    faults.order("notice:dut_user_unsign", Kind.DROP)
    with make.moment(at):
        visitors.end_agreement(made.provider_number or "")
    assert run(order, 0) == 1
    assert AutopayAgreement.objects.get().end_reason == "PROVIDER"
    assert AutopayTry.objects.get().payment.declined == "AGREEMENT"
    assert run(order, 1) == 0
    assert bill(order).state == Bill.State.OPEN


def test_turned_off_between_the_intent_and_the_call_nothing_is_deducted(order: Order) -> None:
    agreed(order)
    at = due_at(order, 0)
    deductions.due(on(at), at)
    autopay.revoke(order.lease_id, at)
    make.drain(at)
    tried = AutopayTry.objects.get()
    assert (tried.sent_at, tried.payment.state) == (None, Payment.State.CLOSED)
    assert not Trade.objects.filter(agreement__isnull=False).exists()
    assert not told(order, "bill_autopay_failed")
    assert money.pay_bills(order, [bill(order).pk], at).amount == RENT  # the way is free for his own payment


def test_turned_off_while_a_deduction_is_unknown_its_money_is_posted_once(order: Order) -> None:
    agreed(order)
    faults.order(PAY, Kind.LOSE_REPLY, times=5)
    at = due_at(order, 0)
    deductions.due(on(at), at)
    with pytest.raises(ProviderUnavailable):
        make.drain(at)
    faults.forget()
    autopay.revoke(order.lease_id, at - timedelta(seconds=1))  # its clock was read a moment before
    assert deductions.is_under_way(order.lease)
    OutboxMessage.objects.filter(done_at=None).update(published_at=None)
    make.drain(at + timedelta(minutes=1))
    make.deliver_notices(at + timedelta(minutes=1))
    assert bill(order).state == Bill.State.PAID
    assert Trade.objects.filter(agreement__isnull=False).count() == 1


def test_stale_consent_does_not_revive_what_was_turned_off(order: Order) -> None:
    faults.order("notice:dut_user_sign", Kind.DELAY, argument="7200")
    agreed(order)
    at = due_at(order, -10, 12)
    assert autopay.revoke(order.lease_id, at + timedelta(minutes=1))
    make.drain(at + timedelta(minutes=2))
    make.deliver_notices(at + timedelta(hours=3))
    ended = AutopayAgreement.objects.get()
    assert (ended.state, ended.end_reason) == (ENDED, "CUSTOMER")
    assert UserAgreement.objects.get().status == "UNSIGN"


def test_it_ends_with_its_lease() -> None:
    lease = things.lease(start=things.ON)
    made = autopay.open(lease.pk, "alipay", on=things.ON, at=things.AT)
    autopay.apply("alipay", AgreementFact(made.number, "2026", AgreementStatus.ACTIVE, "2088"), things.AT)
    leases.close(lease.pk, things.ON, things.AT)
    assert autopay.end_over(things.AT) == 1
    assert autopay.end_over(things.AT) == 0
    assert AutopayAgreement.objects.get().end_reason == "LEASE"
    assert OutboxMessage.objects.filter(topic=autopay.UNSIGN_REQUESTED).count() == 1
