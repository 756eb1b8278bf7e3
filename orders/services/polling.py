"""Asking providers about attempts that are still open: no notice is guaranteed (integrations.md §9)."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from billing.models import DepositFreeze, Payment
from integrations.errors import ProviderRefused, ProviderUnavailable
from orders.services import payments

log = logging.getLogger(__name__)
# After 1, 5, 15 and 60 minutes, then hourly: an attempt is asked about again when its last answer is this old.
STEPS = [timedelta(minutes=m) for m in (1, 5, 15, 60)]
MOST = 200


def ask_open(at: datetime) -> int:
    """Ask about each open payment and freeze whose turn it is; how many. An unreachable provider costs nothing."""
    asked = 0
    for payment in _due(Payment.objects.all(), at):
        asked += _ask(payments.ask, payment, at)
    for freeze in _due(DepositFreeze.objects.all(), at):
        asked += _ask(payments.ask_freeze, freeze, at)
    return asked


def is_due(created_at: datetime, asked_at: datetime | None, at: datetime) -> bool:
    """Whether an attempt's next question is due: 1, 5, 15 and 60 minutes after it began, then every hour."""
    last = asked_at or created_at
    coming = [created_at + step for step in STEPS if created_at + step > last]
    return at >= (coming[0] if coming else last + STEPS[-1])


def _due(rows: "QuerySet[Any]", at: datetime) -> Iterable[Any]:
    first = Q(asked_at=None) | Q(asked_at__lte=at - STEPS[0])
    open_rows = rows.filter(first, state="OPEN", created_at__lte=at - STEPS[0]).order_by("asked_at", "id")[:MOST]
    return [row for row in open_rows if is_due(row.created_at, row.asked_at, at)]


def _ask(question: Callable[[Any, datetime], str], row: Model, at: datetime) -> int:
    with transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(asked_at=at)
    try:
        question(row, at)
    except (ProviderUnavailable, ProviderRefused) as error:
        log.warning("provider gave no answer about %s %s: %s", type(row).__name__, row.pk, error)
        return 0
    return 1
