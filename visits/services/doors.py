"""What an agent reads of the door he goes to: no longer than he needs it, each reading an event.

About an application he may ring the customer himself, around the agreed time. About money the number is given by a call
alone, which the conduct guard decides and counts (arrears.services.home_visits.ring).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from notices.rules import conduct
from visits.models import Visit
from visits.rules import hours
from visits.services.visits import VisitClosed

State, Purpose = Visit.State, Visit.Purpose


class NotAroundTheTime(DomainError):
    code = "not_around_the_time"
    message = _("A customer is rung from two hours before the appointment until its hour is over, never at night.")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the agent goes, and the customer's own number while it may be rung; plain, for one page."""

    name: str
    address: str
    phone: str | None


def read(visit: Visit, actor: str, at: datetime) -> Door | None:
    """Of an appointment that stands, until the end of its day; None afterwards. VisitClosed."""
    if visit.state != State.AGREED or visit.starts_at is None:
        raise VisitClosed(state=visit.get_state_display())
    if hours.is_past(visit.starts_at, at):
        return None
    address, purpose, own = visit.address, f"visit {visit.number}", visit.customer.user
    may_ring = visit.purpose == Purpose.REVIEW and own.in_peace_since is None and _is_around(visit, at)
    with transaction.atomic():
        consignee, street = (
            cell.open(by=actor, purpose=purpose, at=at) for cell in (address.consignee, address.street)
        )
        phone = own.phone.open(by=actor, purpose=purpose, at=at) if own.phone and may_ring else None
    return Door(consignee, f"{address.region}{street}", phone)


def require_around(visit: Visit, at: datetime) -> None:
    """Before the customer is rung about it. VisitClosed, NotAroundTheTime."""
    if visit.state != State.AGREED:
        raise VisitClosed(state=visit.get_state_display())
    if not _is_around(visit, at):
        raise NotAroundTheTime


def _is_around(visit: Visit, at: datetime) -> bool:
    is_near = visit.starts_at is not None and hours.may_ring(visit.starts_at, at)
    return is_near and conduct.no_call(at, 0, 0) is None
