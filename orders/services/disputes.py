"""Asking a provider about disputes. Notices name one and no money; the answer goes in by `payments.receive_dispute`."""

from dataclasses import replace
from datetime import date, datetime

from billing.models import Chargeback, Payment
from billing.services import chargebacks
from integrations import registry
from integrations.payments import DisputeFact
from orders.services import payments


def ask(channel: str, dispute_no: str, at: datetime, moved_at: datetime | None = None) -> str:
    """How one stands. Calls the provider. `moved_at`: when its statement says that it took the money."""
    fact = registry.disputes(channel).query_dispute(dispute_no)
    if fact is None:
        return "asks for no money"
    return _received(channel, replace(fact, decided_at=fact.decided_at or moved_at), at)


def ask_again(chargeback_id: int, at: datetime) -> str:
    """One that is open here (poller)."""
    found = Chargeback.objects.get(pk=chargeback_id)
    return ask(found.channel, found.dispute_number, at)


def find(channel: str, day: date, at: datetime) -> int:
    """Those of a day, whether a notice told of them or not; how many there are. Calls the provider."""
    if not chargebacks.are_told(channel):
        return 0
    facts = registry.disputes(channel).disputes(day)
    for fact in facts:
        _received(channel, fact, at)
    return len(facts)


def _received(channel: str, fact: DisputeFact, at: datetime) -> str:
    """Who disputes a payment has made it: one that is unfinished here is asked about first."""
    unheard = Payment.objects.filter(channel=channel, number=fact.request_no)
    for payment_id in unheard.filter(state__in=[Payment.State.OPEN, Payment.State.CLOSED]).values_list("pk", flat=True):
        payments.ask(payment_id, at)
    word = payments.receive_dispute(channel, fact, at)
    chargebacks.asked(fact.dispute_no, channel, at)
    return word
