"""Asking providers about what is still open: no notice is guaranteed (integrations.md §9)."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from billing.services import autopay, captures, chargebacks, refunds
from billing.services import deposits as billing_deposits
from billing.services import payments as billing_payments
from integrations.errors import ProviderRefused, ProviderUnavailable
from orders.services import deposit_deductions, disputes, payments, tracking

log = logging.getLogger(__name__)


def ask_open(at: datetime) -> int:
    """Ask about each attempt, refund and release whose turn it is, and close attempts past their end.

    How many answers came. An unreachable provider costs nothing: the next turn asks again.
    """
    turns: list[tuple[Callable[[int, datetime], Any], list[int]]] = [
        (payments.ask, billing_payments.to_ask(at)),
        (payments.ask_freeze, billing_deposits.freezes_to_ask(at)),
        (payments.close, billing_payments.to_close(at)),
        (payments.close_freeze, billing_deposits.freezes_to_close(at)),
        (autopay.ask, autopay.to_ask(at)),
        (refunds.ask, refunds.to_ask(at)),
        (deposit_deductions.ask, captures.to_ask(at)),
        (disputes.ask_again, chargebacks.to_ask(at)),
        (tracking.ask, tracking.to_ask(at)),
        (billing_deposits.ask_release, billing_deposits.releases_to_ask(at)),
    ]
    return sum(_ask(question, pk, at) for question, due in turns for pk in due)


def _ask(question: Callable[[int, datetime], Any], pk: int, at: datetime) -> bool:
    try:
        question(pk, at)
    except (ProviderUnavailable, ProviderRefused) as error:
        log.warning("no answer about %s %s: %s", question.__name__, pk, error)
        return False
    return True
