"""A good payer's lift, taken back and given again by an operator with grounds; it holds from the next decision on."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.errors import DomainError
from core.services import events
from credit.models import LiftRevocation
from credit.services import decisions
from credit.services.stops import GroundsMissing


class LiftRevokedBefore(DomainError):
    code = "lift_revoked_before"
    message = _("This lift is taken back already.")


def revoke(customer: Customer, grounds: str, actor: str, at: datetime) -> LiftRevocation:
    """No lift until it is restored; the decision in force is made again without it. LiftRevokedBefore."""
    if not grounds.strip():
        raise GroundsMissing
    try:
        with transaction.atomic():
            row = LiftRevocation.objects.create(
                customer=customer, grounds=grounds.strip(), revoked_by=actor, revoked_at=at
            )
            events.record("lift_revoked", customer, at=at, actor=actor, facts={"grounds": row.grounds})
            decisions.remake(customer, actor, row.grounds, at, lift_revoked=True)
    except IntegrityError as error:
        raise LiftRevokedBefore from error
    return row


def restore(customer: Customer, grounds: str, actor: str, at: datetime) -> bool:
    """Whether there was anything to restore. GroundsMissing."""
    if not grounds.strip():
        raise GroundsMissing
    with transaction.atomic():
        row = LiftRevocation.objects.select_for_update().filter(customer=customer, restored_at=None).first()
        if row is None:
            return False
        row.restored_at, row.restored_by = at, actor
        row.save(update_fields=["restored_at", "restored_by"])
        events.record("lift_restored", customer, at=at, actor=actor, facts={"grounds": grounds.strip()})
        decisions.remake(customer, actor, grounds.strip(), at, lift_revoked=False)
    return True
