"""What customers see: published plans, their prices and what a term costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.expressions import F
from django.utils.translation import gettext_lazy as _

from catalog.models import CoverChoice, DamageItem, DeviceUnit, LeasePlan, PlanTerm, StockLevel
from catalog.rules import pricing, shorts
from catalog.rules.pricing import Disclosure, YearlyCost
from catalog.rules.shorts import Dates, Price, Wrong
from catalog.services import versions
from core.errors import DomainError
from core.money import ZERO

LIKED_MONTHS = 12  # the term that lists show


class OfferGone(DomainError):
    code = "offer_gone"
    message = _("This offer is no longer available.")


class TermUnknown(DomainError):
    code = "term_unknown"
    message = _("This plan is not offered for that many months.")


class DaysNotOffered(DomainError):
    code = "days_not_offered"
    message = _("This device cannot be rented for these days: %(why)s")


WRONG_DAYS = {
    Wrong.TOO_SOON: _("the first day is too soon for it to arrive."),
    Wrong.TOO_FAR: _("they are too far ahead."),
    Wrong.TOO_SHORT: _("they are fewer than the least days."),
    Wrong.TOO_LONG: _("they are more than the most days."),
}


class CoverNotOffered(DomainError):
    code = "cover_not_offered"
    message = _("This plan has no accident cover.")


class CoverCompulsory(DomainError):
    code = "cover_compulsory"
    message = _("This plan includes accident cover.")


@dataclass(frozen=True, slots=True)
class Quote:
    """One term of a published plan with every figure; `curve[k-1]` is the buyout price after period k, or empty."""

    plan: LeasePlan
    months: int
    monthly_rent: Decimal
    cover_monthly: Decimal
    deposit: Decimal
    deposit_full: Decimal
    periods: int
    plan_total_to_own: Decimal | None
    disclosure: Disclosure
    curve: tuple[Decimal, ...]

    @property
    def due_at_checkout(self) -> Decimal:
        """The first bill."""
        return self.monthly_rent + self.cover_monthly

    def cost_with_deposit(self, deposit: Decimal) -> YearlyCost | None:
        """The second yearly cost, of `deposit` paid at the start; None without a purchase, or beyond telling."""
        if not self.curve or not deposit:
            return None
        assert self.plan.cash_price is not None  # fixed by publishing
        instalment = self.monthly_rent + self.plan.compulsory_cover
        return pricing.cost_with_deposit(self.plan.cash_price, self.months, instalment, self.curve[-1], deposit)


def published() -> "QuerySet[LeasePlan]":
    """Published plans, cheapest rent first, with `available`: whether a unit is free to ship."""
    plans = LeasePlan.objects.filter(state=LeasePlan.State.PUBLISHED)
    return (
        plans.annotate(available=_has_unit())
        .select_related("merchant", "sku__device_model__device_type")
        .prefetch_related("terms")
        .order_by("lowest_rent", "id")
    )


def in_stock() -> "QuerySet[LeasePlan]":
    """Those of them that can be had now."""
    return published().filter(_has_unit())


@versions.remembered
def get(plan_id: int) -> LeasePlan:
    """A published plan as `published` gives it. OfferGone."""
    plan = published().filter(pk=plan_id).first()
    if plan is None:
        raise OfferGone
    return priced([plan])[0]


def priced(plans: Iterable[LeasePlan]) -> list[LeasePlan]:
    """With the prices by the day of the short ones at hand; no query for none."""
    listed = list(plans)
    prefetch_related_objects([plan for plan in listed if plan.is_short], "day_prices")
    return listed


def on_offer(plan_id: int) -> LeasePlan:
    """As `get`, for ordering: that it is published is looked at now, and its figures cannot change. OfferGone."""
    plan = get(plan_id)
    if not LeasePlan.objects.filter(pk=plan_id, state=LeasePlan.State.PUBLISHED).exists():
        raise OfferGone
    return plan


def term(plan: LeasePlan, months: int, dates: Dates | None = None) -> PlanTerm:
    """The choice of `months`; of a short plan that of `dates`, or of its least days. TermUnknown."""
    if plan.is_short and not months:
        return _picked(plan, dates.days if dates else plan.least_days)
    for choice in plan.terms.all():
        if choice.months == months:
            return choice
    raise TermUnknown


def usual_term(plan: LeasePlan, months: int | None = None) -> PlanTerm:
    """The term asked for, else twelve months, else the longest; of a short plan its least days."""
    if plan.is_short:
        return term(plan, 0)
    terms = list(plan.terms.all())
    wanted = (months, LIKED_MONTHS)
    return next((term for want in wanted for term in terms if term.months == want), terms[-1])


def price_of_days(plan: LeasePlan, days: int) -> Price:
    """The cheapest combination of a short plan's multiples."""
    return shorts.price({each.days: each.amount for each in plan.day_prices.all()}, days)


