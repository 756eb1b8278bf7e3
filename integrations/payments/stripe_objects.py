"""Stripe's objects as facts: a charge is a payment or a freeze, an intent tells of a release, a refund of itself.

Our numbers stand in their `metadata`: `number` (of a payment or a freeze), `order` (of a freeze only), `capture` (of
what was taken out of it), `release` (of what was given back), `payment` (whose refund it is).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from core import money
from integrations.errors import ProviderUnavailable
from integrations.payments import FreezeFact, PaymentFact, RefundFact, RefundStatus, ReleaseFact, Status
from integrations.stripe import instant

CURRENCY: Final = "cny"
SESSIONS: Final = {"open": Status.OPEN, "complete": Status.OPEN, "expired": Status.CLOSED}  # without a charge
REFUNDS: Final = {
    "succeeded": RefundStatus.SUCCEEDED,
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


def is_freeze(told: Mapping[str, Any]) -> bool:
    return bool(marks(told).get("order"))


def marks(told: Mapping[str, Any]) -> dict[str, str]:
    found = told.get("metadata")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def payment(charge: Mapping[str, Any], receiver: str, at: datetime | None = None) -> PaymentFact:
    """What was paid at once, or taken out of a freeze, at `at` if that is known from elsewhere."""
    taken = is_freeze(charge)
    return PaymentFact(
        request_no=named(marks(charge), "capture" if taken else "number"),
        trade_no=named(charge, "payment_intent"),
        status=Status.SUCCEEDED,
        amount=cents(charge.get("amount_captured")),
        currency=str(charge.get("currency", "")).upper()[:3],
        payer=_payer(charge),
        paid_at=(at or _posted_at(charge)) if taken else instant(charge.get("created")),
        merchant_id=receiver,
    )


def freeze(charge: Mapping[str, Any], receiver: str) -> FreezeFact:
    """`rest`: all or nothing, for what a capture leaves goes back with it."""
    amount = cents(charge.get("amount"))
    is_over = bool(charge.get("captured") or charge.get("refunded"))
    return FreezeFact(
        order_no=named(marks(charge), "order"),
        request_no=named(marks(charge), "number"),
        auth_no=named(charge, "payment_intent"),
        operation_id=named(charge, "id"),
        status=Status.SUCCEEDED,
        amount=amount,
        mode="FUND",
        payer=_payer(charge),
        frozen_at=instant(charge.get("created")),
        merchant_id=receiver,
        rest=money.ZERO if is_over else amount,
    )


def release(intent: Mapping[str, Any]) -> ReleaseFact:
    """Of an intent that holds nothing any more. One that ended by itself has no number of ours."""
    whole, taken = cents(intent.get("amount")), cents(intent.get("amount_received"))
    number = named(intent, "id")
    return ReleaseFact(
        order_no=marks(intent).get("order", ""),
        request_no=marks(intent).get("release") or f"auto-{number}",
        auth_no=number,
        operation_id=str(intent.get("latest_charge") or "")[:64],
        status=Status.SUCCEEDED,
        amount=None if whole is None else whole - (taken or money.ZERO),
        released_at=instant(intent.get("canceled_at")),
    )


def refund(told: Mapping[str, Any]) -> RefundFact:
    state = str(told.get("status"))
    if state not in REFUNDS:
        raise ProviderUnavailable(f"state {state[:30]!r}")
    status = REFUNDS[state]
    return RefundFact(
        request_no=named(marks(told), "payment"),
        refund_no=named(marks(told), "number"),
        status=status,
        amount=cents(told.get("amount")),
        refunded_at=instant(told.get("created")) if status is RefundStatus.SUCCEEDED else None,
    )


def session_status(session: Mapping[str, Any]) -> Status:
    """Of a page that nobody has paid on."""
    state = str(session.get("status"))
    if state not in SESSIONS:
        raise ProviderUnavailable(f"session {state[:30]!r}")
    return SESSIONS[state]


def charge_of(session: Mapping[str, Any]) -> dict[str, Any] | None:
    """The charge that succeeded on a page, where its intent and charge were asked for with it."""
    intent = session.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, dict) else None
    return charge if isinstance(charge, dict) and charge.get("status") == "succeeded" else None


def named(told: Mapping[str, Any], name: str) -> str:
    """A field that must be there: without it the message says nothing."""
    value = told.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 64 or not value.isascii() or not value.isprintable():
        raise ProviderUnavailable(f"{name} is missing")
    return value


def cents(value: object) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**13:
        raise ProviderUnavailable(f"amount {str(value)[:30]!r}")
    return money.from_cents(value)


def _payer(charge: Mapping[str, Any]) -> str:
    """The card's own mark, the same for the same card wherever it pays at this account; "" for none."""
    details = charge.get("payment_method_details")
    card = details.get("card") if isinstance(details, dict) else None
    return str(card.get("fingerprint") or "")[:64] if isinstance(card, dict) else ""


def _posted_at(charge: Mapping[str, Any]) -> datetime | None:
    posted = charge.get("balance_transaction")
    return instant(posted.get("created")) if isinstance(posted, dict) else None
