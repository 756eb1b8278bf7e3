"""The customer's credit balance: what it comes to, whence it came and where it went."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
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
    return Line(movement, WORDS[movement.kind], links)
