"""Decisions 审核结论: from a report to a tier and its quota, with reasons, replayable (domain.md §4)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core import money
from core.calendar import business_date
from core.errors import DomainError
from core.services import events
from credit.models import CreditReport, Decision, DemandRule, Outcome, Scorecard, TierSet, WaiverTier
from credit.rules import affordability, grading
from credit.rules import scorecards as card_rules
from credit.rules.facts import NEWCOMER, Record
from credit.rules.grading import Inputs, Verdict
from credit.rules.scorecards import Rise, Scored
from credit.rules.waiver import TierTerms
from credit.services import factors, inputs, quota, scorecards, tiers
from notices.services import messages

REASONS = {
    "score": _("Your score is %(score)s: grade %(grade)s."),
    "own_score": _("Your score by our own scorecard is %(score)s: grade %(grade)s."),
    "fell_back": _("The source gave no answer, so our own scorecard was used."),
    "admitted": _("Zhima says that you pass the bar: grade %(grade)s. It told us no score."),
    "not_admitted": _("Zhima says that you do not pass the bar. Renting with the full deposit stays open."),
    "lifted": _("You completed %(leases)s leases without arrears: lifted from grade %(from_grade)s to %(grade)s."),
    "below_entry": _(
        "A waiver starts at %(needed)s points; you have %(score)s. Renting with the full deposit stays open."
    ),
    "needs_review": _("Your order will be looked at by a person, within 72 hours."),
    "missing_factor": _("Not known to us, so it gave no points and a person will look: %(factors)s."),
    "fast_track": _("Your score is high: nothing more is asked for."),
    "demand": _("Before the order goes on we ask for: %(kind)s."),
    "manual": _("A person at Xinzu set your grade: %(grade)s."),
    "blocked": _("This account cannot rent. Please write to us."),
    "blacklist": _("We cannot rent to you, not even with a deposit. Please write to us if you think this is wrong."),
    "fraud": _("We cannot rent to you, not even with a deposit. Please write to us if you think this is wrong."),
    "under_age": _("Renting is possible from the age of 18."),
    "identity": _("Your identity is not proved."),
}


class NoTierSet(DomainError):
    """Nobody has published a tier table yet."""

    code = "no_tier_set"
    message = _("Waivers are not open yet. Renting with the full deposit is possible.")


class NoScore(DomainError):
    code = "no_score"
    message = _("There is no score to decide on. Renting with the full deposit is possible.")


def decide(customer: Customer, report: CreditReport, at: datetime, record: Record = NEWCOMER) -> Decision:
    """Decide on an answered report, and set the quota limit in the same transaction.

    `record`: what orders knows of the customer. NoTierSet; NoScore when neither the source nor a fallback gives one.
    The customer's earlier decision ends: one is open at a time (UNIQUE). Once per report. Locks the customer; the
    quota comes last.
    """
    with transaction.atomic():
        owner = Customer.objects.select_for_update().select_related("user").get(pk=customer.pk)
        before = Decision.objects.filter(report=report).first()
        if before is not None:
            return before
        tier_set = tiers.in_force()
        if tier_set is None and (report.score is not None or report.admitted is not None):
            raise NoTierSet
        found = inputs.of(owner, report, tier_set, record, at)
        if tier_set is None or found is None:
            raise NoScore
        _end_open(owner, "replaced", at)
        made = _write(owner, tier_set, found.inputs, at, report=report, scorecard=found.scorecard)
        _tell(made, at)
        _set_limit(made, at)
    return made


def remake(customer: Customer, actor: str, grounds: str, at: datetime, **changes: Any) -> Decision | None:
    """The decision in force made again with inputs changed by an operator: its own tables, the stops of now.

    None when none is in force. Locks the customer.
    """
    with transaction.atomic():
        owner = Customer.objects.select_for_update().select_related("user").get(pk=customer.pk)
        present = current(owner, business_date(at))
        if present is None:
            return None
        stopped = inputs.by_hand(owner)
        known = replace(Inputs.from_json(present.inputs), blocked=stopped.blocked, stops=stopped.stops)
        changed = replace(known, **changes)
        _end_open(owner, "remade", at)
        made = _write(
            owner,
            present.tier_set,
            changed,
            at,
            scorecard=present.scorecard,
            valid_until=present.valid_until,
            made_by=actor,
            grounds=grounds,
        )
        _tell(made, at)
        _set_limit(made, at)
    return made


def choose(customer: Customer, from_score: int, actor: str, grounds: str, at: datetime) -> Decision:
    """The band that an operator chose, on the decision in force or on none. NoTierSet. Hard stops still refuse."""
    with transaction.atomic():
        made = remake(customer, actor, grounds, at, manual=from_score)
        if made is not None:
            return made
        owner = Customer.objects.select_for_update().select_related("user").get(pk=customer.pk)
        tier_set = tiers.in_force()
        if tier_set is None:
            raise NoTierSet
        known = replace(inputs.by_hand(owner), manual=from_score)
        _end_open(owner, "replaced", at)
        made = _write(owner, tier_set, known, at, made_by=actor, grounds=grounds)
        _tell(made, at)
        _set_limit(made, at)
    return made


def at(customer: Customer, at: datetime) -> Decision | None:
    """The decision in force at an instant."""
    return current(customer, business_date(at))


def current(customer: Customer, on: date) -> Decision | None:
    """The decision that serves an order placed on a day."""
    open_ones = Decision.objects.select_related("tier", "tier_set", "report", "scorecard").filter(
        customer=customer, ended_at=None
    )
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
    stored = Inputs.from_json(decision.inputs)
    if decision.scorecard is not None and scored(decision) != stored.score:
        return None
    return _tier(
        decision.tier_set, grading.judge(stored, tiers.bands(decision.tier_set), tiers.policy(decision.tier_set))
    )


def scored(decision: Decision) -> int | None:
    """The score that the stored readings give on the stored scorecard; None without one."""
    found = parts(decision)
    return found.score if found else None


def parts(decision: Decision) -> Scored | None:
    """The score with its parts, made again; None when it was not ours."""
    if decision.scorecard is None:
        return None
    return card_rules.score(scorecards.card(decision.scorecard), Inputs.from_json(decision.inputs).factors)


def rises(decision: Decision) -> list[Rise]:
    """What would raise an own score, the largest gain first, and only what the person can do something about."""
    if decision.scorecard is None:
        return []
    stored = Inputs.from_json(decision.inputs)
    found = card_rules.rises(scorecards.card(decision.scorecard), stored.factors)
    return [rise for rise in found if factors.advice(rise)]


def rent_limit(decision: Decision) -> Decimal | None:
    """What all rents of this person may take in a month (capability B20); None for no limit."""
    income = decision.inputs.get("income_monthly")
    return affordability.limit(Decimal(income) if income else None, decision.tier_set.rent_share_percent)


def explain(decision: Decision) -> list[str]:
    """The reasons as sentences, in the reader's language."""
    return [str(REASONS[reason["code"]]) % in_words(reason["params"]) for reason in decision.reasons]


