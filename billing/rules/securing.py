"""How a deposit is secured: frozen where a freeze lasts long enough, else paid (domain.md §7)."""

from datetime import date
from enum import StrEnum

from core import calendar

UNTIL_RECEIPT_DAYS = 23  # from the order: 3 for the review, 5 to ship, 15 on the road before a parcel counts as lost
UNTIL_BACK_DAYS = 15  # on the road before a parcel back counts as lost; the 23 days leave as much to a long lease
RELEASE_DAYS = 10  # three working days over the longest holidays


class Kind(StrEnum):
    """FREEZE: preauthorised, nothing leaves the account. PAID: paid, held for the customer, refunded."""

    FREEZE = "FREEZE"
    PAID = "PAID"


def days_to_hold(ordered_on: date, months: int, return_window_days: int, last_day: date | None = None) -> int:
    """How long a freeze must last at most: until the lease is over, the device back and the release sent.

    `last_day` of a short lease, which begins on a picked day and not with the receipt.
    """
    if last_day is not None:
        return (last_day - ordered_on).days + return_window_days + UNTIL_BACK_DAYS + RELEASE_DAYS
    lease = (calendar.add_months(ordered_on, months) - ordered_on).days
    return UNTIL_RECEIPT_DAYS + lease + return_window_days + RELEASE_DAYS


def kind(longest_hold_days: int | None, days: int) -> Kind:
    """`longest_hold_days` of a channel; None for one that cannot freeze."""
    lasts = longest_hold_days is not None and longest_hold_days >= days
    return Kind.FREEZE if lasts else Kind.PAID
