"""Versions of the rules of every new lease, put into force by two persons (core.services.versions), and the legal cap.

The late fee stays below the yearly cap of the day (domain.md §3, §6): four times the lending rate (LPR). Where none is
on file nobody can tell it, so that nothing is published, ordered or put on paper until an operator enters one.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.rules import late_fees
from billing.rules.lease_rules import LeaseRules
from billing.rules.terms import FeeMode
from catalog.services import prices
from catalog.services import versions as catalogue
from core import calendar
from core.errors import DomainError
from core.models import Approval
from core.services import events, versions
from core.templatetags.xinzu import rate
from orders.models import LeaseRuleSet

KIND = "lease_rules"  # of the second person's approval
COPIED = ("late_fee_mode", "grace_days", "fee_rate_daily", "fee_cap_rate", "return_window_days")
log = logging.getLogger(__name__)


class LeaseRulesNotDraft(DomainError):
    code = "lease_rules_not_draft"
    message = _("Only a draft can be published.")


class LendingRateMissing(DomainError):
    """The admin's front page and the desk say it, too; `log.error` is the alarm."""

    code = "lending_rate_missing"
    message = _("No lending rate (LPR) is on file for this day, so nobody can tell the legal cap of a late fee.")


class FeeAboveCap(DomainError):
    code = "fee_above_cap"
    message = _("The late fee of %(rate)s a day is above the legal cap of the day: %(cap)s a year / 365 = %(most)s.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a second person approves."""

    version: int
    late_fee_mode: str
    grace_days: int
    fee_rate_daily: Decimal
    fee_cap_rate: Decimal
    return_window_days: int


def in_force() -> LeaseRules:
    """Of the one published version; the installation came with the first."""
    return rules_of(LeaseRuleSet.objects.get(state=LeaseRuleSet.State.PUBLISHED))


def of_day(on: date) -> LeaseRules:
    """As pages quote them: those in force, their rate no higher than the cap of the day where one is known."""
    rules, cap = _known(), prices.cost_cap(on)
    return rules if cap is None else rules.under(cap)


def to_order(on: date) -> LeaseRules:
    """As an order takes them, never others than those shown: the digest names them. LendingRateMissing."""
    return _known().under(cost_cap(on))


@catalogue.remembered
def _known() -> LeaseRules:
    """As this process saw them last: for a second it may take what was in force (settings)."""
    return in_force()


def is_cap_known(on: date) -> bool:
    return prices.cost_cap(on) is not None


def cost_cap(on: date) -> Decimal:
    """The yearly cap of the day. LendingRateMissing."""
    cap = prices.cost_cap(on)
    if cap is None:
        log.error("no lending rate is on file for %s: nothing can be ordered or put on paper", on)
        raise LendingRateMissing
    return cap


def require_lawful(fee_rate_daily: Decimal, on: date) -> None:
    """LendingRateMissing, FeeAboveCap."""
    cap = cost_cap(on)
    most = late_fees.most_lawful(cap)
    if fee_rate_daily > most:
        raise FeeAboveCap(rate=rate(fee_rate_daily), cap=rate(cap), most=rate(most))


def rules_of(row: LeaseRuleSet) -> LeaseRules:
    return LeaseRules(
        FeeMode(row.late_fee_mode), row.grace_days, row.fee_rate_daily, row.fee_cap_rate, row.return_window_days
    )


def proposal(row: LeaseRuleSet) -> Proposal:
    return Proposal(row.version, **{name: getattr(row, name) for name in COPIED})


def propose(pk: int, actor: str, reason: str, at: datetime) -> Approval:
    """Hand a draft to a second person. LeaseRulesNotDraft, LendingRateMissing, FeeAboveCap, AlreadyAsked."""
    return versions.propose(LINE, pk, actor, reason, at)


def carry_out(approval_id: int, actor: str, at: datetime) -> LeaseRuleSet:
    """A second person's yes, and orders take them from now on; leases and orders placed before keep their own."""
    return versions.carry_out(LINE, approval_id, actor, at)


def publish(pk: int, actor: str, at: datetime) -> LeaseRuleSet:
    """As `versions.publish`: LeaseRulesNotDraft, LendingRateMissing, FeeAboveCap, ApprovalNeeded."""
    return versions.publish(LINE, pk, actor, at)


def draft_from(pk: int, actor: str, at: datetime) -> LeaseRuleSet:
    """A new draft with the figures of an older version, to be changed and published."""
    with transaction.atomic():
        old = LeaseRuleSet.objects.get(pk=pk)
        figures = {name: getattr(old, name) for name in COPIED}
        draft = LeaseRuleSet.objects.create(version=next_version(), **figures)
        events.record("lease_rules_drafted", draft, at=at, actor=actor, facts={"from": old.version})
    return draft


def next_version() -> int:
    return versions.next_number(LeaseRuleSet)


def _require_sound(draft: LeaseRuleSet, at: datetime) -> None:
    require_lawful(draft.fee_rate_daily, calendar.business_date(at))


LINE = versions.Line(
    name=KIND,
    model=LeaseRuleSet,
    key="version",
    figures=proposal,
    require_sound=_require_sound,
    not_draft=LeaseRulesNotDraft,
)
