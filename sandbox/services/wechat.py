"""Payments at the pretended WeChat Pay. Each write locks its order's row."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from sandbox import conf, wire
from sandbox.models import AlipayAccount, FaultOrder, WechatOrder, WechatRefund
from sandbox.services import faults, notices
from sandbox.wechat import Refused, text

State = WechatOrder.State
REFUND = "wechat.refund"
SETTLES_AFTER = timedelta(seconds=1)


@transaction.atomic
def open_order(content: dict[str, Any], entry: str, expires_at: datetime, at: datetime) -> WechatOrder:
    """The order under the merchant's number; the same content again is the same order."""
    order, _ = WechatOrder.objects.get_or_create(
        out_trade_no=content["out_trade_no"],
        defaults={
            "prepay_id": wire.new_number(at, 30),
            "description": content["description"],
            "total": content["amount"]["total"],
            "entry": entry,
            "notify_url": content["notify_url"],
            "created_at": at,
            "expires_at": expires_at,
        },
    )
    if (order.total, order.entry) != (content["amount"]["total"], entry):
        raise Refused(400, "PARAM_ERROR", "请求重入时,参数与首次请求时不一致")
    if order.state == State.SUCCESS:
        raise Refused(400, "ORDERPAID", "该订单已支付")
    return order


def openid(account: AlipayAccount) -> str:
    """By which the merchant's app knows the person."""
    return f"o{account.user_id}"


def holder(openid: str) -> AlipayAccount | None:
    return AlipayAccount.objects.filter(user_id=openid.removeprefix("o")).first()


@transaction.atomic
def sign_in(prepay_id: str, account: AlipayAccount) -> WechatOrder:
    order = _locked(prepay_id=prepay_id)
    if order.state == State.NOTPAY:
        order.account = account
        order.save(update_fields=["account"])
    return order


@transaction.atomic
def pay(prepay_id: str, at: datetime) -> WechatOrder:
    """The customer pays. A second press changes nothing; too late closes the order."""
    order = lapse(_locked(prepay_id=prepay_id), at)
    if order.state == State.NOTPAY and order.account is not None:
        order.state, order.paid_at, order.transaction_id = State.SUCCESS, at, wire.new_number(at)
        order.save(update_fields=["state", "paid_at", "transaction_id"])
        notices.put_wechat(order.notify_url, "TRANSACTION.SUCCESS", told(order), at)
    return order


@transaction.atomic
def known(out_trade_no: str, at: datetime) -> WechatOrder:
    order = WechatOrder.objects.select_for_update().filter(out_trade_no=out_trade_no).first()
    if order is None:
        raise Refused(404, "ORDER_NOT_EXIST", "订单不存在")
    return lapse(order, at)


@transaction.atomic
def close(out_trade_no: str, at: datetime) -> WechatOrder:
    order = known(out_trade_no, at)
    if order.state in (State.SUCCESS, State.REFUND):
        raise Refused(400, "ORDERPAID", "该订单已支付")
    order.state = State.CLOSED
    order.save(update_fields=["state"])
    return order


@transaction.atomic
def refund(content: dict[str, Any], at: datetime) -> WechatRefund:
    """Accept a refund; the same number moves money once and never with another amount."""
    order = known(content["out_trade_no"], at)
    number, amount = content["out_refund_no"], content["amount"]["refund"]
    earlier = WechatRefund.objects.filter(out_refund_no=number).first()
    if earlier is not None:
        if (earlier.order_id, earlier.amount) != (order.pk, amount):
            raise Refused(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致")
        return settle(earlier, at)
    if order.state not in (State.SUCCESS, State.REFUND) or content["amount"]["total"] != order.total:
        raise Refused(400, "INVALID_REQUEST", "订单状态或总金额不符")
    if refunded(order) + amount > order.total:
        raise Refused(403, "NOT_ENOUGH", "可退金额不足")
    fault = faults.take(f"{REFUND}:later")
    fails = bool(fault and fault.kind == FaultOrder.Kind.FAIL_LATER)
    wait = timedelta(hours=int((fault and fault.argument) or 48)) if fails else SETTLES_AFTER
    made = WechatRefund.objects.create(
        order=order,
        refund_id=wire.new_number(at, 29),
        out_refund_no=number,
        amount=amount,
        fails=fails,
        notify_url=content.get("notify_url", ""),
        settles_at=at + wait,
    )
    order.state = State.REFUND
    order.save(update_fields=["state"])
    return made


@transaction.atomic
def known_refund(out_refund_no: str, at: datetime) -> WechatRefund:
    found = WechatRefund.objects.select_for_update().filter(out_refund_no=out_refund_no).first()
    if found is None:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return settle(found, at)


def settle_due(at: datetime) -> int:
    """Refunds whose time has come; the courier runs it."""
    due = WechatRefund.objects.filter(state=WechatRefund.State.PROCESSING, settles_at__lte=at)
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            settle(WechatRefund.objects.select_for_update().get(pk=pk), at)
    return len(due)


def settle(refund: WechatRefund, at: datetime) -> WechatRefund:
    """The bank's word, once it is there, with a notice."""
    if refund.state == WechatRefund.State.PROCESSING and refund.settles_at <= at:
        refund.state = WechatRefund.State.ABNORMAL if refund.fails else WechatRefund.State.SUCCESS
        refund.save(update_fields=["state"])
        event = "REFUND.ABNORMAL" if refund.fails else "REFUND.SUCCESS"
        notices.put_wechat(refund.notify_url, event, told_refund(refund, "refund_status"), at)
    return refund


def refunded(order: WechatOrder) -> int:
    """What went back by the merchant, or was taken for a complaint."""
    back = order.refunds.exclude(state=WechatRefund.State.ABNORMAL).aggregate(sum=Sum("amount"))["sum"] or 0
    taken = order.complaints.exclude(refund_id="").aggregate(sum=Sum("amount"))["sum"] or 0
    return int(back + taken)


def lapse(order: WechatOrder, at: datetime) -> WechatOrder:
    """An unpaid order closes when its time is over."""
    if order.state == State.NOTPAY and at >= order.expires_at:
        order.state = State.CLOSED
        order.save(update_fields=["state"])
    return order


def told(order: WechatOrder) -> dict[str, Any]:
    """The order in the words of a query or a notice."""
    words: dict[str, Any] = {
        "appid": conf.wechat_app_id(),
        "mchid": conf.wechat_merchant_id(),
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": order.get_state_display(),
        "amount": {"total": order.total, "currency": "CNY"},
    }
    if order.paid_at is not None and order.account is not None:
        words |= {
            "transaction_id": order.transaction_id,
            "trade_type": {"h5": "MWEB"}.get(order.entry, order.entry.upper()),
            "success_time": text(order.paid_at),
            "payer": {"openid": openid(order.account)},
        }
        words["amount"] |= {"payer_total": order.total, "payer_currency": "CNY"}
    return words


def told_refund(refund: WechatRefund, state: str = "status") -> dict[str, Any]:
    words: dict[str, Any] = {
        "mchid": conf.wechat_merchant_id(),
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": refund.order.transaction_id,
        "out_trade_no": refund.order.out_trade_no,
        state: refund.state,
        "amount": {"total": refund.order.total, "refund": refund.amount, "currency": "CNY"},
    }
    if refund.state == WechatRefund.State.SUCCESS:
        words["success_time"] = text(refund.settles_at)
    return words


def _locked(**which: str) -> WechatOrder:
    return WechatOrder.objects.select_for_update(of=("self",)).select_related("account").get(**which)
