"""Cash prices: set by an operator, only added."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from catalog.models import CashPrice, Sku
from core.services import events


@transaction.atomic
def set_cash_price(sku: Sku, amount: Decimal, source: str, as_of: date, operator: User, at: datetime) -> CashPrice:
    """A new cash price with its source and day; published plans keep the one they were published with."""
    if operator.kind != operator.Kind.OPERATOR:
        raise ValueError("a cash price is set by an operator")
    price = CashPrice.objects.create(sku=sku, amount=amount, source=source, as_of=as_of, set_by=operator)
    events.record("cash_price_set", price, at=at, actor=f"operator:{operator.pk}")
    return price
