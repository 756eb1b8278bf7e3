"""Cards at the pretended Stripe. Each write locks the row of its payment."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum

from sandbox import conf, stripe, wire
from sandbox.cards import CardPayment, CardRefund
from sandbox.models import AlipayAccount, FaultOrder
from sandbox.services import notices

Status = CardPayment.Status
LONGEST_HOLD = timedelta(days=7)
CHARGED = (Status.PAID, Status.HELD, Status.CANCELED)


@transaction.atomic
def open_page(asked: dict[str, Any], amount: int, expires_at: datetime, at: datetime) -> CardPayment:
    intent = asked["payment_intent_data"]
    return CardPayment.objects.create(
        number=wire.new_number(at, 24),
        reference=asked.get("client_reference_id", ""),
        title=asked["line_items"]["0"]["price_data"]["product_data"]["name"],
        amount=amount,
        is_hold=intent.get("capture_method") == "manual",
        marks=intent.get("metadata", {}),
        charge_marks=intent.get("metadata", {}),
        success_url=asked["success_url"],
        cancel_url=asked.get("cancel_url", ""),
        created_at=at,
        expires_at=expires_at,
    )


@transaction.atomic
def sign_in(number: str, account: AlipayAccount) -> CardPayment:
    row = _locked(number)
    if row.status == Status.OPEN:
        row.account = account
        row.save(update_fields=["account"])
    return row


@transaction.atomic
def pay(number: str, at: datetime) -> CardPayment:
    """The card is charged, or the amount is held on it. A second press changes nothing; too late closes the page."""
    row = lapse(_locked(number), at)
    if row.status == Status.OPEN and row.account is not None:
        row.status, row.charged_at = (Status.HELD if row.is_hold else Status.PAID), at
        if not row.is_hold:
            row.captured, row.captured_at = row.amount, at
        row.save(update_fields=["status", "charged_at", "captured", "captured_at"])
        _tell("charge.succeeded", told_charge(row), at)
    return row


@transaction.atomic
def known(number: str, what: str, at: datetime) -> CardPayment:
    """The locked row behind an id; `what` it is asked for as."""
    row = CardPayment.objects.select_for_update(of=("self",)).select_related("account").filter(number=number).first()
    if row is None or (what != "checkout.session" and row.charged_at is None):
        raise stripe.missing(f"{what}: '{number}'")
    return lapse(row, at)


@transaction.atomic
def expire(number: str, at: datetime) -> CardPayment:
    row = known(number, "checkout.session", at)
    if row.status != Status.OPEN:
        raise stripe.invalid("", 'Only Checkout Sessions with a status in ["open"] can be expired.')
    row.status = Status.EXPIRED
    row.save(update_fields=["status"])
    return row


@transaction.atomic
def mark(number: str, what: str, marks: dict[str, str], at: datetime) -> CardPayment:
    """Metadata is merged; an empty value takes one away."""
    row = known(number, what, at)
    field = "charge_marks" if what == "charge" else "marks"
    merged = {**getattr(row, field), **marks}
    setattr(row, field, {name: value for name, value in merged.items() if value})
    row.save(update_fields=[field])
    return row


@transaction.atomic
def capture(number: str, amount: int | None, at: datetime) -> CardPayment:
    """A part or all, once: what is not taken goes back."""
    row = known(number, "payment_intent", at)
    if row.status != Status.HELD:
        raise stripe.invalid("payment_intent_unexpected_state", "This PaymentIntent could not be captured.")
    taken = row.amount if amount is None else amount
    if not 0 < taken <= row.amount:
        raise stripe.invalid("amount_too_large", "The remaining amount to capture is less than that.")
    row.status, row.captured, row.captured_at = Status.PAID, taken, at
    row.save(update_fields=["status", "captured", "captured_at"])
    _tell("charge.captured", told_charge(row), at)
    return row


@transaction.atomic
def cancel(number: str, at: datetime) -> CardPayment:
    row = known(number, "payment_intent", at)
    if row.status != Status.HELD:
        raise stripe.invalid("payment_intent_unexpected_state", "You cannot cancel this PaymentIntent.")
    return _cancel(row, at)


@transaction.atomic
def refund(
    number: str, amount: int, marks: dict[str, str], fault: FaultOrder | None, at: datetime
) -> CardRefund:  # fmt: skip
    row = known(number, "charge", at)
    if row.status != Status.PAID:
        raise stripe.invalid("charge_not_refundable", "This charge has not been captured.")
    if refunded(row) + amount > row.captured:
        raise stripe.invalid("amount_too_large", "Refund amount is greater than unrefunded amount on charge.")
    fails = fault is not None and fault.kind == FaultOrder.Kind.FAIL_LATER
    fails_at = at + timedelta(hours=int((fault and fault.argument) or 48)) if fails else None
    made = CardRefund.objects.create(
        number=wire.new_number(at, 24),
        payment=row,
        amount=amount,
        status=CardRefund.Status.PENDING if fails else CardRefund.Status.SUCCEEDED,
        marks=marks,
        made_at=at,
        fails_at=fails_at,
    )
    _tell("refund.created", told_refund(made), at)
    return made


def settle_due(at: datetime) -> int:
    """Refunds that the bank turns back by now; the courier runs it."""
    due = CardRefund.objects.filter(status=CardRefund.Status.PENDING, fails_at__lte=at)
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            row = CardRefund.objects.select_for_update().get(pk=pk)
            if row.status == CardRefund.Status.PENDING:
                row.status = CardRefund.Status.FAILED
                row.save(update_fields=["status"])
                _tell("refund.failed", told_refund(row), at)
    return len(due)


def refunded(row: CardPayment) -> int:
    """What went back, or is on its way."""
    back = row.refunds.exclude(status=CardRefund.Status.FAILED).aggregate(sum=Sum("amount"))["sum"]
    return int(back or 0)


def lapse(row: CardPayment, at: datetime) -> CardPayment:
    """A page closes when its time is over, a hold after seven days."""
    if row.status == Status.OPEN and at >= row.expires_at:
        row.status = Status.EXPIRED
        row.save(update_fields=["status"])
    if row.status == Status.HELD and row.charged_at and at >= row.charged_at + LONGEST_HOLD:
        return _cancel(row, at)
    return row


def pages(at: datetime, since: int) -> "QuerySet[CardPayment]":
    """Newest first."""
    made = CardPayment.objects.filter(created_at__gte=datetime.fromtimestamp(since, at.tzinfo))
    return made.select_related("account").order_by("-created_at", "-pk")


def charged(marks: dict[str, str]) -> "QuerySet[CardPayment]":
    """Charges with any of these marks."""
    rows = CardPayment.objects.none()
    for name, value in marks.items():
        rows |= CardPayment.objects.filter(charged_at__isnull=False, **{f"charge_marks__{name}": value})
    return rows.select_related("account").order_by("-pk")


def told_page(row: CardPayment, *, whole: bool) -> dict[str, Any]:
    is_open, is_paid = row.status == Status.OPEN, row.charged_at is not None
    intent: Any = f"pi_{row.number}" if is_paid else None
    return {
        "id": f"cs_test_{row.number}",
        "object": "checkout.session",
        "amount_total": row.amount,
        "client_reference_id": row.reference,
        "created": _stamp(row.created_at),
        "currency": "cny",
        "expires_at": _stamp(row.expires_at),
        "livemode": False,
        "metadata": row.marks,
        "mode": "payment",
        "payment_intent": told_intent(row, whole=True) if whole and is_paid else intent,
        "payment_status": "paid" if row.status == Status.PAID else "unpaid",
        "status": "open" if is_open else "complete" if is_paid else "expired",
        "success_url": row.success_url,
        "url": f"{conf.url()}/cashier/stripe/{row.number}/" if is_open else None,
    }


def told_intent(row: CardPayment, *, whole: bool) -> dict[str, Any]:
    states = {Status.PAID: "succeeded", Status.HELD: "requires_capture", Status.CANCELED: "canceled"}
    return {
        "id": f"pi_{row.number}",
        "object": "payment_intent",
        "amount": row.amount,
        "amount_capturable": row.amount if row.status == Status.HELD else 0,
        "amount_received": row.captured,
        "canceled_at": _stamp(row.canceled_at),
        "capture_method": "manual" if row.is_hold else "automatic",
        "created": _stamp(row.created_at),
        "currency": "cny",
        "description": row.title,
        "latest_charge": told_charge(row, whole=True) if whole else f"ch_{row.number}",
        "livemode": False,
        "metadata": row.marks,
        "payment_method_types": ["card"],
        "status": states[Status(row.status)],
    }


def told_charge(row: CardPayment, *, whole: bool = False) -> dict[str, Any]:
    assert row.account is not None  # nobody else is charged
    card = sha256(row.account.user_id.encode()).hexdigest()[:16]
    posted = {"id": f"txn_{row.number}", "object": "balance_transaction", "created": _stamp(row.captured_at)}
    back = row.amount if row.status == Status.CANCELED else refunded(row)
    return {
        "id": f"ch_{row.number}",
        "object": "charge",
        "amount": row.amount,
        "amount_captured": row.captured,
        "amount_refunded": back,
        "balance_transaction": (posted if whole else posted["id"]) if row.captured_at else None,
        "captured": row.captured_at is not None,
        "created": _stamp(row.charged_at),
        "currency": "cny",
        "description": row.title,
        "livemode": False,
        "metadata": row.charge_marks,
        "paid": True,
        "payment_intent": f"pi_{row.number}",
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "country": "FR", "fingerprint": card, "last4": "4242"},
        },
        "refunded": back > 0 and back >= (row.captured or row.amount),
        "status": "succeeded",
    }


def told_refund(row: CardRefund) -> dict[str, Any]:
    return {
        "id": f"re_{row.number}",
        "object": "refund",
        "amount": row.amount,
        "charge": f"ch_{row.payment.number}",
        "created": _stamp(row.made_at),
        "currency": "cny",
        "metadata": row.marks,
        "payment_intent": f"pi_{row.payment.number}",
        "status": row.status,
        **({"failure_reason": "expired_or_canceled_card"} if row.status == CardRefund.Status.FAILED else {}),
    }


def _cancel(row: CardPayment, at: datetime) -> CardPayment:
    row.status, row.canceled_at = Status.CANCELED, at
    row.save(update_fields=["status", "canceled_at"])
    _tell("payment_intent.canceled", told_intent(row, whole=False), at)
    return row


def _tell(kind: str, told: dict[str, Any], at: datetime) -> None:
    notices.put_stripe(conf.stripe_endpoint(), kind, told, at)


def _stamp(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None


def _locked(number: str) -> CardPayment:
    return CardPayment.objects.select_for_update(of=("self",)).select_related("account").get(number=number)
