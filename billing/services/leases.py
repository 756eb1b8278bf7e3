"""A lease's life: drafted with all its bills, frozen by signing, begun by receipt, closed or void."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer, Merchant
from billing.models import Bill, Deposit, Lease
from billing.rules import schedule
from billing.rules.schedule import Period
from billing.rules.terms import LeaseTerms
from billing.services import books
from core import calendar, money
from core.errors import DomainError
from core.services import events


class LeaseNotDraft(DomainError):
    code = "lease_not_draft"
    message = _("The lease has already started or was cancelled.")


class LeaseNotFrozen(DomainError):
    code = "lease_not_frozen"
    message = _("The agreement is not signed yet.")


class LeaseNotLive(DomainError):
    code = "lease_not_live"
    message = _("The lease is not running.")


@transaction.atomic(savepoint=False)
def draft(
    number: str,
    customer: Customer,
    merchant: Merchant,
    terms: LeaseTerms,
    deposit_total: Decimal,
    waived: Decimal,
    at: datetime,
    deposit_kind: str = Deposit.Kind.FREEZE,
) -> Lease:
    """The lease with bills 1 … n and its deposit. Only bill 1 has a due date, the day of checkout (domain.md §5).

    Nothing left to be held: the deposit is secured at once. ValueError when more is waived than the deposit.
    """
    lease = Lease.objects.create(
        number=number,
        customer=customer,
        merchant=merchant,
        months=terms.months,
        contract_total=terms.contract_total,
        terms=terms.to_json(),
    )
    Bill.objects.bulk_create(
        Bill(lease=lease, number=k, rent=terms.monthly_rent, cover=terms.cover_monthly, due_date=due)
        for k, due in [(1, calendar.business_date(at)), *((k, None) for k in range(2, terms.periods + 1))]
    )
    to_hold = money.exact(deposit_total - waived)
    deposit = Deposit.objects.create(
        lease=lease, kind=deposit_kind, total=deposit_total, waived=waived, to_hold=to_hold
    )
    if not to_hold:
        deposit.secure()
        deposit.save(update_fields=["state"])
    return lease


@transaction.atomic
def lower_fee_rate(lease_id: int, most: Decimal, at: datetime) -> Lease:
    """Before signing: a late fee of at most `most` a day. Nothing happens where it is no higher. Locks the lease.

    LeaseNotDraft once it is signed: then its terms stand.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if lease.state != Lease.State.DRAFT or lease.frozen_at is not None:
        raise LeaseNotDraft
    terms = terms_of(lease)
    if terms.fee_rate_daily > most:
        lease.terms = replace(terms, fee_rate_daily=most).to_json()
        lease.save(update_fields=["terms"])
        rates = {"from": str(terms.fee_rate_daily), "to": str(most)}
        events.record("fee_rate_lowered", lease, at=at, facts=rates)
    return lease


@transaction.atomic
def freeze_amounts(lease_id: int, at: datetime) -> Lease:
    """Signing fixes terms and amounts; the database refuses to change them from here on. Once; LeaseNotDraft."""
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if lease.state != Lease.State.DRAFT:
        raise LeaseNotDraft
    if lease.frozen_at is None:
        lease.frozen_at = at
        lease.save(update_fields=["frozen_at"])
    return lease


@transaction.atomic
def begin(lease_id: int, start: date, at: datetime) -> Lease:
    """Receipt: sets the start and every later due date, once, and makes the lease LIVE (domain.md §5, §6).

    Bill 1 keeps its due date, the checkout's. A short lease has its picked days, whenever it arrived.
    LeaseNotFrozen, LeaseNotDraft. Locks lease, then bills.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if not can_proceed(lease.begin):
        raise LeaseNotDraft
    if lease.frozen_at is None:
        raise LeaseNotFrozen
    bills, picked = list(lease.bills.select_for_update().order_by("pk")), _picked(lease)
    for bill in bills:
        period = picked or schedule.period(start, bill.number)
        bill.period_start, bill.period_end = period.first_day, period.last_day
        bill.due_date = bill.due_date or period.first_day
    Bill.objects.bulk_update(bills, ["due_date", "period_start", "period_end"])
    start = picked.first_day if picked else start
    lease.begin(start, picked.last_day if picked else schedule.last_day(start, lease.months))
    lease.save(update_fields=["state", "start", "last_day"])
    events.record("lease_begun", lease, at=at, facts={"start": start.isoformat()})
    return lease


@transaction.atomic
def void(lease_id: int, at: datetime) -> Lease:
    """The order ended before receipt: lease and bills are void. Void already: nothing happens. LeaseNotDraft.

    What was paid or frozen goes back by `refunds.give_back` and `deposits.release`. Locks lease, then bills.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if lease.state == Lease.State.VOID:
        return lease
    if not can_proceed(lease.void):
        raise LeaseNotDraft
    _void_bills(lease, lease.bills.select_for_update().order_by("pk"), at)
    lease.void()
    lease.save(update_fields=["state"])
    events.record("lease_void", lease, at=at)
    return lease


@transaction.atomic
def close(lease_id: int, on: date, at: datetime) -> Lease:
    """The device is back, or its title passed, on day `on`; bills of periods that had not begun are void.

    Bills of begun periods stay open until paid. Closed already: nothing happens. LeaseNotLive.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if lease.state == Lease.State.CLOSED:
        return lease
    if not can_proceed(lease.close):
        raise LeaseNotLive
    later = lease.bills.select_for_update().filter(
        kind=Bill.Kind.RENT, state=Bill.State.OPEN, paid=0, period_start__gt=on
    )
    _void_bills(lease, later.order_by("pk"), at)
    lease.close(on)
    lease.save(update_fields=["state", "ended_on"])
    events.record("lease_closed", lease, at=at, facts={"on": on.isoformat()})
    return lease


def terms_of(lease: Lease) -> LeaseTerms:
    return LeaseTerms.from_json(lease.terms)


def _picked(lease: Lease) -> Period | None:
    """The one period of a short lease."""
    terms = terms_of(lease)
    return Period(1, terms.first_day, terms.last_day) if terms.first_day and terms.last_day else None


def _void_bills(lease: Lease, bills: Iterable[Bill], at: datetime) -> None:
    void = []
    for bill in bills:
        bill.lease = lease
        bill.void()
        bill.save(update_fields=["state"])
        void.append(bill)
    books.bills_void(void, at)
