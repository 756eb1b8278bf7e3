"""Hard stops: the person is refused whatever is paid, apart from every score (domain.md §4).

One person adds a stop, for what he has seen is urgent; two lift it (docs/adr/0014-the-second-person.md).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.services import behaviour
from core import canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals, events
from credit.models import HardStop

KIND = "hard_stop"  # of the second person's approval to lift one


class NobodyNamed(DomainError):
    code = "nobody_named"
    message = _("This customer gave neither an ID number nor a phone.")


class GroundsMissing(DomainError):
    code = "grounds_missing"
    message = _("Please say why.")


class NoSuchStop(DomainError):
    code = "no_such_stop"
    message = _("This stop does not hold for this customer now.")


@dataclass(frozen=True, slots=True)
class Lifting:
    """All that a second person approves."""

    stop: int
    customer: str
    grounds: str


def add(customer: Customer, kind: str, grounds: str, actor: str, at: datetime, *, visit_number: str = "") -> HardStop:
    """Refuse the person from now on, under this account and any other with the ID number or phone. GroundsMissing.

    `visit_number`: the field visit whose report it rests on.
    """
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
            visit_number=visit_number,
            added_by=actor,
            added_at=at,
        )
        told = {"kind": kind, "grounds": made.grounds, "visit": visit_number}
        events.record("hard_stop_added", customer, at=at, actor=actor, facts=told)
    return made


def ask_to_lift(customer: Customer, stop_id: int, grounds: str, actor: str, at: datetime) -> Approval:
    """Ask a second person to let this customer be judged as anybody again. GroundsMissing, NoSuchStop, AlreadyAsked."""
    if not grounds.strip():
        raise GroundsMissing
    if stop_id not in {each.pk for each in of(customer)}:
        raise NoSuchStop
    wish = Lifting(stop_id, customer.number, grounds.strip())
    return approvals.request(KIND, subject(stop_id), wish, actor=actor, reason=wish.grounds[:300], at=at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> HardStop:
    """A second person's yes, and the stop is lifted."""
    asked = approvals.approve(approval_id, actor, at)
    return lift(canonical.decode(Lifting, asked.payload), actor, at)


@transaction.atomic
def lift(wish: Lifting, actor: str, at: datetime) -> HardStop:
    """The person is judged as anybody again. ApprovalNeeded, NoSuchStop. Locks the approval, then the stop."""
    approvals.use(KIND, subject(wish.stop), wish, at)
    row = HardStop.objects.select_for_update().filter(pk=wish.stop, lifted_at=None).first()
    if row is None:
        raise NoSuchStop
    row.lifted_at, row.lifted_by = at, actor
    row.save(update_fields=["lifted_at", "lifted_by"])
    events.record("hard_stop_lifted", row.customer or row, at=at, actor=actor, facts={"grounds": wish.grounds})
    return row


def subject(stop_id: int) -> str:
    return f"{KIND}:{stop_id}"


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


def stopped(customers: Collection[int], at: datetime) -> set[int]:
    """Which of these customers a stop stood for at `at`."""
    standing = Q(lifted_at=None) | Q(lifted_at__gt=at)
    found = HardStop.objects.filter(standing, customer__in=customers, added_at__lte=at)
    return set(found.values_list("customer_id", flat=True))
