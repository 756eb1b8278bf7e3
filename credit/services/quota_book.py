"""A customer's quota from its first limit to today, with reasons: read from the facts, never stored a second time."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer
from core.money import ZERO, total
from core.services import events
from credit.models import Hold, QuotaAccount
from credit.rules.quota import HOLD, LIMIT, RELEASE, Line, Step, book
from credit.services import quota

REASONS = {
    "decision": _("by a new credit decision"),
    "refused": _("by a credit decision without a waiver"),
    "overdue": _("because a bill was more than 7 days past due"),
    "good_payer": _("for leases kept without arrears"),
    "operator": _("by an operator"),
}
TITLES = {
    HOLD: pgettext_lazy("quota", "Held by an order"),
    RELEASE: pgettext_lazy("quota", "Given back by an order"),
    "RAISED": _("Limit raised"),
    "LOWERED": _("Limit lowered"),
    "CONFIRMED": _("Limit confirmed"),
}


def of(customer: Customer) -> list[Line]:
    """Every line, newest first. Three queries, however long the book is."""
    account = QuotaAccount.objects.filter(customer=customer).first()
    return of_account(account, account.holds.order_by("id")) if account else []


def of_account(account: QuotaAccount, holds: Iterable[Hold]) -> list[Line]:
    """`of` an account whose holds, all of them, are known: one query."""
    changes = events.of(account).filter(kind=quota.LIMIT_SET)
    limits = [Step(LIMIT, e.at, quota.limit_of(e), reason=str(e.facts.get("reason", ""))) for e in changes]
    rows = list(holds)
    known = {hold.pk: hold for hold in rows}
    return book([*limits, *(step for hold in rows for step in _steps(hold, known, rows))])[::-1]


def kind(line: Line) -> str:
    """HOLD, RELEASE, or what a new limit meant: RAISED, LOWERED, CONFIRMED."""
    if line.step.kind != LIMIT:
        return line.step.kind
    before, after = line.before.limit, line.after.limit
    return "RAISED" if after > before else "LOWERED" if after < before else "CONFIRMED"


def why(reason: str) -> str:
    """A reason of a limit in words; one that nobody wrote words for stands as it is."""
    return str(REASONS.get(reason, reason))


def _steps(hold: Hold, known: dict[int, Hold], holds: list[Hold]) -> list[Step]:
    """What it took and gave back; what another hold carried of it, or it of another one, is taken once (换机)."""
    former = known.get(hold.former_id or 0)
    steps = [Step(HOLD, hold.held_at, hold.amount - hold.counted_back, hold.order_number)]
    if hold.released_at is not None:
        own = hold.amount - (hold.counted_back if former and _holds_at(former, hold.released_at) else ZERO)
        followers = [one for one in holds if one.former_id == hold.pk and _holds_at(one, hold.released_at)]
        less = own - total(one.counted_back for one in followers)
        steps.append(Step(RELEASE, hold.released_at, less, hold.order_number, hold.reason))
    return [step for step in steps if step.amount]


def _holds_at(hold: Hold, at: datetime) -> bool:
    return hold.held_at <= at and (hold.released_at is None or hold.released_at > at)
