"""Decisions 审核结论: from a report to a tier and its quota, with reasons, replayable (domain.md §4)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core import money
from core.calendar import business_date
from core.errors import DomainError
from core.services import events
from credit.models import CreditReport, Decision, Outcome, TierSet, WaiverTier
from credit.rules import grading
from credit.rules.grading import Inputs, Verdict
from credit.rules.waiver import TierTerms
from credit.services import quota, tiers
from notices.services import messages

REASONS = {
    "score": _("Your score is %(score)s: grade %(grade)s."),
    "below_entry": _(
        "A waiver starts at %(needed)s points; you have %(score)s. Renting with the full deposit stays open."
    ),
    "needs_review": _("Your order will be looked at by a person, within 72 hours."),
    "blocked": _("This account cannot rent. Please write to us."),
}


class NoTierSet(DomainError):
    """Nobody has published a tier table yet."""

    code = "no_tier_set"
    message = _("Waivers are not open yet. Renting with the full deposit is possible.")


class NoScore(DomainError):
    code = "no_score"
    message = _("There is no score to decide on. Renting with the full deposit is possible.")


def decide(customer: Customer, report: CreditReport, at: datetime) -> Decision:
    """Decide on a received score, and set the quota limit in the same transaction.

    NoTierSet, NoScore. The customer's earlier decision ends: one is open at a time (UNIQUE). Once per report. Locks
    the customer; the quota comes last.
    """
    if report.state != CreditReport.State.RECEIVED or report.score is None:
        raise NoScore
    with transaction.atomic():
        owner = Customer.objects.select_for_update().get(pk=customer.pk)
        before = Decision.objects.filter(report=report).first()
        if before is not None:
            return before
        tier_set = tiers.in_force()
        if tier_set is None:
            raise NoTierSet
        inputs = Inputs(score=report.score, source=report.source, blocked=bool(owner.blocked_reason))
        _end_open(owner, "replaced", at)
        made = _write(owner, report, tier_set, inputs, at)
        _tell(made, at)
        limit = made.tier.quota_limit if made.tier and made.outcome != Outcome.REFUSE else money.ZERO
        quota.set_limit(owner, limit, at, reason="decision" if limit else "refused")
    return made


def current(customer: Customer, on: date) -> Decision | None:
    """The decision that serves an order placed on a day."""
    open_ones = Decision.objects.select_related("tier", "tier_set", "report").filter(customer=customer, ended_at=None)
    open_now = open_ones.first()
    return open_now if open_now is not None and open_now.valid_on(on) else None


def latest(customer: Customer) -> Decision | None:
    """The last decision, whether or not it still serves."""
    return Decision.objects.select_related("report").filter(customer=customer).order_by("-id").first()


def tier_terms(decision: Decision | None, on: date) -> TierTerms | None:
    """What the decision's tier waives on a day; None when nothing is: refused, ended, expired."""
    if decision is None or decision.tier is None or decision.outcome == Outcome.REFUSE or not decision.valid_on(on):
        return None
    tier = decision.tier
    return TierTerms(
        waives=tier.waives,
        amount=tier.amount,
        percent=tier.percent,
        quota_limit=tier.quota_limit,
        checkout_cap=tier.checkout_cap,
        devices=tier.devices,
        floor=decision.tier_set.deposit_floor,
    )


def end(customer: Customer, reason: str, at: datetime) -> bool:
    """End the open decision, e.g. for a bill more than 7 days past due; nothing more is waived until the next one."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        if not _end_open(customer, reason, at):
            return False
        quota.set_limit(customer, money.ZERO, at, reason=reason)
    return True


def replay(decision: Decision) -> WaiverTier | None:
    """The tier that the stored inputs give on the stored version: the decision's own, or rows were tampered with."""
    verdict = grading.judge(Inputs.from_json(decision.inputs), tiers.bands(decision.tier_set))
    return _tier(decision.tier_set, verdict)


def explain(decision: Decision) -> list[str]:
    """The reasons as sentences, in the reader's language."""
    return [str(REASONS[reason["code"]]) % reason["params"] for reason in decision.reasons]


def _write(customer: Customer, report: CreditReport, tier_set: TierSet, inputs: Inputs, at: datetime) -> Decision:
    verdict = grading.judge(inputs, tiers.bands(tier_set))
    on = business_date(at)
    is_refusal = verdict.outcome == Outcome.REFUSE
    reapply_on = on + timedelta(days=tier_set.reapply_days) if is_refusal else None
    made = Decision.objects.create(
        customer=customer,
        report=report,
        tier_set=tier_set,
        tier=_tier(tier_set, verdict),
        outcome=verdict.outcome,
        reasons=[reason.to_json() for reason in verdict.reasons],
        inputs=inputs.to_json(),
        made_at=at,
        valid_until=on + timedelta(days=tier_set.decision_days),
        reapply_on=reapply_on,
    )
    facts: dict[str, Any] = {"outcome": made.outcome, "tier_set": tier_set.version, "reasons": made.reasons}
    events.record("decision_made", made, at=at, facts=facts)
    return made


def _tier(tier_set: TierSet, verdict: Verdict) -> WaiverTier | None:
    return tier_set.tiers.get(from_score=verdict.band.from_score) if verdict.band else None


def _end_open(customer: Customer, reason: str, at: datetime) -> bool:
    for decision in Decision.objects.select_for_update().filter(customer=customer, ended_at=None):
        decision.ended_at = at
        decision.save(update_fields=["ended_at"])
        events.record("decision_ended", decision, at=at, facts={"reason": reason})
        return True
    return False


def _tell(decision: Decision, at: datetime) -> None:
    is_refusal = decision.outcome == Outcome.REFUSE
    params = {"grade": decision.tier.grade} if decision.tier else {}
    if is_refusal and decision.reapply_on:
        params["reapply_on"] = decision.reapply_on.isoformat()
    elif decision.tier:
        params["quota"] = str(decision.tier.quota_limit)
    template = "credit_refused" if is_refusal else "credit_granted"
    messages.inform(decision.customer.user, template, params, step=f"decision:{decision.pk}", at=at, sms=False)
