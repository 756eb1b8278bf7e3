"""An operator's own word on a customer's tier or quota limit; a second person always decides it (reliability.md 33)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core import canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from credit.models import Decision, TierSet
from credit.services import decisions, quota, tiers


class Deed(StrEnum):
    """What needs a second person here."""

    WAIVER = "WAIVER"


class NothingChanged(DomainError):
    code = "nothing_changed"
    message = _("Choose a grade or a limit that differs from the present one.")


class GradeUnknown(DomainError):
    code = "grade_unknown"
    message = _("The tier table has no such band.")


@dataclass(frozen=True, slots=True)
class Override:
    """`from_score`: the beginning of the band to be used; `limit`: the quota's, until the next decision sets it."""

    customer: str
    from_score: int | None
    limit: Decimal | None
    reason: str

    @property
    def subject(self) -> str:
        return f"customer:{self.customer}"


@transaction.atomic
def ask(wish: Override, actor: str, at: datetime) -> Approval:
    """Ask a second person. NothingChanged, GradeUnknown, AlreadyAsked."""
    customer = Customer.objects.get(number=wish.customer)
    if wish.from_score is None and wish.limit is None:
        raise NothingChanged
    _require_band(_table(customer, at), wish.from_score)
    return approvals.request(Deed.WAIVER, wish.subject, wish, actor=actor, reason=wish.reason, at=at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> Decision | None:
    """A second person's yes, and at once the change. As `approvals.approve`; None for a limit only."""
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(Override, asked.payload)
    approvals.use(Deed.WAIVER, wish.subject, wish, at)
    customer = Customer.objects.select_for_update().get(number=wish.customer)
    made = None
    if wish.from_score is not None:
        _require_band(_table(customer, at), wish.from_score)
        made = decisions.choose(customer, wish.from_score, asked.requested_by, wish.reason, at)
    if wish.limit is not None:
        quota.set_limit(customer, wish.limit, at, reason="operator", actor=asked.requested_by)
    return made


def _table(customer: Customer, at: datetime) -> TierSet | None:
    present = decisions.at(customer, at)
    return present.tier_set if present else tiers.in_force()


def _require_band(table: TierSet | None, from_score: int | None) -> None:
    if from_score is None:
        return
    if table is None or not table.tiers.filter(from_score=from_score).exists():
        raise GradeUnknown
