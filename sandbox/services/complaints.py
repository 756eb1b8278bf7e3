"""Complaints at the pretended WeChat Pay: a payer asks for his money back, the platform decides.

Each write locks the order's row. Notices name the complaint and no amount, as there: the merchant asks.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.calendar import instant
from sandbox import wire
from sandbox.models import Complaint, WechatOrder
from sandbox.services import notices, wechat
from sandbox.wechat import Refused, text

State = Complaint.State
PAID = (WechatOrder.State.SUCCESS, WechatOrder.State.REFUND)


@transaction.atomic
def make(prepay_id: str, words: str, at: datetime, amount: int | None = None) -> Complaint | None:
    """About what is left of a paid order, or `amount` fen. The one that waits, when there is one; None for an order
    of which nothing is left.
    """
    order = WechatOrder.objects.select_for_update(of=("self",)).get(prepay_id=prepay_id)
    waiting = order.complaints.filter(state=State.PENDING).first()
    if waiting is not None:
        return waiting
    rest = order.total - wechat.refunded(order)
    if order.state not in PAID or rest <= 0:
        return None
    made = Complaint.objects.create(
        complaint_id=wire.new_number(at, 30),
        order=order,
        amount=amount or rest,
        words=words[:200] or "商品与描述不符",
        made_at=at,
    )
    _notify(made, "COMPLAINT.CREATE", "CREATE_COMPLAINT", at)
    return made


@transaction.atomic
def decide(complaint_id: str, gives_back: bool, at: datetime) -> Complaint:
    """The platform gives the money back out of the merchant's, or does not. What is decided stays; of an order that
    has less left than that, nothing is taken.
    """
    order_id = Complaint.objects.values_list("order_id", flat=True).get(complaint_id=complaint_id)
    order = WechatOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    found = Complaint.objects.select_for_update(of=("self",)).get(complaint_id=complaint_id)
    if found.state == State.PROCESSED:
        return found
    if gives_back and found.amount <= order.total - wechat.refunded(order):
        found.refund_id = wire.new_number(at, 29)
        order.state = WechatOrder.State.REFUND
        order.save(update_fields=["state"])
    found.state, found.decided_at = State.PROCESSED, at
    found.save(update_fields=["state", "decided_at", "refund_id"])
    _notify(found, "COMPLAINT.STATE_CHANGE", "RESPONSE_BY_PLATFORM", at)
    return found


def known(complaint_id: str) -> Complaint:
    found = Complaint.objects.select_related("order__account").filter(complaint_id=complaint_id).first()
    if found is None:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "投诉单不存在")
    return found


def between(first: date, last: date) -> "QuerySet[Complaint]":
    """Made on those days, both counted."""
    made = Complaint.objects.filter(made_at__gte=instant(first), made_at__lt=instant(last + timedelta(days=1)))
    return made.select_related("order__account").order_by("pk")


def paid_by(phone: str) -> "QuerySet[WechatOrder]":
    """What an account paid, the newest first, each with its complaints."""
    orders = WechatOrder.objects.filter(account__phone=phone, state__in=PAID)
    return orders.prefetch_related("complaints").order_by("-paid_at", "-pk")[:20]


def told(found: Complaint) -> dict[str, Any]:
    """In the words of a query."""
    order = found.order
    words: dict[str, Any] = {
        "complaint_id": found.complaint_id,
        "complaint_time": text(found.made_at),
        "complaint_detail": found.words,
        "complaint_state": found.state,
        "complaint_order_info": [
            {"transaction_id": order.transaction_id, "out_trade_no": order.out_trade_no, "amount": order.total}
        ],
        "complaint_full_refunded": wechat.refunded(order) >= order.total,
        "incoming_user_response": False,
        "user_complaint_times": 1,
        "problem_description": "申请退款",
        "problem_type": "REFUND",
        "apply_refund_amount": found.amount,
    }
    if order.account is not None:
        words["payer_openid"] = wechat.openid(order.account)
    return words


def _notify(found: Complaint, event: str, action: str, at: datetime) -> None:
    told = {"complaint_id": found.complaint_id, "action_type": action}
    notices.put_wechat(found.order.notify_url, event, told, at)
