"""Publishing and withdrawing lease plans. A published version is never edited; a new one supersedes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from catalog.models import CoverChoice, DayPrice, LeaseModel, LeasePlan, LendingRate, PlanTerm, Sku
from catalog.rules import pricing, publishing, shorts
from catalog.rules.publishing import Objection, Peer, PlanFigures, ShortFigures, TermFigures
from core import calendar
from core.errors import DomainError
from core.services import events

SENTENCES = {
    "no_terms": _("The plan offers no months."),
    "no_cash_price": _("No operator has set a cash price for this specification."),
    "cash_price_old": _("The cash price is of %(as_of)s; it may be at most %(days)s days old."),
    "signed_value_high": _("The signed value %(signed_value)s is above the cash price %(cash_price)s."),
    "signed_value_zero": _("The signed value is zero."),
    "deposit_rate": _("The deposit is %(rate)s of the signed value; allowed are %(least)s to %(most)s."),
    "early_return": _("Early return costs %(months)s months of rent; allowed are at most %(most)s."),
    "no_lending_rate": _("No lending rate (LPR) is known for this day, so the cap on the yearly cost cannot be told."),
    "deposit_order": _(
        "The deposit %(deposit)s on a value of %(signed_value)s does not fit %(other)s: %(other_deposit)s on"
        " %(other_value)s. A higher value never has a lower deposit."
    ),
    "short_and_long": _("The plan offers months and days; it may offer one of them."),
    "short_owned": _("A short rental ends with the return."),
    "short_cover": _("A short rental has no accident cover."),
    "short_no_day": _("The price of one day is not stated."),
    "short_no_most": _("The most days of one rental are not stated."),
    "short_dear": _("%(days)s days cost %(price)s, above %(most)s (cash price %(cash_price)s)."),
    "no_total_to_own": _("%(months)s months: the total to own is not stated."),
    "total_to_own_stated": _("%(months)s months: a lease that ends with the return has no total to own."),
    "return_dear": _("%(months)s months: the total %(total)s is above %(most)s (cash price %(cash_price)s)."),
    "rents_are_not_the_total": _("%(months)s months: the rents %(rents)s are not the total to own %(total)s."),
    "total_below_rents": _("%(months)s months: the total to own %(total)s is below the rents %(rents)s."),
    "price_rises": _("%(months)s months: the buyout price would rise (%(premium)s above the cash price)."),
    "own_dear": _("%(months)s months: owning costs %(total)s, above %(most)s (cash price %(cash_price)s)."),
    "cost_high": _(
        "%(months)s months: at the highest yearly cost %(cap)s the payments are worth %(worth)s, above the cash price"
        " %(cash_price)s. The last buyout price is %(last_price)s and may be at most %(most)s."
    ),
}


class PlanRefused(DomainError):
    """The publish guard refuses; `objections` are all its reasons, `sentences` the same for people."""

    code = "plan_refused"
    message = _("The plan cannot be published: %(reasons)s")

    def __init__(self, objections: list[Objection]) -> None:
        self.objections = objections
        super().__init__(objections=[{"code": o.code, **o.params} for o in objections])

    @property
    def sentences(self) -> list[str]:
        return [explain(objection) for objection in self.objections]

    def __str__(self) -> str:
        return str(self.message) % {"reasons": " ".join(self.sentences)}


class PlanNotDraft(DomainError):
    code = "plan_not_draft"
    message = _("Only a draft can be published.")


class PlanNotPublished(DomainError):
    code = "plan_not_published"
    message = _("The plan is not published.")


@transaction.atomic
def publish(plan_id: int, actor: str, at: datetime) -> LeasePlan:
    """Offer a draft, superseding the published version of the same merchant and SKU in the same transaction.

    PlanRefused names every figure that stands against it (domain.md §3, L1); PlanNotDraft. The SKU's row is locked
    so that two versions are published one after the other.
    """
    sku_id = LeasePlan.objects.values_list("sku_id", flat=True).get(pk=plan_id)
    Sku.objects.select_for_update().get(pk=sku_id)
    plan = LeasePlan.objects.select_for_update().get(pk=plan_id)
    if not can_proceed(plan.publish):
        raise PlanNotDraft
    on = calendar.business_date(at)
    figures = figures_of(plan, on)
    if found := publishing.objections(figures, on):
        raise PlanRefused(found)
    assert figures.cash_price is not None  # the guard objects otherwise
    assert figures.cash_price_as_of is not None
    _supersede_earlier(plan, actor, at)
    _state_totals(plan)
    lowest = _lowest_rent(figures)
    plan.publish(figures.cash_price, figures.cash_price_as_of, lowest, at)
    plan.save(update_fields=["state", "cash_price", "cash_price_as_of", "lowest_rent", "published_at"])
    _record(plan, LeasePlan.State.DRAFT, actor, at)
    return plan


@transaction.atomic
def withdraw(plan_id: int, actor: str, at: datetime) -> LeasePlan:
    """Offer it no longer; running leases keep their terms. PlanNotPublished."""
    plan = LeasePlan.objects.select_for_update().get(pk=plan_id)
    if not can_proceed(plan.supersede):
        raise PlanNotPublished
    _supersede(plan, actor, at)
    return plan


@transaction.atomic
def new_version(plan_id: int) -> LeasePlan:
    """A draft copy with its terms and the next version number."""
    plan = LeasePlan.objects.get(pk=plan_id)
    Sku.objects.select_for_update().get(pk=plan.sku_id)
    terms = list(plan.terms.all())
    kept = {
        field.attname: getattr(plan, field.attname)
        for field in LeasePlan._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in {"state", "version"}
    }
    draft = LeasePlan.objects.create(**kept, version=next_version(plan.merchant_id, plan.sku_id))
    DayPrice.objects.bulk_create(DayPrice(plan=draft, days=p.days, amount=p.amount) for p in plan.day_prices.all())
    PlanTerm.objects.bulk_create(
        PlanTerm(plan=draft, months=t.months, monthly_rent=t.monthly_rent, total_to_own=t.total_to_own) for t in terms
    )
    return draft


def next_version(merchant_id: int, sku_id: int) -> int:
    """The number of the merchant's next version for the specification, from 1."""
    versions = LeasePlan.objects.filter(merchant_id=merchant_id, sku_id=sku_id)
    return (versions.aggregate(latest=Max("version"))["latest"] or 0) + 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """The choices of a plan that are not, or not yet, in the database."""

    terms: Sequence[PlanTerm]
    day_prices: Sequence[DayPrice]


