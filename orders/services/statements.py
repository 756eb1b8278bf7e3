"""The statement's way in: what it says came in and we hold as open is asked about and posted like any other word."""

import logging
from datetime import date, datetime

from billing.models import StatementFile
from billing.services import gaps, reconciliation, refunds
from core import faults
from integrations.errors import NotYet, ProviderRefused, ProviderUnavailable
from orders.services import disputes, payments

log = logging.getLogger(__name__)


def reconcile_due(at: datetime) -> int:
    """Fetch and reconcile every day that is due; how many were. One that is not out or not readable is tried again,

    and from the next morning on it is an open exception.
    """
    done = sum(_tried(channel, day, at) for channel, day in reconciliation.due(at))
    gaps.open_for(reconciliation.due(at), reconciliation.last_out(at), at)
    return done


def reconcile(channel: str, day: date, at: datetime) -> StatementFile:
    """Fetch, post what is still open here, match; each step is safe to repeat. ProviderUnavailable, ProviderRefused."""
    file = reconciliation.fetch(channel, day, at)
    faults.point("statement.stored")
    if file.reconciled_at is None:
        waiting = reconciliation.unposted(file)
        for payment_id in waiting.payment_ids:
            payments.ask(payment_id, at)
        for refund_id in waiting.refund_ids:
            refunds.ask(refund_id, at)
        _ask_disputes(channel, day, waiting.disputes, at)
        faults.point("statement.asked")
    return reconciliation.reconcile(channel, day, at)


def _ask_disputes(channel: str, day: date, named: tuple[tuple[str, datetime], ...], at: datetime) -> None:
    """Those of the day and those that a line names. A merchant who may not ask has his differences from the lines."""
    try:
        for dispute_no, moved_at in named:
            disputes.ask(channel, dispute_no, at, moved_at)
        disputes.find(channel, day, at)
    except ProviderRefused as refusal:
        log.warning("no word about the disputes of %s on %s: %s", channel, day, refusal)


def _tried(channel: str, day: date, at: datetime) -> bool:
    try:
        reconcile(channel, day, at)
    except NotYet:
        gaps.note(channel, day, "not yet")
        return False
    except (ProviderUnavailable, ProviderRefused) as error:
        gaps.note(channel, day, error.detail if isinstance(error, ProviderUnavailable) else error.provider_code)
        log.warning("no statement of %s on %s: %s", channel, day, error)
        return False
    return True
