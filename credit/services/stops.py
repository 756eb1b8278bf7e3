"""Hard stops: the person is refused whatever is paid, apart from every score (domain.md §4)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.services import behaviour
from core.errors import DomainError
from core.services import events
from credit.models import HardStop


class NobodyNamed(DomainError):
    code = "nobody_named"
    message = _("This customer gave neither an ID number nor a phone.")


class GroundsMissing(DomainError):
    code = "grounds_missing"
    message = _("Please say why.")


def add(customer: Customer, kind: str, grounds: str, actor: str, at: datetime) -> HardStop:
    """Refuse the person from now on, under this account and any other with the ID number or phone. GroundsMissing."""
    if not grounds.strip():
        raise GroundsMissing
    id_index, phone_index = behaviour.indexes(customer)
    if not id_index and not phone_index:
        raise NobodyNamed
    with transaction.atomic():
        made = HardStop.objects.create(
            kind=kind,
            customer=customer,
            id_index=id_index,
            phone_index=phone_index,
            grounds=grounds.strip(),
            added_by=actor,
            added_at=at,
        )
        events.record("hard_stop_added", customer, at=at, actor=actor, facts={"kind": kind, "grounds": made.grounds})
    return made


def lift(stop_id: int, grounds: str, actor: str, at: datetime) -> bool:
    """The person is judged as anybody again. False when it was lifted before. GroundsMissing."""
    if not grounds.strip():
        raise GroundsMissing
    with transaction.atomic():
        row = HardStop.objects.select_for_update().get(pk=stop_id)
        if row.lifted_at is not None:
            return False
        row.lifted_at, row.lifted_by = at, actor
        row.save(update_fields=["lifted_at", "lifted_by"])
        events.record("hard_stop_lifted", row.customer or row, at=at, actor=actor, facts={"grounds": grounds.strip()})
    return True


def of(customer: Customer) -> list[HardStop]:
    """The stops that hold for a customer, by account, ID number or phone."""
    named = Q(customer=customer) | Q(id_index__in=behaviour.proved(customer))
    phone_index = customer.user.phone_index
    if phone_index:
        named |= Q(phone_index=phone_index)
    return list(HardStop.objects.filter(named, lifted_at=None).order_by("id"))


def codes(customer: Customer) -> tuple[str, ...]:
    """Reason codes of the stops, each once."""
    return tuple(dict.fromkeys(stop.kind.lower() for stop in of(customer)))


def stopped(customers: Collection[int]) -> set[int]:
    """Which of these customers a stop was written for."""
    found = HardStop.objects.filter(customer__in=customers, lifted_at=None)
    return set(found.values_list("customer_id", flat=True))
