"""Every step of the waiver quota: limits with their reasons, holds, what came back, and what was free after each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise

from accounts.models import Customer
from core import calendar
from credit.rules.quota import LIMIT, RELEASE, Line
from credit.services import quota_book
from orders import words
from storefront.pages import standing


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One line. `amount` is the new limit, or what an order took or gave back; `free` is what was left to use."""

    title: str | Promise
    on: date
    name: str
    order_number: str
    reason: str
    amount: Decimal
    is_limit: bool
    gives: bool
    free: Decimal


@dataclass(frozen=True, slots=True)
class ShownBook:
    """What `storefront/quota.html` prints."""

    quota: standing.ShownQuota | None
    steps: list[ShownStep]


def shown(customer: Customer) -> ShownBook:
    return ShownBook(standing.quota_of(customer), steps(quota_book.of(customer)))


def steps(lines: Sequence[Line]) -> list[ShownStep]:
    names = standing.names_of(list({line.step.order_number for line in lines if line.step.order_number}))
    return [_shown(line, names) for line in lines]


def _shown(line: Line, names: dict[str, str]) -> ShownStep:
    step = line.step
    reason = quota_book.why(step.reason) if step.kind == LIMIT else str(words.reason(step.reason))
    return ShownStep(
        title=quota_book.TITLES[quota_book.kind(line)],
        on=calendar.business_date(step.at),
        name=names.get(step.order_number, step.order_number),
        order_number=step.order_number,
        reason=reason,
        amount=step.amount,
        is_limit=step.kind == LIMIT,
        gives=step.kind == RELEASE,
        free=line.after.free,
    )
