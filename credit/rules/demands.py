"""When a report is enough, and a field visit may not be demanded by a rule (L6)."""

from decimal import Decimal
from typing import Final

VISIT_FROM: Final = Decimal("3000.00")  # yuan waived; below it nobody is sent to a home by a rule


def report_suffices(outcome: str, waived: Decimal) -> bool:
    """Report sufficient, no visit: the decision passes by itself, or little is waived on it.

    2,999.99 on a referred decision suffices, 3,000.00 does not. A person may still demand a visit, with grounds.
    """
    if waived < 0:
        raise ValueError("a waiver is never negative")
    return outcome == "APPROVE" or waived < VISIT_FROM
