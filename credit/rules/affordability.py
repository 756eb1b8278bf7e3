"""How much rent an income carries, and how much is left of it (capability B20)."""

from decimal import Decimal

from core import money


def limit(income_monthly: Decimal | None, share_percent: int) -> Decimal | None:
    """What all rents may take together in a month, floored to the fen; None for no limit."""
    if income_monthly is None or not share_percent:
        return None
    if income_monthly < 0 or not 0 < share_percent <= 100:
        raise ValueError("an income and a share of it")
    return money.floor_fen(income_monthly * share_percent / 100)


def left(limit_monthly: Decimal | None, rents_monthly: Decimal) -> Decimal | None:
    """What a further rent may come to; None for no limit."""
    return None if limit_monthly is None else max(money.ZERO, limit_monthly - rents_monthly)
