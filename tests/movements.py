"""Money that moved, on both sides alike: booked here, and remembered by the pretended provider."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import Customer
from billing.models import Chargeback, Payment, Refund
from billing.services import books, chargebacks, numbers, refunds
from core import money
from integrations.payments import DisputeFact, DisputeStatus, RefundFact, RefundStatus
from sandbox import models as there
from sandbox import wire


@transaction.atomic
def payment(of: Customer, channel: str, amount: Decimal, at: datetime) -> Payment:
    """A payment for nothing in particular: the whole of it is the customer's credit."""
    made = Payment.objects.create(
        number=numbers.new("P", at), customer=of, channel=channel, amount=amount, created_at=at, expires_at=at
    )
    made.succeed(wire.new_number(at), "payer", at, at)
    made.save()
    books.payment_received(made, [], {}, money.ZERO, at)
    told(made, at)
    return made


def told(made: Payment, at: datetime) -> None:
    """The provider's own memory of it."""
    trade_no = made.trade_number or wire.new_number(at)
    who = {"user_id": "2088000000000001"}
    account, _ = there.AlipayAccount.objects.get_or_create(phone="13900000001", defaults=who)
    if made.channel == "alipay":
        there.Trade.objects.create(
            trade_no=trade_no, out_trade_no=made.number, subject="租金", total_amount=made.amount,
            status="TRADE_SUCCESS", account=account, method="alipay.trade.wap.pay", created_at=at, expires_at=at,
            paid_at=at,
        )  # fmt: skip
    else:
        there.WechatOrder.objects.create(
            prepay_id=wire.new_number(at, 30), out_trade_no=made.number, transaction_id=trade_no, description="租金",
            total=money.to_cents(made.amount), entry="h5", state="SUCCESS", account=account, created_at=at,
            expires_at=at, paid_at=at,
        )  # fmt: skip


@transaction.atomic
def refund(of: Payment, amount: Decimal, at: datetime) -> Refund:
    made = refunds.request(of.pk, amount, "test", at)
    refunds.apply(RefundFact(of.number, made.number, RefundStatus.SUCCEEDED, amount, at), at)
    if of.channel == "alipay":
        trade = there.Trade.objects.get(out_trade_no=of.number)
        there.Refund.objects.create(trade=trade, out_request_no=made.number, amount=amount, refunded_at=at)
    else:
        there.WechatRefund.objects.create(
            order=there.WechatOrder.objects.get(out_trade_no=of.number), refund_id=wire.new_number(at, 29),
            out_refund_no=made.number, amount=money.to_cents(amount), state="SUCCESS", settles_at=at,
        )  # fmt: skip
    return Refund.objects.get(pk=made.pk)


@transaction.atomic
def taken_back(of: Payment, at: datetime) -> Chargeback:
    """What is left of a payment by WeChat goes back to a payer who complained."""
    of.refresh_from_db(fields=["refunded"])
    made = there.Complaint.objects.create(
        complaint_id=wire.new_number(at, 30), order=there.WechatOrder.objects.get(out_trade_no=of.number),
        amount=money.to_cents(of.amount - of.refunded),
        words="test", state="PROCESSED", made_at=at, decided_at=at, refund_id=wire.new_number(at, 29),
    )  # fmt: skip
    amount = money.from_cents(made.amount)
    lost = DisputeFact(made.complaint_id, of.number, DisputeStatus.LOST, amount, False, "test", at, None, at)
    found = chargebacks.apply(of.channel, lost, at).chargeback
    assert found is not None
    return found


def morning(at: datetime) -> datetime:
    """When the statement of the day of `at` (ten in the morning) is out."""
    return at + timedelta(days=1)
