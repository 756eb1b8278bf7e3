"""Pre-authorisations at the pretended Alipay. Each write locks the row of the freeze."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from core import money
from sandbox import conf, wire
from sandbox.magic import Quirk
from sandbox.models import AlipayAccount, Freeze, Release, Trade
from sandbox.services import notices, people, trades
from sandbox.wire import Refused

Status = Freeze.Status
CREDIT_FROM = 650  # the score from which this Alipay vouches for a deposit
LONGEST_HOLD = timedelta(days=410)
SLOW_RELEASE = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A signed voucher request, read."""

    out_order_no: str
    out_request_no: str
    title: str
    amount: Decimal
    may_be_credit: bool
    expires_at: datetime
    notify_url: str
    return_url: str


@transaction.atomic
def create(voucher: Voucher, at: datetime) -> Freeze:
    """The freeze that waits for its person; the same numbers again give the same one."""
    freeze, _ = Freeze.objects.get_or_create(
        out_order_no=voucher.out_order_no,
        out_request_no=voucher.out_request_no,
        defaults={
            "auth_no": wire.new_number(at),
            "operation_id": wire.new_number(at),
            "title": voucher.title,
            "amount": voucher.amount,
            "may_be_credit": voucher.may_be_credit,
            "created_at": at,
            "expires_at": voucher.expires_at,
            "notify_url": voucher.notify_url,
            "return_url": voucher.return_url,
        },
    )
    if freeze.amount != voucher.amount:
        raise Refused("ORDER_ALREADY_EXIST", "the same numbers with another amount")
    return freeze


@transaction.atomic
def sign_in(auth_no: str, account: AlipayAccount) -> Freeze:
    freeze = _locked(auth_no=auth_no)
    if freeze.status == Status.INIT:
        freeze.account = account
        freeze.save(update_fields=["account"])
    return freeze


@transaction.atomic
def agree(auth_no: str, at: datetime) -> Freeze:
    """The customer agrees. A second press changes nothing; after its time it stays closed."""
    freeze = lapse(_locked(auth_no=auth_no), at)
    if freeze.status != Status.INIT or freeze.account is None:
        return freeze
    freeze.status, freeze.frozen_at = Status.SUCCESS, at
    freeze.is_credit = freeze.may_be_credit and _vouched(freeze.account)
    freeze.save(update_fields=["status", "frozen_at", "is_credit"])
    notices.put(freeze.notify_url, "fund_auth_freeze", told(freeze), at)
    return freeze


def _vouched(account: AlipayAccount) -> bool:
    person = people.owner(account)
    return person is not None and person.quirk != Quirk.REAL_FREEZE and (person.score or 0) >= CREDIT_FROM


def _slow(account: AlipayAccount | None) -> bool:
    person = people.owner(account) if account else None
    return person is not None and person.quirk == Quirk.SLOW_RELEASE


def known(out_order_no: str, out_request_no: str, at: datetime) -> Freeze:
    """The locked freeze that a merchant asks about; not before a person has opened it, unless it was cancelled."""
    rows = Freeze.objects.select_for_update().filter(out_order_no=out_order_no, out_request_no=out_request_no)
    freeze = rows.first()
    if freeze is None or (freeze.account_id is None and freeze.status == Status.INIT):
        raise Refused("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")
    return end(lapse(freeze, at), at)


def end(freeze: Freeze, at: datetime) -> Freeze:
    """After its longest hold the rest goes back by itself, and the merchant is told of it."""
    if freeze.frozen_at is not None and at >= freeze.frozen_at + LONGEST_HOLD and rest(freeze) > 0:
        _release(freeze, f"auto-{freeze.auth_no}", rest(freeze), "auto", "", at)
    return freeze


@transaction.atomic
def unfreeze(auth_no: str, out_request_no: str, amount: Decimal, remark: str, notify_url: str, at: datetime) -> Release:
    """Give back a part of what is held. The same number gives back once, and goes with the same amount."""
    freeze = _authorised(auth_no, at)
    earlier = freeze.releases.filter(out_request_no=out_request_no).first()
    if earlier is not None:
        if earlier.amount != amount:
            raise Refused("REQUEST_AMOUNT_EXCEED", "同一请求号的金额不一致")
        return earlier
    if amount > rest(freeze):
        raise Refused("REQUEST_AMOUNT_EXCEED", "解冻金额超限")
    return _release(freeze, out_request_no, amount, remark, notify_url, at)


@transaction.atomic
def cancel(out_order_no: str, out_request_no: str, notify_url: str, at: datetime) -> tuple[Freeze, str]:
    """Close what is not agreed yet, give back all of what is; the action in Alipay's word."""
    rows = Freeze.objects.select_for_update().filter(out_order_no=out_order_no, out_request_no=out_request_no)
    freeze = rows.first()
    if freeze is None:
        raise Refused("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")
    if freeze.status == Status.SUCCESS and rest(freeze) > 0:
        if freeze.captures.exists():
            raise Refused("AUTH_OPERATION_STATUS_INVALID", "已有转支付，不能撤销")
        _release(freeze, f"cancel-{out_request_no}", rest(freeze), "cancel", notify_url, at)
        return freeze, "unfreeze"
    if freeze.status == Status.INIT:
        freeze.status = Status.CLOSED
        freeze.save(update_fields=["status"])
    return freeze, "close"


