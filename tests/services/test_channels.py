"""Channels: chosen among the open ones; the deposit frozen where a freeze lasts, else paid; money that came offline."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from pytest_django import Settings

from billing.models import OFFLINE, Allocation, Bill, Deposit, Lease, Payment, PaymentChannel, Refund
from billing.rules import securing
from billing.rules.postings import Kind
from billing.services import channels, ledger, refunds
from billing.services import offline as offline_money
from billing.services import payments as billing_payments
from billing.services.offline import Receipt
from core import calendar
from core.models import Approval
from core.services import approvals, events
from orders.models import Order, State
from orders.services import checkout, offline, payments, terms
from rental import checks
from sandbox import visitors
from tests import make, things, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(minutes=5)
BACK = "http://testserver/"
ACTOR = "operator:1"


def close(code: str) -> None:
    PaymentChannel.objects.filter(code=code).update(is_open=False)


def receipt(amount: str = "431", **other: Any) -> Receipt:
    told = {"amount": Decimal(amount), "received_at": LATER, "reference": "BANK-1", "note": "statement of today"}
    return Receipt(**{**told, **other})


# choosing


def test_the_seeded_ones_are_open_here_in_their_order() -> None:
    assert [channel.code for channel in channels.offered()] == ["alipay", "wechat"]


def test_only_alipay_freezes_and_not_for_ever() -> None:
    among = channels.offered()
    assert [channel.code for channel in channels.freezing(among, 400)] == ["alipay"]
    assert channels.freezing(among, 800) == []


def test_without_a_choice_the_first_one() -> None:
    assert channels.chosen("", channels.offered()) == "alipay"
    assert channels.chosen("wechat", channels.offered()) == "wechat"


def test_a_closed_one_is_refused_and_an_unknown_one() -> None:
    close("wechat")
    for code in ("wechat", "bitcoin"):
        with pytest.raises(channels.ChannelClosed):
            channels.chosen(code, channels.offered())


def test_with_none_open_nothing_can_be_paid() -> None:
    PaymentChannel.objects.update(is_open=False)
    with pytest.raises(channels.NoChannelOpen):
        channels.chosen("", channels.offered())


def test_an_open_channel_without_a_provider_fails_the_check(settings: Settings) -> None:
    assert checks.open_channels_have_a_provider(None, databases=["default"]) == []
    PaymentChannel.objects.create(code="unionpay", name="云闪付", name_en="UnionPay", is_open=True)
    found = checks.open_channels_have_a_provider(None, databases=["default"])
    assert [error.id for error in found] == ["rental.E003"]
    with pytest.raises(Exception, match="unionpay"):
        call_command("check", databases=["default"])


# attempts


@pytest.fixture
def signed() -> Order:
    return make.order(State.SIGNED, slug="mini-4", months=3)


def test_the_rent_is_paid_by_wechat_and_the_deposit_frozen_by_alipay(signed: Order) -> None:
    number = signed.customer.user.phone.open(by="t", purpose="t", at=LATER)
    with make.moment(LATER):
        rent = payments.pay_first(signed, LATER, "wechat")
        visitors.pay(payments.page(rent, BACK), number)
    make.deliver_notices(LATER)
    with make.moment(LATER):
        visitors.pay(payments.freeze_page(payments.freeze_deposit(signed, LATER), BACK), number)
    make.deliver_notices(LATER)
    assert Order.objects.get(pk=signed.pk).state == State.PAID
    assert things.again(rent).channel == "wechat"
    assert walks.broken() == {}


def test_closing_stops_new_attempts_and_no_open_one(signed: Order) -> None:
    with make.moment(LATER):
        attempt = payments.pay_first(signed, LATER, "wechat")
        close("wechat")
        way = payments.way(attempt, BACK, "phone", "127.0.0.1")
        visitors.pay(way.url, signed.customer.user.phone.open(by="t", purpose="t", at=LATER))  # type: ignore[union-attr]
    make.deliver_notices(LATER)
    assert things.again(attempt).state == Payment.State.SUCCEEDED
    with pytest.raises(channels.ChannelClosed):
        payments.pay_bills(signed, [signed.lease.bills.get(number=2).pk], LATER, "wechat")


def test_wechat_cannot_freeze(signed: Order) -> None:
    with pytest.raises(channels.ChannelClosed):
        payments.freeze_deposit(signed, LATER, "wechat")


def test_a_deposit_agreed_as_frozen_is_not_paid(signed: Order) -> None:
    with pytest.raises(payments.DepositOtherwise):
        payments.pay_deposit(signed, LATER)


# the deposit's kind


def test_two_years_are_paid_on_paper_and_in_fact() -> None:
    order = make.order(State.SIGNED, months=24)
    assert order.lease.deposit.kind == Deposit.Kind.PAID
    assert terms.of(order, LATER).deposit.kind == "PAID"
    with pytest.raises(payments.DepositOtherwise):
        payments.freeze_deposit(order, LATER)
    make.pay_first(order, LATER)
    paid = Payment.objects.get(deposit=order.lease.deposit)
    assert (paid.holds, paid.amount, paid.channel) == (True, order.lease.deposit.to_hold, "alipay")
    assert Order.objects.get(pk=order.pk).state == State.PAID
    assert walks.broken() == {}


def test_a_year_is_frozen_and_may_be_paid_instead() -> None:
    of, plan = make.customer(), make.plan()
    on = calendar.business_date(AT)
    cost = checkout.quote(of, plan, 12, on)
    assert cost.deposit_kind is securing.Kind.FREEZE
    home = make.address(of)
    usual = checkout.place(of, plan.pk, 12, home, cost.digest, "k1", AT).orders.get()
    digest = checkout.quote(of, plan, 12, on).digest
    paying = checkout.place(of, plan.pk, 12, home, digest, "k2", AT, "PAID").orders.get()
    assert usual.lease.deposit.kind == Deposit.Kind.FREEZE
    assert paying.lease.deposit.kind == Deposit.Kind.PAID


def test_what_must_be_paid_cannot_be_frozen_by_wish() -> None:
    of, plan = make.customer(), make.plan()
    cost = checkout.quote(of, plan, 24, calendar.business_date(AT))
    assert cost.deposit_kind is securing.Kind.PAID
    with pytest.raises(checkout.PriceChanged):
        checkout.place(of, plan.pk, 24, make.address(of), cost.digest, "k1", AT, "FREEZE")


def test_closing_alipay_changes_the_figures_that_were_shown() -> None:
    of, plan = make.customer(), make.plan()
    shown = checkout.quote(of, plan, 12, calendar.business_date(AT))
    close("alipay")
    with pytest.raises(checkout.PriceChanged):
        checkout.place(of, plan.pk, 12, make.address(of), shown.digest, "k1", AT)


def test_signing_fixes_the_kind(signed: Order) -> None:
    with pytest.raises(DatabaseError, match="agreed on"), transaction.atomic():
        Deposit.objects.filter(lease=signed.lease_id).update(kind="PAID")


# offline


@pytest.fixture
def lease() -> Lease:
    return things.lease(start=things.ON)


def record(lease: Lease, told: Receipt, *numbers: int, at: Any = LATER) -> Payment:
    ids = lease.bills.filter(number__in=numbers or (1,)).values_list("pk", flat=True)
    return offline_money.record(lease.customer, ids, told, ACTOR, at).payment


def test_what_came_is_posted_once_to_its_own_clearing(lease: Lease) -> None:
    payment = record(lease, receipt("551.83"))
    assert (payment.channel, payment.state, payment.trade_number) == (OFFLINE, Payment.State.SUCCEEDED, "BANK-1")
    assert things.bill(lease).state == Bill.State.PAID
    assert ledger.account(Kind.CLEARING, channel=OFFLINE).amount == Decimal("551.83")
    told = events.of(payment).get(kind="payment_recorded_offline")
    assert (told.actor, told.facts["reference"]) == (ACTOR, "BANK-1")
    assert walks.broken() == {}


def test_a_reference_serves_once(lease: Lease) -> None:
    record(lease, receipt("551.83"))
    with pytest.raises(offline_money.ReferenceUsed):
        record(lease, receipt("551.83"), 2)
    assert things.bill(lease, 2).state == Bill.State.OPEN


def test_a_part_pays_a_part_and_too_much_is_credit(lease: Lease) -> None:
    part = record(lease, receipt("100"))
    assert (things.bill(lease).paid, part.items.get().amount) == (Decimal(100), Decimal(100))
    record(lease, receipt("2000", reference="BANK-2"), 1, 2)
    laid = sum(Allocation.objects.values_list("amount", flat=True))
    assert laid == 2 * Decimal("551.83")
    assert ledger.account(Kind.CREDIT, customer=lease.customer_id).amount == 2100 - laid
    assert walks.broken() == {}


def test_late_fees_are_counted_to_the_day_of_receipt(lease: Lease) -> None:
    second = things.bill(lease, 2)
    assert second.due_date is not None
    came = calendar.instant(second.due_date + timedelta(days=3), 12)  # the last day of grace
    record(lease, receipt("551.83", received_at=came), 2, at=came + timedelta(days=1))
    assert (things.again(second).state, things.again(second).fee) == (Bill.State.PAID, 0)


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"amount": Decimal("5000.01")}, approvals.ApprovalNeeded),
        ({"received_at": LATER - timedelta(days=2)}, approvals.ApprovalNeeded),
        ({"received_at": LATER + timedelta(seconds=1)}, offline_money.ReceiptInFuture),
    ],
)
def test_alone_only_small_money_of_late(lease: Lease, other: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        record(lease, receipt(**other))
    assert not Payment.objects.exists()


def test_not_beside_an_attempt_that_is_open(lease: Lease) -> None:
    things.attempt(things.bill(lease))
    with pytest.raises(billing_payments.AttemptOpen):
        record(lease, receipt("551.83"))


def test_its_refund_waits_for_an_operator(lease: Lease) -> None:
    payment = record(lease, receipt("551.83"))
    intent = refunds.request(payment.pk, Decimal(100), "goodwill", LATER, lease)
    assert refunds.send(intent.pk, LATER).state == Refund.State.FAILED
    assert refunds.ask(intent.pk, LATER).state == Refund.State.FAILED


def test_money_for_the_first_bill_steps_the_order(signed: Order) -> None:
    with make.moment(LATER):
        freeze = payments.freeze_deposit(signed, LATER)
        visitors.pay(payments.freeze_page(freeze, BACK), signed.customer.user.phone.open(by="t", purpose="t", at=LATER))
    make.deliver_notices(LATER)
    offline.record(signed, [1], receipt(), ACTOR, LATER)
    assert Order.objects.get(pk=signed.pk).state == State.PAID


def test_only_bills_of_this_order(signed: Order) -> None:
    with pytest.raises(billing_payments.BillUnknown):
        offline.record(signed, [1, 9], receipt(), ACTOR, LATER)


# money of long ago, with a second person


def old(order: Order, days: int = 20, **other: Any) -> Approval:
    came = LATER + timedelta(days=60) - timedelta(days=days)
    made = offline.record(order, [2], receipt(received_at=came, **other), ACTOR, LATER + timedelta(days=60))
    assert isinstance(made, Approval)
    return made


def test_old_money_waits_for_another_person_and_counts_from_its_day() -> None:
    order = make.order(State.ACTIVE, slug="mini-4", months=3)
    bill = order.lease.bills.get(number=2)
    now = LATER + timedelta(days=60)
    asked = old(order)
    assert (asked.kind, asked.subject) == ("offline", f"receipt:{receipt().reference}")
    with pytest.raises(approvals.AlreadyAsked):
        old(order)
    with pytest.raises(approvals.SamePerson):
        offline.carry_out(asked.pk, ACTOR, now)
    assert not Payment.objects.filter(channel="offline").exists()
    payment = offline.carry_out(asked.pk, "operator:2000", now)
    assert (payment.approval, payment.paid_at) == (asked, now - timedelta(days=20))
    assert things.again(bill).paid == min(payment.amount, things.again(bill).amount)
    assert walks.broken() == {}


def test_a_reference_that_was_used_is_not_asked_for_again() -> None:
    order = make.order(State.ACTIVE, slug="mini-4", months=3)
    offline.record(order, [2], receipt(), ACTOR, LATER)
    with pytest.raises(offline_money.ReferenceUsed):
        old(order)
