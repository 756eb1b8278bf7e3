"""What a decision looks at, gathered once and stored with it: the answer of the source or of the own scorecard."""

from dataclasses import dataclass, replace
from datetime import datetime

from accounts.models import Customer
from accounts.rules.id_numbers import ADULT_AGE
from accounts.services import identity
from credit.models import CreditReport, LiftRevocation, Scorecard, Source, TierSet
from credit.rules import scorecards as rules
from credit.rules.facts import Facts, Record
from credit.rules.grading import Inputs
from credit.services import factors, scorecards, stops


@dataclass(frozen=True, slots=True)
class Gathered:
    """`scorecard`: the version that made the score, None for a source's."""

    inputs: Inputs
    scorecard: Scorecard | None


def of(
    customer: Customer, report: CreditReport, tier_set: TierSet | None, record: Record, at: datetime
) -> Gathered | None:
    """None when neither the source nor a fallback gives a score. Opening the birthday is an event."""
    answered = report.state == CreditReport.State.RECEIVED and (report.score is not None or report.admitted is not None)
    own = None if answered else _own_card(report, tier_set)
    if not answered and own is None:
        return None
    facts = factors.gather(customer, record, at)
    found = _common(customer, report, facts)
    if own is None:
        bar = report.bar if report.bar is not None else found.bar
        return Gathered(replace(found, score=report.score, admitted=report.admitted, bar=bar), None)
    readings, card = factors.readings(facts), scorecards.card(own)
    scored = rules.score(card, readings)
    used = {factor.code: readings[factor.code] for factor in card.factors}
    fell_back = report.source != Source.OWN
    return Gathered(replace(found, score=scored.score, factors=used, missing=scored.missing, fell_back=fell_back), own)


def by_hand(customer: Customer) -> Inputs:
    """For a decision that no score leads to: the hard stops alone."""
    proved = () if identity.verified(customer) else ("identity",)
    return Inputs(
        score=None, source="manual", blocked=bool(customer.blocked_reason), stops=(*proved, *stops.codes(customer))
    )


def _own_card(report: CreditReport, tier_set: TierSet | None) -> Scorecard | None:
    may = report.source == Source.OWN or (tier_set is not None and tier_set.falls_back)
    ended = report.state != CreditReport.State.REQUESTED
    return scorecards.in_force() if may and ended else None


def _common(customer: Customer, report: CreditReport, facts: Facts) -> Inputs:
    record = facts.record
    return Inputs(
        score=None,
        source=report.source,
        blocked=bool(customer.blocked_reason),
        stops=_stops(customer, facts),
        kept_leases=record.kept_leases,
        completed_leases=record.completed_leases,
        lift_revoked=LiftRevocation.objects.filter(customer=customer, restored_at=None).exists(),
        shared=record.shared + facts.accounts_shared,
        income_monthly=facts.income_monthly,
        income_documented=facts.income_documented,
    )


def _stops(customer: Customer, facts: Facts) -> tuple[str, ...]:
    """Apart from any score: who is not proved, too young, on the blacklist or known for fraud is refused."""
    found = list(stops.codes(customer))
    if facts.age is None:
        found.insert(0, "identity")
    elif facts.age < ADULT_AGE:
        found.insert(0, "under_age")
    return tuple(found)
