"""Checkout: quote the cost table, place the order on exactly those figures."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Customer
from accounts.services import identity
from billing.rules import late_fees, securing
from billing.rules.securing import Kind
from billing.rules.terms import RETURN_WINDOW_DAYS, DamagePrice, LeaseTerms
from billing.services import channels, leases
from catalog.models import CoverChoice, LeasePlan, PlanTerm
from catalog.rules import pricing
from catalog.rules.shorts import Dates
from catalog.services import offers, prices, versions
from core import calendar, money
from core.errors import DomainError
from core.services import events, numbers, outbox, requests
from credit.models import Decision, Outcome
from credit.rules import affordability, waiver
from credit.services import decisions, quota
from orders.models import Checkout, Order
from orders.models.orders import CLOSED
from orders.rules import schedules
from orders.rules.costs import CostTable
from orders.services import reservations, steps, trust

REVIEW_WAIT = timedelta(hours=72)
FEE_RATE_DAILY = Decimal("0.0003")  # domain.md §6
MOST_OPEN_ORDERS = 5  # capability D10
ORDER, CHECKOUT = "XO", "CH"  # what their numbers begin with


class IdentityFirst(DomainError):
    code = "identity_first"
    message = _("Please prove your identity before you order.")


class PlanUnavailable(DomainError):
    code = "plan_unavailable"
    message = _("This offer is no longer available.")


class PriceChanged(DomainError):
    code = "price_changed"
    message = _("The figures changed since the page was shown. Please look at the new table; nothing was ordered.")


class ScheduleForbidden(DomainError):
    """`why`: income or grade."""

    code = "schedule_forbidden"
    message = _("This term cannot be chosen: %(why)s")


FORBIDDEN = {
    "income": _("its rent is above what your declared income carries beside your other leases."),
    "grade": _("it is longer than your grade allows."),
}


class TooManyOpenOrders(DomainError):
    code = "too_many_open_orders"
    message = _("You have %(count)s orders that are not on lease yet. Please finish or cancel one first.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer's next deposit depends on; read once for any number of offers."""

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
class _Wanted:
    """What the customer chose; a repeated request that chooses otherwise is another one."""

    plan: int
    months: int
    deposit: str
    cover: bool
    days: Dates | None


def quote(
    customer: Customer | None,
    plan: LeasePlan,
    months: int,
    on: date,
    cover: bool = False,
    dates: Dates | None = None,
) -> CostTable:
    """The cost table of one device for this customer on this day; compulsory cover is in it, `cover` or not.

    A short plan has 0 months; without `dates` its least days are shown.
    PlanUnavailable for a term, or a cover, that is not offered.
    """
    return _table(plan, months, _standing(customer, on), on, cover, dates)


def quotes(customer: Customer | None, wanted: Iterable[tuple[LeasePlan, int]], on: date) -> list[CostTable]:
    """Cost tables of plans and months, each as if it were ordered alone: at most three queries, however many."""
    standing = _standing(customer, on)
    return [_table(plan, months, standing, on, cover=False) for plan, months in wanted]


def passes(decision: Decision | None) -> bool:
    """A decision that allows the ordinary deposit; without one the whole signed value is the deposit."""
    return decision is not None and decision.outcome != Outcome.REFUSE


def place(
    customer: Customer,
    plan_id: int,
    months: int,
    address: Address,
    shown_digest: str,
    request_key: str,
    at: datetime,
    deposit_kind: str = "",
    cover: bool = False,
    dates: Dates | None = None,
) -> Checkout:
    """Place one order on exactly the figures that were shown: quota hold, lease, bills and event in one transaction.

    `cover`: with the accident cover that the plan leaves open; compulsory cover needs no wish.
    `deposit_kind`: PAID for a customer who would rather pay than have frozen what could be; by itself it is frozen.
    Safe to repeat with the same `request_key`: the first answer comes back. Refuses with IdentityFirst,
    CustomerBlocked, TooManyOpenOrders, PlanUnavailable, PriceChanged, OutOfStock, DaysNotOffered, DaysTaken or
    QuotaExhausted; nothing is kept.
    """
    wanted = _Wanted(plan_id, months, deposit_kind, cover, dates)
    picked = {"days": f"{dates.first} {dates.last}"} if dates else {"days": None}
    body = {**asdict(wanted), **picked, "address": address.pk, "shown": shown_digest}
    born = numbers.together(calendar.business_date(at), ORDER, CHECKOUT)
    placed: list[Checkout] = []

    def act() -> str:
        placed.append(_place(customer, wanted, address, shown_digest, born, at))
        return placed[0].number

    number = requests.once(f"customer:{customer.pk}", "checkout", request_key, body, act, known=born[1])
    return placed[0] if placed else Checkout.objects.get(number=number)


