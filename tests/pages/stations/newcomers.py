"""Customers at each station before an order."""

from datetime import date, datetime, timedelta

from accounts.models import Customer
from accounts.services import identity
from sandbox import magic
from tests import make


def each(now: datetime) -> dict[str, Customer]:
    """Customers at each station before an order."""
    before = now - timedelta(days=1)
    made = {
        "newcomer": make.signed_up(at=before),
        "proved": make.verified(at=before),
        "poor": make.customer(score=400, at=before),
        "scoreless": make.customer(score=None, at=before),
        "mistaken": make.signed_up(at=before),
        "waiting": make.signed_up(at=before),
    }
    wrong = magic.number(date(1990, 5, 1), "991", "440305")
    identity.request(made["mistaken"], make.NAME, wrong, consent_version="2026-01", at=before)
    make.drain(before)
    identity.request(made["waiting"], make.NAME, make.id_number(), consent_version="2026-01", at=now)
    return made
