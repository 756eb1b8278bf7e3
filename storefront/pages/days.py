"""One device that is rented by the day: a calendar of a month, start and end tapped, price and parts of the pick."""

import calendar as weeks
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import LeasePlan
from catalog.rules import shorts
from catalog.rules.shorts import DAY, Dates, Limits
from catalog.services import offers
from core import calendar
from orders.rules.costs import CostTable
from orders.services import bookings
from orders.services.bookings import Busy
from storefront.pages import costs, device, names

Text = str | Promise
SOON: Text = _("too soon")
FAR: Text = _("too far ahead")
TAKEN: Text = _("taken")
BEYOND: Text = _("cannot be the last day")


@dataclass(frozen=True, slots=True)
class Cell:
    """A day: `href` when it can be tapped, else `why` not; `mark`: first, last, within, or nothing."""

    on: date
    href: str
    why: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Month:
    """`weeks` begin on Monday; None pads them. An empty address: there is nothing to see there."""

    first: date
    weeks: list[list[Cell | None]]
    previous: str
    following: str


@dataclass(frozen=True, slots=True)
class Picked:
    """What was asked for: nothing, a first day, or both; `wrong` why it is not offered."""

    first: date | None = None
    dates: Dates | None = None
    wrong: Text = ""


@dataclass(frozen=True, slots=True)
class ShownDays:
    """What `storefront/device_days.html` prints; `cost` once days are picked."""

    plan: LeasePlan
    merchant: device.ShownMerchant
    name: str
    kind: str
    tags: list[Text]
    facts: list[tuple[str, str]]
    prices: list[tuple[int, Decimal]]
    month: Month
    picked: Picked
    cost: costs.ShownCost | None
    checkout_href: str
    together_href: str
    anew_href: str
    day_price: Decimal


def address(plan_id: int, dates: Dates) -> str:
    return f"{reverse('storefront:device', args=[plan_id])}?{query(dates)}"


def query(dates: Dates) -> str:
    return urlencode({"first": dates.first.isoformat(), "last": dates.last.isoformat()})


def pick(plan: LeasePlan, first: date | None, last: date | None, on: date) -> tuple[Picked, list[Busy]]:
    """What of the days asked for can be had on day `on`, and what the units are kept for; one query."""
    units = list(bookings.busy(plan.merchant_id, plan.sku_id).values())
    if first is None:
        return Picked(), units
    if last is None:
        open_until = _until(units, first, plan.limits, on)
        return (Picked(first) if open_until else Picked(wrong=TAKEN)), units
    if last < first:
        return Picked(wrong=_("The last day is before the first.")), units
    dates = Dates(first, last)
    if found := shorts.wrong(dates, plan.limits, on):
        return Picked(wrong=str(offers.DaysNotOffered(why=offers.WRONG_DAYS[found]))), units
    if not any(shorts.is_free(busy, dates, plan.gap_days) for busy in units):
        return Picked(wrong=_("These days are taken. Please pick other ones.")), units
    return Picked(first, dates), units


def shown(
    plan: LeasePlan, picked: Picked, units: list[Busy], month: date | None, cost: CostTable | None, at: datetime
) -> ShownDays:
    model, on = plan.sku.device_model, calendar.business_date(at)
    return ShownDays(
        plan=plan,
        merchant=device.merchant(plan, at),
        name=names.of(model),
        kind=names.drawing(model),
        tags=device.tags(plan),
        facts=device.facts(plan),
        prices=[(each.days, each.amount) for each in plan.day_prices.all()],
        month=_month(plan, picked, units, month, on),
        picked=picked,
        cost=costs.shown(cost) if cost else None,
        checkout_href=f"{reverse('storefront:checkout', args=[plan.pk])}?{query(picked.dates)}" if picked.dates else "",
        together_href=device.address_together(f"{plan.pk}.{picked.dates.first}.{picked.dates.last}")
        if picked.dates
        else "",
        anew_href=reverse("storefront:device", args=[plan.pk]),
        day_price=offers.price_of_days(plan, 1).amount,
    )


def _month(plan: LeasePlan, picked: Picked, units: list[Busy], wanted: date | None, on: date) -> Month:
    earliest, latest = plan.limits.earliest(on).replace(day=1), plan.limits.latest(on).replace(day=1)
    first = min(max((wanted or picked.first or earliest).replace(day=1), earliest), latest)
    before, after = (first - DAY).replace(day=1), (first + 31 * DAY).replace(day=1)
    until = _until(units, picked.first, plan.limits, on) if picked.first and not picked.dates else None
    rows = weeks.Calendar().monthdatescalendar(first.year, first.month)

    def cell(day: date) -> Cell | None:
        return _cell(plan, picked, units, until, day, on) if day.month == first.month else None

    return Month(
        first,
        [[cell(day) for day in row] for row in rows],
        _turned(plan, picked, before) if before >= earliest else "",
        _turned(plan, picked, after) if after <= latest else "",
    )


def _cell(plan: LeasePlan, picked: Picked, units: list[Busy], until: date | None, day: date, on: date) -> Cell:
    mark = _mark(picked, day)
    if until and picked.first and day >= picked.first:
        return _end(plan, picked.first, until, day, mark)
    if day < plan.limits.earliest(on):
        return Cell(day, "", SOON, mark)
    if day + (plan.least_days - 1) * DAY > plan.limits.latest(on):
        return Cell(day, "", FAR, mark)
    if shorts.last_possible(units, day, plan.limits) is None:
        return Cell(day, "", TAKEN, mark)
    return Cell(day, _href(plan, {"first": day.isoformat()}), "", mark)


def _end(plan: LeasePlan, first: date, until: date, day: date, mark: str) -> Cell:
    """A day from the first one on, while the last one is asked for."""
    if first + (plan.least_days - 1) * DAY <= day <= until:
        return Cell(day, _href(plan, {"first": first.isoformat(), "last": day.isoformat()}), "", mark)
    return Cell(day, "", BEYOND, mark)


def _mark(picked: Picked, day: date) -> str:
    if picked.first == day:
        return "first"
    if picked.dates is None or not picked.dates.first <= day <= picked.dates.last:
        return ""
    return "last" if day == picked.dates.last else "within"


def _until(units: list[Busy], first: date, limits: Limits, on: date) -> date | None:
    if not limits.earliest(on) <= first <= limits.latest(on):
        return None
    last = shorts.last_possible(units, first, limits)
    return None if last is None else min(last, limits.latest(on))


def _turned(plan: LeasePlan, picked: Picked, month: date) -> str:
    kept = {"first": picked.first.isoformat()} if picked.first else {}
    if picked.dates:
        kept["last"] = picked.dates.last.isoformat()
    return _href(plan, {**kept, "month": f"{month:%Y-%m}"})


def _href(plan: LeasePlan, parts: dict[str, str]) -> str:
    return f"{reverse('storefront:device', args=[plan.pk])}?{urlencode(parts)}#days"
