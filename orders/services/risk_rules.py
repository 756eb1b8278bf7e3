"""Versions of the risk rules, put into force and out of it by two persons (core.services.versions)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from core.errors import DomainError
from core.models import Approval
from core.services import approvals, versions
from orders.models import RiskRule

KIND, END = "risk_rule", "risk_rule_end"  # of the second person's approvals


class RuleNotDraft(DomainError):
    code = "risk_rule_not_draft"
    message = _("Only a draft can be published.")


class RuleNotInForce(DomainError):
    code = "risk_rule_not_in_force"
    message = _("This rule is not in force.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a second person approves: the whole rule."""

    rule: int
    kind: str
    threshold: int
    window_days: int
    action: str
    demand: str


@dataclass(frozen=True, slots=True)
class Ending:
    """A rule put out of force without a successor."""

    rule: int


def proposal(rule: RiskRule) -> Proposal:
    return Proposal(rule.pk, rule.kind, rule.threshold, rule.window_days, rule.action, rule.demand)


def propose(rule_id: int, actor: str, reason: str, at: datetime) -> Approval:
    """Hand a draft to a second person. RuleNotDraft, AlreadyAsked."""
    return versions.propose(LINE, rule_id, actor, reason, at)


def carry_out(approval_id: int, actor: str, at: datetime) -> RiskRule:
    """A second person's yes, and the rule replaces the one of its kind; what that one found stays."""
    return versions.carry_out(LINE, approval_id, actor, at)


def publish(rule_id: int, actor: str, at: datetime) -> RiskRule:
    """As `versions.publish`: RuleNotDraft, ApprovalNeeded."""
    return versions.publish(LINE, rule_id, actor, at)


@transaction.atomic
def propose_end(rule_id: int, actor: str, reason: str, at: datetime) -> Approval:
    """Ask to put a rule out of force without a successor. RuleNotInForce, AlreadyAsked."""
    rule = _in_force(rule_id)
    return approvals.request(END, versions.subject(LINE, rule), Ending(rule.pk), actor=actor, reason=reason, at=at)


def asked_to_end(rule: RiskRule) -> Approval | None:
    return approvals.open_for(versions.subject(LINE, rule), END).first()


@transaction.atomic
def carry_out_end(approval_id: int, actor: str, at: datetime) -> RiskRule:
    """A second person's yes, and the rule ends; what it found stays."""
    yes = approvals.approve(approval_id, actor, at)
    return retire(yes.payload["rule"], actor, at)


@transaction.atomic
def retire(rule_id: int, actor: str, at: datetime) -> RiskRule:
    """Out of force as a second person approved. RuleNotInForce, ApprovalNeeded. Locks the approval, then the rule."""
    approvals.use(END, f"{KIND}:{rule_id}", Ending(rule_id), at)
    rule = _in_force(rule_id)
    versions.end(LINE, rule, actor, at)
    return rule


def _in_force(rule_id: int) -> RiskRule:
    found = RiskRule.objects.select_for_update().filter(pk=rule_id).first()
    if found is None or not can_proceed(found.supersede):
        raise RuleNotInForce
    return found


def _sound(rule: RiskRule, at: datetime) -> None:
    """The table's constraints refuse what makes no sense, in a draft already."""


LINE = versions.Line(
    name=KIND, model=RiskRule, key="pk", figures=proposal, require_sound=_sound, not_draft=RuleNotDraft, within="kind"
)
