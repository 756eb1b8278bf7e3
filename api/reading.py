"""Orders as the API tells them: those of the token's user, on the token's face. Reads, changes nothing."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import ApiToken
from api import fields
from billing.rules.terms import LeaseTerms
from billing.services import statements
from billing.services.statements import BillView
from core import calendar
from orders import actions, consequences
from orders.actions import prices
from orders.models import Order
from orders.services import choices

FACES = {ApiToken.Face.CUSTOMER: actions.CUSTOMER, ApiToken.Face.MERCHANT: actions.MERCHANT}
LISTED = ("plan__sku__device_model__device_type", "lease")
SHOWN = (
    "customer__user", "merchant", "lease__deposit", "lease__customer", "agreement", "unit", "inspection", "claim",
    "account_lock", "review_request", "replaces__order",
)  # fmt: skip
MOMENTS = (
    "approved_at", "signed_at", "paid_at", "shipped_at", "received_at", "closed_at", "waits_until",
)  # fmt: skip


def face(token: ApiToken) -> str:
    return FACES[ApiToken.Face(token.face)]


def own(token: ApiToken) -> "QuerySet[Order]":
    """The orders that this token is for; a stranger's does not exist."""
    if token.face == ApiToken.Face.CUSTOMER:
        return Order.objects.filter(customer__user=token.user_id)
    return Order.objects.filter(merchant__members__user=token.user_id)


def listed(token: ApiToken, state: str) -> "QuerySet[Order]":
    rows = own(token).select_related(*LISTED)
    return rows.filter(state=state) if state else rows


def one(token: ApiToken) -> "QuerySet[Order]":
    """With what the table of steps asks of an order."""
    rows = own(token).select_related(*LISTED, *SHOWN).prefetch_related("lease__bills")
    return rows.annotate(has_letter=choices.HAS_LETTER)


def row(order: Order) -> dict[str, Any]:
    """An order as a line of the list."""
    device = order.plan.sku.device_model
    return {
        "number": order.number,
        "state": order.state,
        "state_label": order.get_state_display(),
        "device": {"name": str(device), "brand": device.brand, "specification": order.plan.sku.label},
        "term": {"months": order.months or None, "first_day": order.first_day, "last_day": order.last_day},
        "rent": LeaseTerms.from_json(order.lease.terms).monthly_rent,
        "placed_at": order.placed_at,
        "href": settings.SITE_URL + reverse("api:order", args=[order.number]),
    }


def whole(order: Order, face: str, at: datetime) -> dict[str, Any]:
    """One order with its lease, its bills as they stand today, and what may be done with it now."""
    on, lease = calendar.business_date(at), order.lease
    return {
        **row(order),
        **{name: getattr(order, name) for name in MOMENTS},
        "lease": {"state": lease.state, "start": lease.start, "last_day": lease.last_day, "ended_on": lease.ended_on},
        "deposit": {name: getattr(lease.deposit, name) for name in ("kind", "state", "total", "waived", "to_hold")},
        "bills": [_bill(view) for view in statements.statement(lease, on)],
        "actions": [_action(action, order, at) for action in actions.open_now(face, order, at)],
    }


def _bill(view: BillView) -> dict[str, Any]:
    bill = view.bill
    return {
        "number": bill.number, "kind": bill.kind, "due_date": bill.due_date, "amount": bill.amount, "paid": bill.paid,
        "late_fee": view.fee_now, "owed": view.owed_now, "condition": view.condition.value,
    }  # fmt: skip


def _action(action: actions.Action, order: Order, at: datetime) -> dict[str, Any]:
    """The fields of its form, of a step that the API takes; of one with a page of its own its `href`."""
    has_page = action.run is None
    return {
        "name": action.name,
        "label": str(action.label),
        "hint": str(action.hint),
        "primary": action.primary,
        "price": _price(action, order, at),
        "effects": [_effect(each) for each in consequences.of(action, order, at)],
        "form": [] if has_page else fields.asked(action),
        "href": settings.SITE_URL + action.url(order) if has_page else None,
    }


def _price(action: actions.Action, order: Order, at: datetime) -> dict[str, Any] | None:
    quote = prices.of(action.name, order, at) if action.face == actions.CUSTOMER else None
    if quote is None:
        return None
    return {"to_pay": quote.payoff.to_pay, "given_back": quote.payoff.given_back, "on": quote.on, "shown": quote.code}


def _effect(each: consequences.Consequence) -> dict[str, Any]:
    return {"text": str(each.text), "amount": each.amount, "on": each.on, "at": each.at}
