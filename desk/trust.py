"""Everything that a reviewer needs of a customer's trust, on one page and masked: the score, its reasons, the past."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core import calendar
from core.models import Approval
from core.services import approvals
from core.services.events import PLATFORM
from credit.models import Decision, DemandRule, HardStop, Hold, IncomeDeclaration, LiftRevocation
from credit.rules.facts import Record
from credit.rules.scorecards import Scored
from credit.services import decisions, factors, incomes, quota, stops
from desk import grounds, second_person
from orders import words
from orders.models import Order
from orders.services import trust as records

LAST = 10
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Line:
    """One fact with its value in words."""

    name: Text
    value: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A dimension of an own score and its factors."""

    name: str
    points: int
    weight: int
    worth: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A hard stop in words. `written_for`: another account with this phone or ID number; `asked`: to lift it."""

    row: HardStop
    grounds: str
    visit: str
    written_for: str
    by: str
    asked: Approval | None


@dataclass(frozen=True, slots=True)
class Trust:
    decision: Decision | None
    reasons: list[str]
    demands: list[str]
    shares: list[Share]
    past: list[Line]
    hits: list[Line]
    stops: list[Stop]
    holds: list[Hold]
    available: Decimal
    orders: list[tuple[Order, str]]
    income: IncomeDeclaration | None
    rent_limit: Decimal | None
    rents: Decimal
    revoked: LiftRevocation | None
    lifted: bool


def of(customer: Customer, at: datetime, known: Decision | None = None) -> Trust:
    """Facts as they stand at `at`; only the decision's own are older. `known`: one of his that may be in force."""
    decision, holds = _in_force(customer, at, known), quota.holds(customer)
    record, scored = records.record(customer, at), decisions.parts(decision) if decision else None
    return Trust(
        decision=decision,
        reasons=grounds.of(decision) if decision else [],
        demands=[str(DemandRule.Kind(kind).label) for kind in decision.demands] if decision else [],
        shares=_shares(scored) if scored else [],
        past=_past(record),
        hits=_hits(record),
        stops=[_stop(each, customer) for each in stops.of(customer)],
        holds=holds,
        available=quota.free(holds[0].account) if holds else quota.available(customer),
        orders=[(order, words.tone(order.state)) for order in _orders(customer)],
        income=incomes.standing(customer),
        rent_limit=decisions.rent_limit(decision) if decision else None,
        rents=record.rents_monthly,
        revoked=LiftRevocation.objects.filter(customer=customer, restored_at=None).first(),
        lifted=any(reason["code"] == "lifted" for reason in (decision.reasons if decision else [])),
    )


def _in_force(customer: Customer, at: datetime, known: Decision | None) -> Decision | None:
    on = calendar.business_date(at)
    if known is not None and known.ended_at is None and known.valid_on(on):
        return known
    return decisions.current(customer, on)


def _stop(row: HardStop, of: Customer) -> Stop:
    other = row.customer if row.customer_id != of.pk else None
    seen = _("The field visit found that the place or the papers belong to somebody else.")
    return Stop(
        row=row,
        grounds=str(seen) if row.visit_number else row.grounds,
        visit=row.visit_number,
        written_for=other.number if other else "",
        by=str(_("the platform")) if row.added_by == PLATFORM else second_person.who(row.added_by),
        asked=approvals.open_for(stops.subject(row.pk), stops.KIND).first(),
    )


def _orders(customer: Customer) -> list[Order]:
    return list(customer.orders.select_related("plan__sku__device_model", "lease").order_by("-id")[:LAST])


def _shares(scored: Scored) -> list[Share]:
    return [
        Share(
            str(factors.DIMENSION_NAMES[share.dimension]),
            share.points,
            share.weight,
            share.worth,
            tuple(
                Line(
                    factors.name(part.factor),
                    f"{factors.shown(part)} · {part.points}/{part.best}",
                    "wait" if part.value is None else "",
                )
                for part in share.parts
            ),
        )
        for share in scored.shares
    ]


def _past(record: Record) -> list[Line]:
    return [
        Line(_("Leases running"), str(record.live_leases)),
        Line(_("Leases completed"), str(record.completed_leases)),
        Line(_("of them of six months without arrears"), str(record.kept_leases)),
        Line(_("Bills paid"), str(record.bills_paid)),
        Line(_("Bills paid after grace"), str(record.bills_late), "wait" if record.bills_late else ""),
        Line(_("Days past due now"), str(record.days_overdue), "late" if record.days_overdue else ""),
        Line(_("Orders cancelled within a year"), str(record.orders_cancelled)),
    ]


def _hits(record: Record) -> list[Line]:
    """What is shared with people in arrears or stopped."""
    found = [
        (_("Phones shared with people in arrears"), record.phones_shared),
        (_("Addresses shared with people in arrears"), record.addresses_shared),
        (_("Devices shared with people in arrears"), record.devices_shared),
    ]
    return [Line(name, str(count), "late") for name, count in found if count]
