"""One line of an operators' queue."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise

from orders import words
from orders.models import Order


@dataclass(frozen=True)
class Row:
    """One line of a queue: what is wrong, since when, what to do. It leads to where the work is done."""

    title: str
    href: str
    text: str | Promise = ""
    amount: Decimal | None = None
    left: words.Left | None = None
    since: datetime | None = None
    todo: str | Promise = ""


def order_href(order: Order) -> str:
    return reverse("desk:order", args=[order.number])
