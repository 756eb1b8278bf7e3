"""The consent ledger: what, in which wording, when, and when withdrawn."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Consent, Customer
from core.services import events


def give(customer: Customer, purpose: str, version: str, at: datetime) -> Consent:
    """Record a consent; the standing one when this wording was agreed to before (UNIQUE)."""
    consent, _ = Consent.objects.get_or_create(
        customer=customer, purpose=purpose, version=version, withdrawn_at=None, defaults={"given_at": at}
    )
    return consent


def withdraw(customer: Customer, purpose: str, at: datetime) -> int:
    """End every standing consent to a purpose; how many there were."""
    with transaction.atomic():
        standing = list(_standing(customer, purpose).select_for_update().order_by("id"))
        for consent in standing:
            consent.withdrawn_at = at
            consent.save(update_fields=["withdrawn_at"])
            events.record("consent_withdrawn", consent, at=at, actor=f"customer:{customer.pk}")
    return len(standing)


def stands(customer: Customer, purpose: str) -> bool:
    return _standing(customer, purpose).exists()


def _standing(customer: Customer, purpose: str) -> QuerySet[Consent]:
    return Consent.objects.filter(customer=customer, purpose=purpose, withdrawn_at=None)
