"""A child process that does one piece of billing's work and dies at a named kill point (core/faults.py).

`python -m tests.faults.dying <work> <id> <instant>`; the environment says FAULT and which database.
"""

import sys
from datetime import datetime


def refund(pk: int, at: datetime) -> None:
    from billing.services import refunds

    refunds.send(pk, at)


def release(pk: int, at: datetime) -> None:
    from billing.services import deposits

    deposits.send_release(pk, at)


def capture(pk: int, at: datetime) -> None:
    from billing.services import payments

    payments.capture("alipay", payments.ask(pk), at)


def capture_uncommitted(pk: int, at: datetime) -> None:
    """As orders does: the capture is part of a larger transaction, which dies with the process."""
    from django.db import transaction

    from billing.services import payments

    fact = payments.ask(pk)
    with transaction.atomic():
        payments.capture("alipay", fact, at)


def secure(pk: int, at: datetime) -> None:
    from billing.services import deposits

    deposits.capture_freeze("alipay", deposits.ask_freeze(pk), at)


def statement(days_ago: int, at: datetime) -> None:
    from datetime import timedelta

    from core.calendar import business_date
    from orders.services import statements

    statements.reconcile("alipay", business_date(at) - timedelta(days=days_ago), at)


if __name__ == "__main__":
    import django

    django.setup()
    globals()[sys.argv[1]](int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
