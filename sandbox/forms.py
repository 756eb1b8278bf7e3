"""A gateway that signs forms: its words, and its own signer, written apart from the platform's."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core import money
from sandbox import conf, keys, rsa2, wire
from sandbox.models import Refund, Trade

METHODS: Final = {"form.MD5": "MD5", "form.RSA": "RSA"}  # of a trade → how its gateway signs
STATES: Final = {
    "WAIT_BUYER_PAY": "WAITING",
    "TRADE_SUCCESS": "PAID",
    "TRADE_FINISHED": "PAID",
    "TRADE_CLOSED": "CLOSED",
}


def signed(words: Mapping[str, str], sign_type: str, *, forged: bool = False) -> dict[str, str]:
    """With merchant, way of signing and signature."""
    told = {**words, "merchant": conf.form_merchant_id(), "sign_type": sign_type}
    text = rsa2.notice_text(told)
    if sign_type == "RSA":
        return {**told, "sign": rsa2.sign(text, keys.forger() if forged else keys.alipay())}
    return {**told, "sign": _md5(text, "0" * 32 if forged else keys.form_secret())}


def holds(parameters: Mapping[str, str]) -> bool:
    """Whether the merchant signed it."""
    text, sign = rsa2.notice_text(parameters), parameters.get("sign", "")
    if parameters.get("sign_type") == "RSA":
        key = keys.merchant()
        return key is not None and rsa2.holds(text, sign, key)
    return sign == _md5(text, keys.form_secret())


def told(trade: Trade) -> dict[str, str]:
    """A payment; one that was refunded since is still paid."""
    return {
        "number": trade.out_trade_no,
        "trade": trade.trade_no,
        "state": "PAID" if trade.paid_at else STATES[trade.status],
        "amount": str(trade.total_amount),
        "payer": trade.account.user_id if trade.account else "",
        "paid_at": wire.text(trade.paid_at),
    }


def refunded(trade: Trade, refund: Refund, at: datetime) -> dict[str, str]:
    state = "DONE" if refund.fails_at is None else "PENDING" if at < refund.fails_at else "FAILED"
    return {
        "number": trade.out_trade_no,
        "refund": refund.out_request_no,
        "state": state,
        "amount": str(money.exact(refund.amount)),
        "refunded_at": wire.text(refund.refunded_at) if state == "DONE" else "",
    }


def _md5(text: str, secret: str) -> str:
    return hashlib.md5("&".join((text, f"key={secret}")).encode("utf-8"), usedforsecurity=False).hexdigest()
