"""Cash prices, set by an operator and only added, and the cap on the yearly cost."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from catalog.models import CashPrice, LendingRate, Sku
from catalog.rules import publishing
from catalog.services import versions
from core.services import events


@transaction.atomic
def set_cash_price(sku: Sku, amount: Decimal, source: str, as_of: date, operator: User, at: datetime) -> CashPrice:
    """A new cash price with its source and day; published plans keep the one they were published with."""
    if operator.kind != operator.Kind.OPERATOR:
        raise ValueError("a cash price is set by an operator")
    price = CashPrice.objects.create(sku=sku, amount=amount, source=source, as_of=as_of, set_by=operator)
    events.record("cash_price_set", price, at=at, actor=f"operator:{operator.pk}")
    return price


@versions.remembered
def cost_cap(on: date) -> Decimal | None:
    """The highest yearly cost on day `on`: four times the lending rate; None when no rate is known (domain.md §3)."""
    rate = LendingRate.objects.filter(day__lte=on).order_by("-day").first()
    return publishing.LPR_TIMES * rate.rate_yearly if rate else None
