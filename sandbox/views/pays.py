"""alipay.trade.*: fields in, one service call, fields out."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from sandbox import wire
from sandbox.models import Trade
from sandbox.services import trades
from sandbox.services.trades import Offer
from sandbox.views.calls import Call
from sandbox.wire import Refused

PRODUCTS = {
    "alipay.trade.page.pay": {"FAST_INSTANT_TRADE_PAY"},
    "alipay.trade.wap.pay": {"QUICK_WAP_WAY", "QUICK_WAP_PAY"},
}
LIVES = timedelta(days=15)


def offer(call: Call) -> Offer:
    method = call.common("method")
    if call.text("product_code") not in PRODUCTS[method]:
        raise Refused("ACQ.INVALID_PARAMETER", "product_code does not fit the method")
    return Offer(
        method=method,
        out_trade_no=call.text("out_trade_no"),
        total_amount=call.amount("total_amount"),
        subject=call.text("subject", 256),
        expires_at=_expiry(call),
        notify_url=call.common("notify_url"),
        return_url=call.common("return_url"),
    )


def page(call: Call) -> tuple[str, str]:
    return "trade", trades.open_page(offer(call), call.at).trade_no


def _expiry(call: Call) -> datetime:
    given = call.maybe("time_expire")
    return wire.instant(given, "time-expire") if given else call.at + LIVES


@transaction.atomic
def query(call: Call) -> dict[str, Any]:
    trade = trades.known(call.text("out_trade_no"), call.at)
    return {
        **_names(trade),
        "trade_status": trade.status,
        "total_amount": str(trade.total_amount),
        "receipt_amount": str(trade.total_amount) if trade.paid_at else "0.00",
        **({"send_pay_date": wire.text(trade.paid_at)} if trade.paid_at else {}),
    }


def close(call: Call) -> dict[str, Any]:
    trade = trades.close(call.text("out_trade_no"), call.at)
    return {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}


def refund(call: Call) -> dict[str, Any]:
    number = call.maybe("out_request_no") or call.text("out_trade_no")
    trade, moved = trades.refund(call.text("out_trade_no"), number, call.amount("refund_amount"), call.at, call.fault)
    return {
        **_names(trade),
        "fund_change": "Y" if moved else "N",
        "refund_fee": str(trades.refunded(trade)),
        **({"gmt_refund_pay": wire.text(call.at)} if moved else {}),
    }


@transaction.atomic
def refund_query(call: Call) -> dict[str, Any]:
    trade = trades.known(call.text("out_trade_no"), call.at)
    found = trade.refunds.filter(out_request_no=call.text("out_request_no")).first()
    if found is None:
        return {}  # Alipay answers 10000 with nothing in it
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_request_no": found.out_request_no,
        "total_amount": str(trade.total_amount),
        "refund_amount": str(found.amount),
        **(
            {}
            if found.fails_at
            else {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": wire.text(found.refunded_at)}
        ),
    }


def _names(trade: Trade) -> dict[str, str]:
    assert trade.account is not None
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": trade.account.user_id,
        "buyer_logon_id": trade.account.logon_id,
    }