def _place(
    customer: Customer, wanted: _Wanted, address: Address, shown_digest: str, born: list[str], at: datetime
) -> Checkout:
    assert transaction.get_connection().in_atomic_block
    on = calendar.business_date(at)
    number, checkout_number = born
    _check_customer(customer, address)
    plan = _plan(wanted.plan)
    _require_days(plan, wanted, on)
    standing = _standing(customer, on)
    cost = _agreed(_table(plan, wanted.months, standing, on, wanted.cover, wanted.days), shown_digest)
    lease = leases.draft(
        number,
        customer,
        plan.merchant,
        lease_terms(plan, cost, on),
        deposit_total=cost.deposit,
        waived=cost.waived,
        at=at,
        deposit_kind=_agreed_kind(cost, wanted.deposit),
    )
    checkout = Checkout.objects.create(customer=customer, number=checkout_number, placed_at=at)
    order = Order(
        number=number,
        checkout=checkout,
        customer=customer,
        merchant=plan.merchant,
        plan=plan,
        months=wanted.months,
        decision=standing.decision,
        lease=lease,
        address=address,
        placed_at=at,
        first_day=cost.first_day,
        last_day=cost.last_day,
    )
    order.waits_until = order.within_days(at + REVIEW_WAIT)
    order.save()
    events.record("transition", order, at=at, actor=f"customer:{customer.pk}", target=order.state)
    outbox.put("order.placed", order_id=order.pk)
    reservations.keep(order, at)
    _require_room(customer)
    if cost.waived:
        most = standing.terms.devices if standing.terms else None
        quota.hold(customer, number, cost.waived, at, most_devices=most)
    return checkout


def order_number(placed: Checkout) -> str:
    """Of the order that `place` made: born together, the two numbers share their digits."""
    return ORDER + placed.number.removeprefix(CHECKOUT)


def lease_terms(plan: LeasePlan, cost: CostTable, on: date) -> LeaseTerms:
    """What billing needs to know of the device and the deal; the late fee stays below the legal cost cap of the day."""
    cap_yearly = prices.cost_cap(on)
    return LeaseTerms(
        lease_model=plan.lease_model,
        months=cost.months,
        monthly_rent=cost.monthly,
        cover_monthly=cost.cover_monthly,
        signed_value=plan.signed_value,
        cash_price=cost.cash_price,
        total_to_own=_total_to_own(plan, cost),
        curve=cost.curve,
        early_return_months=0 if plan.is_short else plan.early_return_months,
        return_window_days=0 if plan.is_short else RETURN_WINDOW_DAYS,
        first_day=cost.first_day,
        last_day=cost.last_day,
        day_price=offers.price_of_days(plan, 1).amount if plan.is_short else None,
        damage=tuple(DamagePrice(i.code, i.name, i.name_en, i.amount) for i in offers.damage_list(plan)),
        fee_rate_daily=late_fees.clamped_rate(FEE_RATE_DAILY, cap_yearly) if cap_yearly else FEE_RATE_DAILY,
    )


def _total_to_own(plan: LeasePlan, cost: CostTable) -> Decimal | None:
    """The plan's, less what the grade takes off the rents."""
    if plan.is_short:
        return None
    choice = offers.term(plan, cost.months)
    if choice.total_to_own is None:
        return None
    total: Decimal = choice.total_to_own - cost.months * (choice.monthly_rent - cost.monthly)
    return total


def _agreed(cost: CostTable, shown_digest: str) -> CostTable:
    """The table that was shown, of a schedule that may be chosen. PriceChanged, ScheduleForbidden."""
    if cost.digest != shown_digest:
        raise PriceChanged
    if cost.forbidden:
        raise ScheduleForbidden(why=FORBIDDEN[cost.forbidden])
    return cost


def _agreed_kind(cost: CostTable, wanted: str) -> Kind:
    """What can be frozen may be paid instead, not the other way round."""
    if wanted == Kind.FREEZE != cost.deposit_kind:
        raise PriceChanged
    return Kind(wanted) if wanted else cost.deposit_kind


def _check_customer(customer: Customer, address: Address) -> None:
    steps.require_trusted(customer)
    if not identity.is_verified(customer):
        raise IdentityFirst
    if address.customer_id != customer.pk:
        raise ValueError("another customer's address")


