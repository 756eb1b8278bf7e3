"""Payments at the pretended Alipay. Each write locks its trade's row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from core import money
from sandbox import conf, forms, wire
from sandbox.models import AlipayAccount, FaultOrder, Refund, Trade
from sandbox.services import notices
from sandbox.wire import Refused

Status = Trade.Status
PAID = (Status.TRADE_SUCCESS, Status.TRADE_FINISHED)


@dataclass(frozen=True, slots=True)
class Offer:
    """A signed page request, read."""

    method: str
    out_trade_no: str
    total_amount: Decimal
    subject: str
    expires_at: datetime
    notify_url: str
    return_url: str


@transaction.atomic
def open_page(offer: Offer, at: datetime) -> Trade:
    """The trade behind a payment page; the same page opened again is the same trade."""
    trade, _ = Trade.objects.get_or_create(
        out_trade_no=offer.out_trade_no,
        defaults={
            "trade_no": wire.new_number(at),
            "total_amount": offer.total_amount,
            "subject": offer.subject,
            "method": offer.method,
            "created_at": at,
            "expires_at": offer.expires_at,
            "notify_url": offer.notify_url,
            "return_url": offer.return_url,
        },
    )
    if trade.total_amount != offer.total_amount:
        raise Refused("ACQ.CONTEXT_INCONSISTENT", "the same out_trade_no with another amount")
    return trade


@transaction.atomic
def sign_in(trade_no: str, account: AlipayAccount) -> Trade:
    """From here on the merchant can ask about the trade."""
    trade = _locked(trade_no=trade_no)
    if trade.status == Status.WAIT_BUYER_PAY:
        trade.account = account
        trade.save(update_fields=["account"])
    return trade


@transaction.atomic
def pay(trade_no: str, at: datetime) -> Trade:
    """The customer pays. A second press changes nothing; too late is refused."""
    trade = lapse(_locked(trade_no=trade_no), at)
    if trade.status in PAID:
        return trade
    if trade.status == Status.TRADE_CLOSED or trade.account is None:
        return trade
    trade.status, trade.paid_at = Status.TRADE_SUCCESS, at
    trade.save(update_fields=["status", "paid_at"])
    _tell(trade, at)
    return trade


def known(out_trade_no: str, at: datetime) -> Trade:
    """The locked trade that a merchant asks about; not before a person has opened it."""
    trade = Trade.objects.select_for_update().filter(out_trade_no=out_trade_no, account__isnull=False).first()
    if trade is None:
        raise Refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
    trade.refunds.filter(fails_at__lte=at).delete()
    return lapse(trade, at)


@transaction.atomic
def close(out_trade_no: str, at: datetime) -> Trade:
    trade = known(out_trade_no, at)
    if trade.status == Status.TRADE_CLOSED and trade.paid_at is None:
        return trade
    if trade.status != Status.WAIT_BUYER_PAY:
        raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    _close(trade, at)
    return trade


@transaction.atomic
def finish(out_trade_no: str, at: datetime) -> Trade:
    """The refund period is over: TRADE_FINISHED, with a notice, as Alipay sends for trades that cannot be refunded."""
    trade = known(out_trade_no, at)
    trade.status = Status.TRADE_FINISHED
    trade.save(update_fields=["status"])
    _tell(trade, at)
    return trade


@transaction.atomic
def refund(
    out_trade_no: str, out_request_no: str, amount: Decimal, at: datetime, fault: FaultOrder | None = None
) -> tuple[Trade, bool]:
    """Pay back a part or all; whether money moved in this call. The same number moves money once."""
    trade = known(out_trade_no, at)
    earlier = trade.refunds.filter(out_request_no=out_request_no).first()
    if earlier is not None:
        if earlier.amount != amount:
            raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "同一退款号的金额不一致")
        return trade, False
    if trade.status == Status.TRADE_FINISHED:
        raise Refused("ACQ.TRADE_HAS_FINISHED", "交易已完结")
    if trade.status != Status.TRADE_SUCCESS:
        raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    if money.total(trade.refunds.values_list("amount", flat=True)) + amount > trade.total_amount:
        raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    made = Refund.objects.create(
        trade=trade, out_request_no=out_request_no, amount=amount, refunded_at=at, fails_at=_fails_at(fault, at)
    )
    if made.fails_at:
        return trade, False
    if refunded(trade) == trade.total_amount:
        trade.status = Status.TRADE_CLOSED
        trade.save(update_fields=["status"])
    # Alipay tells of a partial refund with TRADE_SUCCESS again, of a full one with TRADE_CLOSED.
    _tell(trade, at, made)
    return trade, True


def refunded(trade: Trade) -> Decimal:
    """What went back; not what is only accepted."""
    return money.total(trade.refunds.filter(fails_at=None).values_list("amount", flat=True))


def lapse(trade: Trade, at: datetime) -> Trade:
    """An unpaid trade closes when its time is over."""
    if trade.status == Status.WAIT_BUYER_PAY and at >= trade.expires_at:
        _close(trade, trade.expires_at)
    return trade


def told(trade: Trade, refund: Refund | None = None) -> dict[str, str]:
    """The trade in the words of a notice."""
    assert trade.account is not None
    words = {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_id": trade.account.user_id,
        "buyer_logon_id": trade.account.logon_id,
        "seller_id": conf.seller_id(),
        "trade_status": trade.status,
        "total_amount": str(trade.total_amount),
        "subject": trade.subject,
        "gmt_create": wire.text(trade.created_at),
        "gmt_payment": wire.text(trade.paid_at),
    }
    if refund is not None:
        words["out_biz_no"] = refund.out_request_no
        words["refund_fee"] = str(refunded(trade))
        words["gmt_refund"] = wire.text(refund.refunded_at)
    return words


def _tell(trade: Trade, at: datetime, refund: Refund | None = None) -> None:
    """In the words of the gateway whose trade it is."""
    if trade.method in forms.METHODS:
        words = forms.refunded(trade, refund, at) if refund else forms.told(trade)
        notices.put_form(trade.notify_url, words, forms.METHODS[trade.method], at)
    else:
        notices.put(trade.notify_url, "trade_status_sync", told(trade, refund), at)


def _fails_at(fault: FaultOrder | None, at: datetime) -> datetime | None:
    if fault is None or fault.kind != FaultOrder.Kind.FAIL_LATER:
        return None
    return at + timedelta(hours=int(fault.argument or 48))


def _close(trade: Trade, at: datetime) -> None:
    trade.status = Status.TRADE_CLOSED
    trade.save(update_fields=["status"])
    if trade.account is not None:
        _tell(trade, at)


def _locked(**which: str) -> Trade:
    return Trade.objects.select_for_update(of=("self",)).select_related("account").get(**which)
