"""A further term of a running lease: its bills, its longer term and its terms from then on, in one transaction."""

from datetime import datetime

from django.db import transaction

from billing.models import Bill, Lease, Renewal
from billing.rules.renewal import Further
from billing.rules.terms import LeaseTerms
from billing.services import books
from billing.services.leases import LeaseNotLive
from core import calendar
from core.services import events


@transaction.atomic
def extend(lease_id: int, offer: Further, at: datetime) -> Lease:
    """`offer` begins. LeaseNotLive; ValueError when it was not computed from the terms as they stand.

    Once for a term: a second call meets other terms. Locks the lease; a bill that is due already is receivable at once.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if lease.state != Lease.State.LIVE:
        raise LeaseNotLive
    before, after = LeaseTerms.from_json(lease.terms), offer.after
    if (before.months, before.months) != (lease.months, after.anchor_months):
        raise ValueError("the offer does not follow the terms of the lease")
    Renewal.objects.create(
        lease=lease,
        months_before=lease.months,
        months_after=after.months,
        total_before=lease.contract_total,
        total_after=lease.contract_total + offer.total,
        terms_before=lease.terms,
        terms_after=after.to_json(),
        begun_at=at,
    )
    lease.terms, lease.months = after.to_json(), after.months
    lease.contract_total += offer.total
    lease.last_day = offer.last_day
    lease.save(update_fields=["terms", "months", "contract_total", "last_day"])
    _add_bills(lease, offer, at)
    events.record("lease_renewed", lease, at=at, facts={"months": offer.months, "total": str(offer.total)})
    return lease


def _add_bills(lease: Lease, offer: Further, at: datetime) -> None:
    on, terms = calendar.business_date(at), offer.after
    bills = Bill.objects.bulk_create(
        Bill(
            lease=lease,
            number=period.number,
            rent=terms.monthly_rent,
            cover=terms.cover_monthly,
            due_date=period.first_day,
            period_start=period.first_day,
            period_end=period.last_day,
        )
        for period in offer.periods
    )
    for bill in bills:
        if bill.due_date is not None and bill.due_date <= on:
            books.charged(bill, at)