@transaction.atomic
def capture(
    auth_no: str, out_trade_no: str, amount: Decimal, subject: str, complete: bool, notify_url: str, at: datetime
) -> Trade:
    """Turn a part of the hold into a payment; `complete` gives back what is left. The same number pays once."""
    freeze = _authorised(auth_no, at)
    earlier = Trade.objects.filter(out_trade_no=out_trade_no).first()
    if earlier is not None:
        if earlier.freeze_id != freeze.pk or earlier.total_amount != amount:
            raise Refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        return earlier
    if amount > rest(freeze):
        raise Refused("ACQ.BEYOND_PAY_RESTRICTION", "转支付金额超限")
    trade = Trade.objects.create(
        trade_no=wire.new_number(at),
        out_trade_no=out_trade_no,
        subject=subject,
        total_amount=amount,
        status=Trade.Status.TRADE_SUCCESS,
        account=freeze.account,
        freeze=freeze,
        method="alipay.trade.pay",
        notify_url=notify_url,
        created_at=at,
        expires_at=at,
        paid_at=at,
    )
    notices.put(notify_url, "trade_status_sync", trades.told(trade), at)
    if complete and rest(freeze) > 0:
        _release(freeze, f"rest-{out_trade_no}", rest(freeze), "rest", notify_url, at)
    return trade


def rest(freeze: Freeze) -> Decimal:
    """What is still held."""
    return freeze.amount - released(freeze) - captured(freeze) if freeze.status == Status.SUCCESS else money.ZERO


def released(freeze: Freeze) -> Decimal:
    return money.total(freeze.releases.values_list("amount", flat=True))


def captured(freeze: Freeze) -> Decimal:
    return money.total(freeze.captures.values_list("total_amount", flat=True))


def lapse(freeze: Freeze, at: datetime) -> Freeze:
    if freeze.status == Status.INIT and at >= freeze.expires_at:
        freeze.status = Status.CLOSED
        freeze.save(update_fields=["status"])
    return freeze


def told(freeze: Freeze, release: Release | None = None, *, at: datetime | None = None) -> dict[str, str]:
    """A freeze, or one of its releases, in the words of a notice and of a query `at` an instant."""
    under_way = release is not None and at is not None and at < release.released_at
    amount, done = (release.amount, release.released_at) if release else (freeze.amount, freeze.frozen_at)
    by_credit = {"pre_auth_type": "CREDIT_AUTH", "credit_amount": str(amount), "fund_amount": "0.00"}
    by_fund = {"credit_amount": "0.00", "fund_amount": str(amount)}
    return {
        "auth_no": freeze.auth_no,
        "out_order_no": freeze.out_order_no,
        "operation_id": release.operation_id if release else freeze.operation_id,
        "out_request_no": release.out_request_no if release else freeze.out_request_no,
        "operation_type": "UNFREEZE" if release else "FREEZE",
        "amount": str(amount),
        "status": Status.INIT if under_way else Status.SUCCESS if release else freeze.status,
        "gmt_create": wire.text(freeze.created_at),
        "gmt_trans": wire.text(done),
        "payer_user_id": freeze.account.user_id if freeze.account else "",
        "payer_logon_id": freeze.account.logon_id if freeze.account else "",
        "payee_user_id": conf.seller_id(),
        "total_freeze_amount": str(freeze.amount if freeze.frozen_at else money.ZERO),
        "total_unfreeze_amount": str(released(freeze)),
        "total_pay_amount": str(captured(freeze)),
        "rest_amount": str(rest(freeze)),
        **(by_credit if freeze.is_credit else by_fund),
    }


def _release(
    freeze: Freeze, out_request_no: str, amount: Decimal, remark: str, notify_url: str, at: datetime
) -> Release:
    done = at + (SLOW_RELEASE if _slow(freeze.account) else timedelta(0))
    release = Release.objects.create(
        freeze=freeze,
        operation_id=wire.new_number(at),
        out_request_no=out_request_no,
        amount=amount,
        remark=remark,
        released_at=done,
    )
    notices.put(notify_url or freeze.notify_url, "fund_auth_unfreeze", told(freeze, release), done)
    return release


def _authorised(auth_no: str, at: datetime) -> Freeze:
    freeze = Freeze.objects.select_for_update().filter(auth_no=auth_no, status=Status.SUCCESS).first()
    if freeze is None:
        raise Refused("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")
    return end(freeze, at)


def _locked(**which: str) -> Freeze:
    return Freeze.objects.select_for_update(of=("self",)).select_related("account").get(**which)
