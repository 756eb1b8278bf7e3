"""What a merchant may do with an order now and what each step does; and who acts where it is not the merchant."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders import actions, consequences
from orders.actions import MERCHANT
from orders.models import Order, State

Text = str | Promise
HELD: Text = _("The platform waits for something it asked of the customer. You ship after it; the delay is not yours.")
LOOKED_AT: Text = _("The platform looks at this order first. You ship after it; the delay is not yours.")
NEXT: dict[str, str | Promise] = {
    State.PLACED: _("The platform reviews the order. Nothing to do for you yet."),
    State.APPROVED: _("The customer reads and signs the agreement. Nothing to do for you yet."),
    State.SIGNED: _("The customer pays the first rent and secures the deposit. Do not ship before that."),
    State.SHIPPED: _("The carrier delivers and the customer confirms the receipt; the lease starts with it."),
    State.ACTIVE: _("The lease runs. The customer pays month by month and may return the device at its end."),
    State.SETTLING: _("The device is back. The order is completed once everything is paid."),
    State.COMPLETED: _("Everything is paid and given back. Nothing is open."),
    State.WRITTEN_OFF: _("The customer owes a rest that was written off. What still comes is yours."),
    State.CANCELLED: _("The order was cancelled and the unit is free again. Nothing is open."),
    State.REFUSED: _("The platform did not approve the order. Nothing is open."),
}


@dataclass(frozen=True)
class Step:
    """One action that is open now, with its effects."""

    label: str | Promise
    url: str
    primary: bool
    hint: str | Promise
    effects: list[consequences.Consequence]


def open_now(order: Order, at: datetime) -> list[Step]:
    """The merchant's rows of the table of actions that fit the order now, the primary one first."""
    rows = actions.open_now(MERCHANT, order, at)
    does = consequences.of_all(rows, order, at)
    return [Step(row.label, row.url(order), row.primary, row.hint, told) for row, told in zip(rows, does, strict=True)]
