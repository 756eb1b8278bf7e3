"""Hard stops: a blocked customer is refused whatever is paid (domain.md §4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.errors import DomainError
from core.services import events


class BlockNeedsReason(DomainError):
    code = "block_needs_reason"
    message = _("Please write down why the customer is blocked.")


def block(customer_id: int, reason: str, actor: str, at: datetime) -> Customer:
    """BlockNeedsReason. Running leases go on; nothing new begins."""
    if not reason.strip():
        raise BlockNeedsReason
    return _write(customer_id, reason.strip(), "customer_blocked", actor, at)


def unblock(customer_id: int, actor: str, at: datetime) -> Customer:
    return _write(customer_id, "", "customer_unblocked", actor, at)


def _write(customer_id: int, reason: str, kind: str, actor: str, at: datetime) -> Customer:
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        before, customer.blocked_reason = customer.blocked_reason, reason
        if before != reason:
            customer.save(update_fields=["blocked_reason"])
            events.record(kind, customer, at=at, actor=actor, facts={"reason": reason, "before": before})
    return customer
