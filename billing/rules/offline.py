"""Money that an operator saw arrive: what one person may record alone (reliability.md 33)."""

from datetime import date, timedelta
from decimal import Decimal

ALONE_AT_MOST = Decimal(5000)
ALONE_BACK = timedelta(days=1)


def needs_second_person(amount: Decimal, received_on: date, on: date) -> bool:
    """A large amount, or one that came so long ago that a late fee of days hangs on the date."""
    return amount > ALONE_AT_MOST or on - received_on > ALONE_BACK