def require_days(plan: LeasePlan, dates: Dates, on: date) -> None:
    """That these days may be picked on day `on`, free units aside. DaysNotOffered."""
    if found := shorts.wrong(dates, plan.limits, on):
        raise DaysNotOffered(why=WRONG_DAYS[found])


def of_model(plan: LeasePlan) -> list[LeasePlan]:
    """The same merchant's offers of this model, in every specification and condition."""
    return _of_model(plan.merchant_id, plan.sku.device_model_id)


@versions.remembered
def _of_model(merchant_id: int, model_id: int) -> list[LeasePlan]:
    found = published().filter(merchant_id=merchant_id, sku__device_model_id=model_id)
    return priced(found.order_by("cash_price", "id"))


def quote(plan: LeasePlan, months: int, cover: bool, rent_off_percent: int = 0, dates: Dates | None = None) -> Quote:
    """Every figure of a term with or without accident cover. TermUnknown, CoverNotOffered, CoverCompulsory.

    A grade's percentage lowers the rents and what owning comes to by the same amount: the buyout prices stay.
    """
    choice = term(plan, months, dates)
    cover_monthly = _cover_monthly(plan, cover)
    assert plan.cash_price is not None  # fixed by publishing
    price, compulsory = plan.cash_price, plan.compulsory_cover
    rent = pricing.lowered(choice.monthly_rent, rent_off_percent)
    total = None if choice.total_to_own is None else choice.total_to_own - months * (choice.monthly_rent - rent)
    return Quote(
        plan=plan,
        months=months,
        periods=choice.periods,
        monthly_rent=rent,
        cover_monthly=cover_monthly,
        deposit=pricing.deposit(plan.signed_value, plan.deposit_rate),
        deposit_full=plan.signed_value,
        plan_total_to_own=total,
        disclosure=pricing.disclose(price, choice.periods, rent, compulsory, total, cover_monthly - compulsory),
        curve=() if total is None else tuple(pricing.curve(price, total, months, rent)),
    )


def damage_list(plan: LeasePlan) -> list[DamageItem]:
    """The lines that an agreement fixes at signing."""
    return list(_damage_items(plan.sku.device_model.device_type_id))


@versions.remembered
def _damage_items(device_type_id: int) -> tuple[DamageItem, ...]:
    return tuple(DamageItem.objects.filter(device_type=device_type_id))


def _has_unit() -> Q:
    """Free to ship now; of a short plan a unit at all: which days it is free stands in the calendar."""
    of_offer = {"merchant": OuterRef("merchant"), "sku": OuterRef("sku")}
    free = StockLevel.objects.filter(**of_offer, on_hand__gt=F("reserved"))
    units = DeviceUnit.objects.filter(**of_offer, retired_at=None)
    return Q(Exists(free), most_days=None) | Q(Exists(units), most_days__isnull=False)


def _picked(plan: LeasePlan, days: int) -> PlanTerm:
    return PlanTerm(plan=plan, months=0, monthly_rent=price_of_days(plan, days).amount)


def _cover_monthly(plan: LeasePlan, cover: bool) -> Decimal:
    if cover and plan.cover_choice == CoverChoice.NONE:
        raise CoverNotOffered
    if not cover and plan.cover_choice == CoverChoice.MANDATORY:
        raise CoverCompulsory
    return plan.cover_monthly if cover else ZERO
