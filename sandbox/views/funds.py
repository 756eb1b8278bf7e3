"""alipay.fund.auth.* and the payment out of a freeze."""

import json
import re
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from sandbox import conf, wire
from sandbox.models import Freeze
from sandbox.services import freezes
from sandbox.services.freezes import Voucher
from sandbox.views.calls import Call
from sandbox.wire import Refused

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
LIVES = timedelta(minutes=15)
LONGEST = timedelta(days=15)


def voucher_create(call: Call) -> dict[str, Any]:
    if call.text("product_code") != "PREAUTH_PAY":
        raise Refused("ACQ.INVALID_PARAMETER", "product_code")
    freeze = freezes.create(
        Voucher(
            out_order_no=call.text("out_order_no"),
            out_request_no=call.text("out_request_no"),
            title=call.text("order_title", 100),
            amount=call.amount("amount"),
            may_be_credit=_asks_for_credit(call),
            expires_at=call.at + _lives(call.maybe("pay_timeout")),
            notify_url=call.common("notify_url"),
            return_url=call.common("return_url"),
        ),
        call.at,
    )
    page = conf.url() + reverse("cashier", args=["freeze", freeze.auth_no])
    return {
        "out_order_no": freeze.out_order_no,
        "out_request_no": freeze.out_request_no,
        "code_type": "qr_code",
        "code_value": page,
        "code_url": page,
    }


def _asks_for_credit(call: Call) -> bool:
    """Both the category and the service id are needed for 信用免押."""
    given = call.maybe("extra_param")
    try:
        extra = json.loads(given) if given else {}
    except ValueError as error:
        raise Refused("ACQ.INVALID_PARAMETER", "extra_param is not JSON") from error
    return bool(extra.get("category") and extra.get("serviceId"))


def _lives(given: str) -> timedelta:
    if not given:
        return LIVES
    found = re.fullmatch(r"(\d{1,5})([mhd])", given, re.ASCII)
    if not found or not timedelta(0) < (span := timedelta(**{UNITS[found[2]]: int(found[1])})) <= LONGEST:
        raise Refused("ACQ.INVALID_PARAMETER", "pay_timeout is 1m to 15d")
    return span


@transaction.atomic
def detail_query(call: Call) -> dict[str, Any]:
    freeze = _asked(call)
    number = call.text("out_request_no")
    if call.maybe("operation_type") != "UNFREEZE" and number == freeze.out_request_no:
        return freezes.told(freeze)
    release = freeze.releases.filter(out_request_no=number).first()
    if release is None:
        raise Refused("AUTH_OPERATION_NOT_EXIST", "支付宝资金操作流水不存在")
    return freezes.told(freeze, release, at=call.at)


def _asked(call: Call) -> Freeze:
    auth_no = call.maybe("auth_no")
    if not auth_no:
        return freezes.known(call.text("out_order_no"), call.text("out_request_no"), call.at)
    freeze = Freeze.objects.select_related("account").filter(auth_no=auth_no, account__isnull=False).first()
    if freeze is None:
        raise Refused("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")
    return freeze


def unfreeze(call: Call) -> dict[str, Any]:
    release = freezes.unfreeze(
        call.text("auth_no"),
        call.text("out_request_no"),
        call.amount("amount"),
        call.text("remark", 100),
        call.common("notify_url"),
        call.at,
    )
    return freezes.told(release.freeze, release, at=call.at)


def cancel(call: Call) -> dict[str, Any]:
    freeze, action = freezes.cancel(
        call.text("out_order_no"), call.text("out_request_no"), call.common("notify_url"), call.at
    )
    return {
        "auth_no": freeze.auth_no,
        "out_order_no": freeze.out_order_no,
        "operation_id": freeze.operation_id,
        "out_request_no": freeze.out_request_no,
        "action": action,
    }


def pay(call: Call) -> dict[str, Any]:
    """Only the payment out of a freeze; codes to scan are not pretended."""
    trade = freezes.capture(
        call.text("auth_no"),
        call.text("out_trade_no"),
        call.amount("total_amount"),
        call.text("subject", 256),
        call.maybe("auth_confirm_mode") == "COMPLETE",
        call.common("notify_url"),
        call.at,
    )
    assert trade.freeze is not None
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "total_amount": str(trade.total_amount),
        "gmt_payment": wire.text(trade.paid_at),
        "auth_trade_pay_mode": "CREDIT_PREAUTH_PAY" if trade.freeze.is_credit else "",
    }