def _require_room(customer: Customer) -> None:
    """With the order that was just placed; what his other checkouts placed at this moment counts too.

    Locks the customer after the stock: who waits here holds nothing that the one in front of him needs.
    """
    list(Customer.objects.select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk"))
    waiting = customer.orders.filter(shipped_at=None).exclude(state__in=CLOSED).count()
    if waiting > MOST_OPEN_ORDERS:
        raise TooManyOpenOrders(count=waiting - 1)


def _plan(plan_id: int) -> LeasePlan:
    try:
        return offers.on_offer(plan_id)
    except offers.OfferGone as gone:
        raise PlanUnavailable from gone


@versions.remembered
def _longest_hold_days() -> int | None:
    return channels.longest_hold_days()


def _standing(customer: Customer | None, on: date) -> Standing:
    """A visitor, and whoever has no decision that serves, has no waiver."""
    longest = _longest_hold_days()
    decision = decisions.current(customer, on) if customer else None
    if customer is None or decision is None:
        return Standing(longest_hold_days=longest)
    known = Standing(decision, longest_hold_days=longest, rent_left=_rent_left(customer, decision))
    if not passes(decision):
        return known
    tier = decision.tier
    left, held = quota.standing(customer)
    return replace(
        known,
        graded=True,
        terms=decisions.tier_terms(decision, on),
        quota_left=left,
        devices_held=held,
        rent_off_percent=tier.rent_off_percent if tier else 0,
        longest_term=tier.longest_term if tier else None,
    )


def _rent_left(customer: Customer, decision: Decision) -> Decimal | None:
    """Asked only of a decision that limits."""
    limit = decisions.rent_limit(decision)
    return None if limit is None else affordability.left(limit, trust.rents_monthly(customer))


def _table(
    plan: LeasePlan, months: int, standing: Standing, on: date, cover: bool, dates: Dates | None = None
) -> CostTable:
    if plan.cash_price is None or plan.cash_price_as_of is None:
        raise PlanUnavailable
    try:
        choice = offers.term(plan, months, dates)
        with_cover = cover or plan.cover_choice == CoverChoice.MANDATORY
        offer = offers.quote(plan, months, cover=with_cover, rent_off_percent=standing.rent_off_percent, dates=dates)
    except (offers.TermUnknown, offers.CoverNotOffered) as gone:
        raise PlanUnavailable from gone
    line = waiver.Line(1, offer.deposit if standing.graded else offer.deposit_full)
    waived = waiver.waive([line], standing.terms, standing.quota_left, standing.devices_held)[0]
    shown, paid = offer.disclosure, offer.cost_with_deposit(waived.to_hold)
    return CostTable(
        deposit=waived.deposit,
        waived=waived.waived,
        limited_by=waived.limited_by,
        to_freeze=waived.to_hold,
        first_rent=offer.monthly_rent,
        monthly=offer.monthly_rent,
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
        credit_deposit=None if standing.graded else offer.deposit,
        deposit_kind=_kind(standing.longest_hold_days, on, months, dates) if waived.to_hold else Kind.FREEZE,
        cover_is_chosen=offer.cover_monthly > plan.compulsory_cover,
        cost_paid_simple=paid.simple if paid else None,
        cost_paid_effective=paid.effective if paid else None,
        list_rent=choice.monthly_rent if choice.monthly_rent != offer.monthly_rent else None,
        rent_off_percent=standing.rent_off_percent,
        allowed=tuple(each.months for each in plan.terms.all() if not _forbidden(each, offer.cover_monthly, standing)),
        forbidden=_forbidden(choice, offer.cover_monthly, standing),
        **_days(plan, dates),
    )


def _days(plan: LeasePlan, dates: Dates | None) -> dict[str, Any]:
    """What a cost table says of picked days; nothing for months, or before some are picked."""
    if not plan.is_short or dates is None:
        return {}
    return {"first_day": dates.first, "last_day": dates.last, "parts": offers.price_of_days(plan, dates.days).parts}


def _require_days(plan: LeasePlan, wanted: _Wanted, on: date) -> None:
    if plan.is_short is not (wanted.days is not None) or plan.is_short is not (wanted.months == 0):
        raise PlanUnavailable
    if wanted.days is not None:
        offers.require_days(plan, wanted.days, on)


def _forbidden(term: PlanTerm, cover_monthly: Decimal, standing: Standing) -> str:
    payment = pricing.lowered(term.monthly_rent, standing.rent_off_percent) + cover_monthly
    return schedules.forbidden(term.periods, payment, standing.longest_term, standing.rent_left)


def _kind(longest_hold_days: int | None, on: date, months: int, dates: Dates | None) -> Kind:
    window, last_day = (0, dates.last) if dates else (RETURN_WINDOW_DAYS, None)
    return securing.kind(longest_hold_days, securing.days_to_hold(on, months, window, last_day))
