"""The customer's credit balance: what it comes to, whence it came and where it went."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.models import Refund
from billing.services import balance_history as histories
from billing.services import statements
from billing.services.balance_history import Kind, Movement

WORDS: dict[Kind, str | Promise] = {
    Kind.OVERPAID: _("You paid more than was owed"),
    Kind.USED_WHEN_DUE: _("Used when a bill was due"),
    Kind.USED_ON_WISH: _("Used because you asked for it"),
    Kind.PAID_OUT: _("Paid out to you"),
    Kind.TAKEN_BACK: _("Taken back by your bank"),
    Kind.RETURNED: _("Sent back by itself"),
}
ON_ITS_WAY = _("On its way back to you")
NOT_THROUGH = _("Could not go back the way it came; our staff will pay it to you")


@dataclass(frozen=True, slots=True)
class Line:
    """One movement; `links` lead to the bills that it paid."""

    movement: Movement
    word: str | Promise
    links: list[tuple[str, int, str]]


@dataclass(frozen=True, slots=True)
class ShownBalance:
    """What `storefront/balance.html` prints, newest first."""

    amount: Decimal
    lines: list[Line]


def shown(customer: Customer) -> ShownBalance:
    return ShownBalance(statements.credit_balance(customer), [_line(one) for one in histories.of(customer)])


def _line(movement: Movement) -> Line:
    links = [(lease, number, reverse("storefront:bill", args=[lease, number])) for lease, number in movement.bills]
    return Line(movement, _word(movement), links)


def _word(movement: Movement) -> str | Promise:
    """Nothing is called paid out before it is."""
    back = movement.refund
    if back is None or back.state == Refund.State.SUCCEEDED:
        return WORDS[movement.kind]
    return NOT_THROUGH if back.state == Refund.State.FAILED else ON_ITS_WAY
