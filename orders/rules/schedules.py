"""Which schedules a customer may choose: within the grade's longest term, and within what the income carries."""

from decimal import Decimal


def forbidden(months: int, payment_monthly: Decimal, longest_term: int | None, rent_left: Decimal | None) -> str:
    """Why a schedule is not offered: "grade" (too long), "income" (above what is left); "" for one that is.

    `rent_left`: what a further rent with cover may come to in a month, None for no limit (capability B20).
    """
    if months < 1 or payment_monthly < 0:
        raise ValueError("a schedule has months and a payment")
    if longest_term is not None and months > longest_term:
        return "grade"
    return "income" if rent_left is not None and payment_monthly > rent_left else ""
