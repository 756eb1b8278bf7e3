"""Doors of the worker: refunds, releases and the ends of agreements, called outside any transaction."""

from datetime import datetime

from billing.services import autopay, deposits, refunds
from core.consumers import consumer


@consumer(own_commits=True)
def send_refund(refund_id: int, at: datetime) -> None:
    refunds.send(refund_id, at)


@consumer(own_commits=True)
def send_release(release_id: int, at: datetime) -> None:
    deposits.send_release(release_id, at)


@consumer(own_commits=True)
def unsign(agreement_id: int, at: datetime) -> None:
    autopay.unsign(agreement_id, at)
