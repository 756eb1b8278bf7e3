"""What orders and billing know of a customer, handed to credit as one frozen Record (docs/architecture.md)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Customer
from accounts.services import behaviour
from billing.services import history
from core import calendar, money
from credit.rules.facts import Record
from credit.services import reports, stops
from orders.models import Order, State
from orders.models.orders import CLOSED

CANCELLED_WITHIN = timedelta(days=365)


def fetch_report(report_id: int, at: datetime) -> None:
    """Ask the source of a report and decide on it, with the record. ProviderUnavailable: asked again."""
    reports.fetch(report_id, at, record(reports.customer_of(report_id), at))


def record(customer: Customer, at: datetime) -> Record:
    """As it stands at `at`; nothing is stored but what a decision keeps of it."""
    paid, shared = history.of(customer, at), behaviour.sharing(customer, at)
    known = defaulters(shared.customers, at)
    return Record(
        live_leases=paid.live_leases,
        completed_leases=paid.completed_leases,
        kept_leases=paid.kept_leases,
        bills_paid=paid.bills_paid,
        bills_late=paid.bills_late,
        days_overdue=paid.days_overdue,
        orders_cancelled=_cancelled(customer, at),
        phones_shared=len(shared.by_phone & known),
        addresses_shared=len(shared.by_address & known),
        devices_shared=len(shared.by_browser & known),
        rents_monthly=rents_monthly(customer),
    )


def rents_monthly(customer: Customer, without: int | None = None) -> Decimal:
    """Rent and cover of a month over all leases that run or are ordered; not of the order `without`."""
    going = Order.objects.filter(customer=customer).exclude(state__in=[*CLOSED, State.SETTLING])
    if without is not None:
        going = going.exclude(pk=without)
    terms = going.values_list("lease__terms__monthly_rent", "lease__terms__cover_monthly")
    return money.total(Decimal(rent) + Decimal(cover) for rent, cover in terms)


def defaulters(customers: Collection[int], at: datetime) -> frozenset[int]:
    """Of these, who is badly in arrears or was stopped."""
    if not customers:
        return frozenset()
    return frozenset(history.defaulters(customers, calendar.business_date(at)) | stops.stopped(customers, at))


def _cancelled(customer: Customer, at: datetime) -> int:
    """By the customer's own hand."""
    own = customer.orders.filter(state=State.CANCELLED, reason="by_customer", closed_at__gt=at - CANCELLED_WITHIN)
    return own.count()