def figures_of(plan: LeasePlan, on: date, drawn: Drawn | None = None) -> PlanFigures:
    """The plan as the guard judges it on day `on`, with the latest cash price and lending rate known then.

    `drawn`: its choices as somebody types them; else the stored ones.
    """
    drawn = drawn or Drawn(list(plan.terms.all()), list(plan.day_prices.all()))
    price = plan.sku.cash_prices.filter(as_of__lte=on).order_by("-as_of", "-id").first()
    rate = LendingRate.objects.filter(day__lte=on).order_by("-day").first()
    return PlanFigures(
        lease_model=publishing.LeaseModel(plan.lease_model),
        signed_value=plan.signed_value,
        deposit_rate=plan.deposit_rate,
        cover_monthly=plan.compulsory_cover,
        early_return_months=plan.early_return_months,
        terms=tuple(TermFigures(t.months, t.monthly_rent, total_to_own(plan, t)) for t in drawn.terms),
        cash_price=price.amount if price else None,
        cash_price_as_of=price.as_of if price else None,
        lpr_yearly=rate.rate_yearly if rate else None,
        peers=tuple(_peers(plan)),
        short=_short(plan, drawn),
        cover_offered=plan.cover_choice != CoverChoice.NONE,
    )


def objections(plan: LeasePlan, on: date, drawn: Drawn | None = None) -> list[Objection]:
    """What would keep the plan from being published on day `on`."""
    return publishing.objections(figures_of(plan, on, drawn), on)


def explain(objection: Objection) -> str:
    """An objection as a sentence with its figures."""
    return str(SENTENCES[objection.code]) % objection.params


def total_to_own(plan: LeasePlan, term: PlanTerm) -> Decimal | None:
    """As stated; RENT_TO_OWN may leave it to the sum of its rents (domain.md §3)."""
    stated: Decimal | None = term.total_to_own
    if plan.lease_model == LeaseModel.RENT_TO_OWN and stated is None:
        stated = term.months * term.monthly_rent
    return stated


def _short(plan: LeasePlan, drawn: Drawn) -> ShortFigures | None:
    prices = {each.days: each.amount for each in drawn.day_prices}
    return ShortFigures(prices, plan.most_days) if prices or plan.is_short else None


def _lowest_rent(figures: PlanFigures) -> Decimal:
    """Of a month; of a short plan that of 30 days, so that both stand in one order."""
    if figures.short is not None:
        return shorts.price(figures.short.multiples, publishing.SHORT_MEASURE_DAYS).amount
    return min(term.monthly_rent for term in figures.terms)


def _peers(plan: LeasePlan) -> Iterator[Peer]:
    others = LeasePlan.objects.filter(merchant_id=plan.merchant_id, state=LeasePlan.State.PUBLISHED)
    for other in others.exclude(sku_id=plan.sku_id).select_related("sku__device_model", "merchant"):
        yield Peer(str(other), other.signed_value, pricing.deposit(other.signed_value, other.deposit_rate))


def _supersede_earlier(plan: LeasePlan, actor: str, at: datetime) -> None:
    published: dict[str, Any] = {"merchant_id": plan.merchant_id, "state": LeasePlan.State.PUBLISHED}
    for earlier in LeasePlan.objects.select_for_update().filter(sku_id=plan.sku_id, **published):
        _supersede(earlier, actor, at)


def _supersede(plan: LeasePlan, actor: str, at: datetime) -> None:
    plan.supersede()
    plan.save(update_fields=["state"])
    _record(plan, LeasePlan.State.PUBLISHED, actor, at)


def _state_totals(plan: LeasePlan) -> None:
    for term in plan.terms.all():
        if term.total_to_own != total_to_own(plan, term):
            term.total_to_own = total_to_own(plan, term)
            term.save(update_fields=["total_to_own"])


def _record(plan: LeasePlan, source: str, actor: str, at: datetime) -> None:
    events.record("transition", plan, at=at, actor=actor, source=source, target=plan.state)
