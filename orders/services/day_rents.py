"""A device that is kept past its return day: day rent, each day once, until the carrier has it (domain.md §5, §8).

The first day that costs, the price of a day and the cap are those of the signed agreement. Whole weeks are billed; the
rest when the carrier scans the parcel, when the cap is reached or when the device is given up. While a waybill waits
for its first scan nothing is billed: the scan says until when. A lease that ends in owning has nothing to bring back.
A device that was swapped has seven days from the receipt of the new one, a short rental that does not work has them
from its report.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Sum

from billing.models import Bill, Lease
from billing.rules import day_rent
from billing.rules.terms import LeaseTerms
from billing.services import extras, freeing
from core import calendar, money
from notices.services import messages
from orders.models import Ending, Fault, Order, Parcel, State
from orders.rules import damage
from orders.services import defects, endings, steps

PAID_WITHIN = timedelta(days=7)
KEPT_BY = (State.ACTIVE, State.RETURNING)


@dataclass(frozen=True, slots=True)
class Agreed:
    """By the signed agreement: `first` is the first day that costs, `cap` what all days together cost at most."""

    terms: LeaseTerms
    first: date
    cap: Decimal

    @property
    def a_day(self) -> Decimal:
        return day_rent.of_days(self.terms, self.cap, 1)

    @property
    def days_to_cap(self) -> int:
        return day_rent.days_to_cap(self.terms, self.cap)

    def of_days(self, days: int) -> Decimal:
        return day_rent.of_days(self.terms, self.cap, days)

    def kept(self, on: date) -> int:
        """How many days that cost are past when day `on` begins."""
        return max(0, (on - self.first).days)


def agreed(order: Order) -> Agreed | None:
    """None while the lease has no dates, or where it ends in owning."""
    lease = order.lease
    if lease.start is None or lease.last_day is None:
        return None
    terms = LeaseTerms.from_json(lease.terms)
    found = _found(order)
    swapped = _swapped(order) if found is None else None
    if swapped is not None and swapped.valid_until is not None:
        return Agreed(terms, calendar.business_date(swapped.valid_until), _value_of(order, terms, swapped.quoted.on))
    if terms.lease_model == "RENT_TO_OWN":
        return None
    broken = defects.under_way(order) if order.state != State.ACTIVE else None
    if broken is not None and broken.valid_until is not None:
        return _after(order, terms, calendar.business_date(broken.valid_until))
    return at_term(order) if found is None else _once_found(order, found)


def if_found(order: Order) -> Agreed | None:
    """What its days will cost once a device that was given up is there again; None where it ends in owning."""
    given_up = _given_up(order)
    if given_up is None or order.lease.terms["lease_model"] == "RENT_TO_OWN":
        return None
    return _once_found(order, given_up)


def at_term(order: Order) -> Agreed | None:
    """Of a device that is kept past the last day, neither found again nor swapped. Asks for the order's faults only."""
    lease = order.lease
    terms = LeaseTerms.from_json(lease.terms)
    if lease.start is None or lease.last_day is None or terms.lease_model == "RENT_TO_OWN":
        return None
    return _after(order, terms, _home_by(order, lease.last_day))


def billed(lease: Lease) -> Decimal:
    """What the day rents of the lease come to so far."""
    return money.exact(_standing(lease).aggregate(sum=Sum("rent"))["sum"] or money.ZERO)


def is_kept(order: Order) -> bool:
    """The customer has it, no parcel brings it back, and it is not away for a repair."""
    has = order.state in KEPT_BY and order.received_at is not None
    if not has or endings.is_away(order):
        return False
    return not order.parcels.filter(way=Parcel.Way.BACK, void_at=None).exists()


def is_bought(order: Order, on: date) -> bool:
    """Day rent has come to the last buyout price: nothing more is charged, and once it is paid the device is theirs."""
    found = agreed(order)
    if found is None or not found.terms.curve or on < found.first:
        return False
    return billed(order.lease) >= found.cap


def late(on: date) -> list[int]:
    """Orders whose device may be late on day `on`: the ids, lowest first; none of one who died (standstills)."""
    gone = Parcel.objects.filter(order=OuterRef("pk"), way=Parcel.Way.BACK, void_at=None)
    rows = Order.objects.filter(
        ~Exists(gone), state__in=KEPT_BY, received_at__isnull=False, customer__user__in_peace_since=None
    )
    found = rows.filter(endings__basis=Ending.Basis.FOUND, endings__state=Ending.State.OPEN)
    swapped = rows.filter(endings__kind=Ending.Kind.SWAP, endings__state=Ending.State.OPEN, state=State.RETURNING)
    ids = set(rows.filter(lease__last_day__lt=on).values_list("pk", flat=True))
    return sorted(ids | set(found.values_list("pk", flat=True)) | set(swapped.values_list("pk", flat=True)))