def in_words(params: dict[str, Any]) -> dict[str, Any]:
    """A reason's figures with its codes as words, in the reader's language."""
    told = dict(params)
    if "factors" in told:
        told["factors"] = ", ".join(factors.name(code) for code in told["factors"])
    if "kind" in told:
        told["kind"] = DemandRule.Kind(told["kind"]).label
    return told


def _write(
    customer: Customer,
    tier_set: TierSet,
    stored: Inputs,
    at: datetime,
    *,
    report: CreditReport | None = None,
    scorecard: Scorecard | None = None,
    valid_until: date | None = None,
    made_by: str = events.PLATFORM,
    grounds: str = "",
) -> Decision:
    verdict = grading.judge(stored, tiers.bands(tier_set), tiers.policy(tier_set))
    on = business_date(at)
    refuses_waiver = verdict.outcome == Outcome.REFUSE and verdict.band is not None  # after a hard stop no date helps
    made = Decision.objects.create(
        customer=customer,
        report=report,
        tier_set=tier_set,
        tier=_tier(tier_set, verdict),
        scorecard=scorecard,
        outcome=verdict.outcome,
        reasons=[reason.to_json() for reason in verdict.reasons],
        demands=list(verdict.demands),
        inputs=stored.to_json(),
        made_by=made_by,
        grounds=grounds,
        made_at=at,
        valid_until=valid_until or on + timedelta(days=tier_set.decision_days),
        reapply_on=on + timedelta(days=tier_set.reapply_days) if refuses_waiver else None,
    )
    facts: dict[str, Any] = {"outcome": made.outcome, "tier_set": tier_set.version, "reasons": made.reasons}
    events.record("decision_made", made, at=at, actor=made_by, facts=facts)
    return made


def _set_limit(made: Decision, at: datetime) -> None:
    limit = made.tier.quota_limit if made.tier and made.outcome != Outcome.REFUSE else money.ZERO
    by_hand = made.made_by != events.PLATFORM
    reason = "operator" if by_hand else "decision" if limit else "refused"
    quota.set_limit(made.customer, limit, at, reason=reason, actor=made.made_by)


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
