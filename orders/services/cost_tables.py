"""The cost tables of what a customer looks at: one device, many each by itself, or some that are ordered together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.rules import securing
from billing.rules.lease_rules import LeaseRules
from billing.rules.securing import Kind
from billing.services import channels
from catalog.models import CoverChoice, LeasePlan, PlanTerm
from catalog.rules import pricing
from catalog.rules.shorts import Dates
from catalog.services import offers, versions
from core import money
from core.errors import DomainError
from credit.models import Decision, Outcome
from credit.rules import affordability, waiver
from credit.services import decisions, quota
from orders.models import Order
from orders.rules import schedules
from orders.rules.costs import CostTable, Together
from orders.services import lease_rules, trust


class PlanUnavailable(DomainError):
    code = "plan_unavailable"
    message = _("This offer is no longer available.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer's next deposit and late fee depend on; read once for any number of offers."""

    rules: LeaseRules
    decision: Decision | None = None
    graded: bool = False
    terms: waiver.TierTerms | None = None
    quota_left: Decimal = money.ZERO
    devices_held: int = 0
    longest_hold_days: int | None = None
    rent_off_percent: int = 0
    longest_term: int | None = None
    rent_left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One device as the customer chose it. A short plan has 0 months; without `days` its least days are shown.

    `cover`: with the accident cover that the plan leaves open; compulsory cover needs no wish.
    """

    plan: int
    months: int
    cover: bool = False
    days: Dates | None = None


Line = tuple[LeasePlan, Wanted]


def passes(decision: Decision | None) -> bool:
    """A decision that allows the ordinary deposit; without one the whole signed value is the deposit."""
    return decision is not None and decision.outcome != Outcome.REFUSE


def standing(customer: Customer | None, on: date, replaced: Order | None = None) -> Standing:
    """A visitor, and whoever has no decision that serves, has no waiver. `replaced`: the order whose device is to be
    swapped; its hold, its device and its rent count as if they were free already (domain.md §8)."""
    longest, rules = _longest_hold_days(), lease_rules.of_day(on)
    decision = decisions.current(customer, on) if customer else None
    if customer is None or decision is None:
        return Standing(rules, longest_hold_days=longest)
    known = Standing(rules, decision, longest_hold_days=longest, rent_left=_rent_left(customer, decision, replaced))
    if not passes(decision):
        return known
    tier = decision.tier
    left, held = quota.standing(customer, replaced.number if replaced else "")
    return replace(
        known,
        graded=True,
        terms=decisions.tier_terms(decision, on),
        quota_left=left,
        devices_held=held,
        rent_off_percent=tier.rent_off_percent if tier else 0,
        longest_term=tier.longest_term if tier else None,
    )


def together(lines: Sequence[Line], known: Standing, on: date) -> Together:
    """The tables of devices that are ordered in one go: quota, cap and number of devices are shared out by the rule
    (domain.md §4), and each rent leaves less of the income for the lines after it. PlanUnavailable.
    """
    quotes = [_offered(plan, wanted, known) for plan, wanted in lines]
    shares = waiver.waive(
        [waiver.Line(n, quote.deposit if known.graded else quote.deposit_full) for n, quote in enumerate(quotes)],
        known.terms,
        known.quota_left,
        known.devices_held,
    )
    made: list[CostTable] = []
    for (_plan, wanted), quote, share in zip(lines, quotes, shares, strict=True):
        made.append(_table(quote, wanted.days, share, known, on))
        known = replace(known, rent_left=affordability.left(known.rent_left, quote.due_at_checkout))
    return Together(tuple(made))


def alone(plan: LeasePlan, wanted: Wanted, known: Standing, on: date) -> CostTable:
    """Of one device that is ordered by itself. PlanUnavailable."""
    return together([(plan, wanted)], known, on).tables[0]


@versions.remembered
def _longest_hold_days() -> int | None:
    return channels.longest_hold_days()


def _rent_left(customer: Customer, decision: Decision, replaced: Order | None) -> Decimal | None:
    """Asked only of a decision that limits."""
    limit = decisions.rent_limit(decision)
    if limit is None:
        return None
    return affordability.left(limit, trust.rents_monthly(customer, replaced.pk if replaced else None))


def _offered(plan: LeasePlan, wanted: Wanted, known: Standing) -> offers.Quote:
    if plan.cash_price is None or plan.cash_price_as_of is None:
        raise PlanUnavailable
    cover = wanted.cover or plan.cover_choice == CoverChoice.MANDATORY
    try:
        return offers.quote(
            plan, wanted.months, cover=cover, rent_off_percent=known.rent_off_percent, dates=wanted.days
        )
    except (offers.TermUnknown, offers.CoverNotOffered) as gone:
        raise PlanUnavailable from gone


def _table(offer: offers.Quote, dates: Dates | None, share: waiver.Waiver, known: Standing, on: date) -> CostTable:
    plan, shown, paid = offer.plan, offer.disclosure, offer.cost_with_deposit(share.to_hold)
    choice = offers.term(plan, offer.months, dates)
    assert plan.cash_price is not None
    assert plan.cash_price_as_of is not None
    return CostTable(
        deposit=share.deposit,
        waived=share.waived,
        limited_by=share.limited_by,
        to_freeze=share.to_hold,
        first_rent=offer.monthly_rent,
        monthly=offer.monthly_rent,
        rules=known.rules,
        cover_monthly=offer.cover_monthly,
        months=offer.months,
        total_to_return=shown.total_to_return,
        total_to_own=shown.total_to_own,
        cash_price=plan.cash_price,
        cash_price_as_of=plan.cash_price_as_of,
        extra=shown.extra,
        cost_simple_yearly=shown.cost_simple_yearly,
        cost_effective_yearly=shown.cost_effective_yearly,
        curve=offer.curve,
        credit_deposit=None if known.graded else offer.deposit,
        deposit_kind=_kind(known, on, offer.months, dates) if share.to_hold else Kind.FREEZE,
        cover_is_chosen=offer.cover_monthly > plan.compulsory_cover,
        cost_paid_simple=paid.simple if paid else None,
        cost_paid_effective=paid.effective if paid else None,
        list_rent=choice.monthly_rent if choice.monthly_rent != offer.monthly_rent else None,
        rent_off_percent=known.rent_off_percent,
        allowed=tuple(each.months for each in plan.terms.all() if not _forbidden(each, offer.cover_monthly, known)),
        forbidden=_forbidden(choice, offer.cover_monthly, known),
        **_days(plan, dates),
    )


def _days(plan: LeasePlan, dates: Dates | None) -> dict[str, Any]:
    """What a cost table says of picked days; nothing for months, or before some are picked."""
    if not plan.is_short or dates is None:
        return {}
    return {"first_day": dates.first, "last_day": dates.last, "parts": offers.price_of_days(plan, dates.days).parts}


def _forbidden(term: PlanTerm, cover_monthly: Decimal, known: Standing) -> str:
    payment = pricing.lowered(term.monthly_rent, known.rent_off_percent) + cover_monthly
    return schedules.forbidden(term.periods, payment, known.longest_term, known.rent_left)


def _kind(known: Standing, on: date, months: int, dates: Dates | None) -> Kind:
    window, last_day = (0, dates.last) if dates else (known.rules.return_window_days, None)
    return securing.kind(known.longest_hold_days, securing.days_to_hold(on, months, window, last_day))