def run_on(order_id: int, on: date, at: datetime) -> Decimal:
    """Day-end of one late order: bill what is due of the days before `on`; how much. Safe to repeat.

    Locks order, lease, ledger. On its first day the customer is told what each day costs.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        found = agreed(order) if is_kept(order) else None
        if found is None or on < found.first or not found.cap:
            return money.ZERO
        _tell(order, "day_rent_began", {"day": found.first.isoformat(), "amount": str(found.a_day),
              "most": str(found.cap)}, f"day-rent:{found.first}", at)  # fmt: skip
        return charge(order, found, found.kept(on), at, is_over=False)


def stop(order: Order, left: date, at: datetime) -> Decimal:
    """The carrier has it since day `left`, which still counts: bill what is open of the days; how much. Order locked.

    A day that was billed before the scan was known falls away again. Locks lease, bills, payments, ledger.
    """
    found = agreed(order) if order.received_at is not None else None
    if found is None:
        return money.ZERO
    spared_from = order.customer.user.in_peace_since
    if spared_from is not None:
        left = min(left, spared_from - timedelta(days=1))
    beyond = _standing(order.lease).filter(period_end__gt=left)
    if beyond.exists():
        endings.lock_books(order)
        freeing.fall_away(beyond, at)
    return charge(order, found, found.kept(left + timedelta(days=1)), at, is_over=True)


def charge(order: Order, found: Agreed, kept: int, at: datetime, *, is_over: bool) -> Decimal:
    """Bill the days that no bill is for yet. The caller holds the order. Locks lease, ledger."""
    own = _standing(order.lease).filter(period_start__gte=found.first)
    until = own.aggregate(until=Max("period_end"))["until"]
    before = (until - found.first).days + 1 if until else 0
    rows = day_rent.stretches(found.terms, found.cap, found.first, before, kept, is_over=is_over)
    due = calendar.business_date(at + PAID_WITHIN)
    for row in rows:
        extras.charge(order.lease_id, Bill.Kind.DAY_RENT, row.amount, due, at, (row.first, row.last))
        told = {"amount": str(row.amount), "first": row.first.isoformat(), "last": row.last.isoformat()}
        _tell(order, "day_rent_billed", told, f"day-rent:{row.first}:billed", at)
    if rows and is_over:
        endings.use_credit(order, at)
    return money.total(row.amount for row in rows)


def after_the_rents(lease: Lease) -> date:
    """The day after the last period that is still billed."""
    rents = lease.bills.filter(kind=Bill.Kind.RENT).exclude(state=Bill.State.VOID)
    last: date = rents.aggregate(last=Max("period_end"))["last"]
    return last + timedelta(days=1)


def _after(order: Order, terms: LeaseTerms, home_by: date) -> Agreed:
    """Never before the day after its last one."""
    lease = order.lease
    assert lease.start is not None
    assert lease.last_day is not None
    cap = terms.curve[-1] if terms.curve else damage.depreciated(terms.signed_value, lease.start, lease.last_day)
    return Agreed(terms, day_rent.first_day(terms, max(home_by, lease.last_day)), cap)


def _standing(lease: Lease) -> "QuerySet[Bill]":
    rows: QuerySet[Bill] = lease.bills.filter(kind=Bill.Kind.DAY_RENT).exclude(state=Bill.State.VOID)
    return rows


def _home_by(order: Order, last_day: date) -> date:
    """The last day, or the later one on which it came back from a repair: before, nobody could send it back."""
    faults = [fault for fault in order.faults.all() if fault.state == Fault.State.DONE or fault.days]  # it was away
    mended = [fault.closed_at for fault in faults if fault.closed_at]
    return max([last_day, *map(calendar.business_date, mended)])


def _found(order: Order) -> Ending | None:
    """The loss or default of a device that is there again; who sends such a one back is not ACTIVE."""
    if order.state == State.ACTIVE:
        return None
    back = order.endings.filter(basis=Ending.Basis.FOUND, state__in=[Ending.State.OPEN, Ending.State.DONE])
    return _given_up(order) if back.exists() else None


def _given_up(order: Order) -> Ending | None:
    return order.endings.filter(kind__in=[Ending.Kind.LOSS, Ending.Kind.DEFAULT]).order_by("-id").first()


def _once_found(order: Order, given_up: Ending) -> Agreed | None:
    """Given up within the term its days cost from the last rent on, up to its value then; past it, as at term."""
    lease = order.lease
    if lease.last_day is None or given_up.opened_at >= calendar.instant(lease.last_day):
        return at_term(order)
    value = given_up.quoted.payoff.price if given_up.quote else money.ZERO
    return Agreed(LeaseTerms.from_json(lease.terms), after_the_rents(lease), value)


def _swapped(order: Order) -> Ending | None:
    """The swap by which this device is to go back; a running lease has none yet."""
    if order.state == State.ACTIVE:
        return None
    return order.endings.filter(kind=Ending.Kind.SWAP, valid_until__isnull=False).exclude(state="LAPSED").first()


def _value_of(order: Order, terms: LeaseTerms, on: date) -> Decimal:
    """What the device was worth on day `on`: the lower of its buyout price and its worn value."""
    assert order.lease.start is not None
    value = damage.depreciated(terms.signed_value, order.lease.start, on)
    period = order.lease.bills.filter(kind=Bill.Kind.RENT, due_date__lte=on).count()
    return min(value, terms.curve[max(period, 1) - 1]) if terms.curve else value


def _tell(order: Order, template: str, params: dict[str, str], step: str, at: datetime) -> None:
    messages.inform(
        order.customer.user, template, {"order": order.number} | params,
        step=f"order:{order.pk}:{step}", at=at, link=f"/leases/{order.number}/",
    )  # fmt: skip
