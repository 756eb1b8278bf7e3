"""By which accounts customers paid: a payer is known by channel and the provider's own number of the account."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from billing.models import DepositFreeze, Payment

Payer = tuple[str, str]


def of_lease(lease_id: int) -> frozenset[Payer]:
    """Who paid this lease's bills or deposit, or let it be frozen."""
    paid = _paid().filter(Q(items__bill__lease=lease_id) | Q(deposit__lease=lease_id))
    return frozenset([*paid.values_list("channel", "payer"), *_frozen(Q(deposit__lease=lease_id))])


def of_customer(customer_id: int, after: datetime, until: datetime, besides: Collection[int] = ()) -> frozenset[Payer]:
    """Who paid or let something be frozen for this customer in that time, besides for these leases."""
    paid = _paid().filter(customer=customer_id, posted_at__gt=after, posted_at__lte=until)
    paid = paid.exclude(items__bill__lease__in=besides).exclude(deposit__lease__in=besides)
    own = Q(deposit__lease__customer=customer_id, frozen_at__gt=after, frozen_at__lte=until) & ~Q(
        deposit__lease__in=besides
    )
    return frozenset([*paid.values_list("channel", "payer"), *_frozen(own)])


def customers_of(payers: Collection[Payer], after: datetime, until: datetime) -> frozenset[int]:
    """For whom these accounts paid or let something be frozen in that time."""
    if not payers:
        return frozenset()
    these = Q()
    for channel, payer in payers:
        these |= Q(channel=channel, payer=payer)
    paid = _paid().filter(these, posted_at__gt=after, posted_at__lte=until).values_list("customer_id", flat=True)
    frozen = DepositFreeze.objects.filter(these, frozen_at__gt=after, frozen_at__lte=until)
    return frozenset([*paid, *frozen.values_list("deposit__lease__customer_id", flat=True)])


def _paid() -> "QuerySet[Payment]":
    return Payment.objects.filter(state=Payment.State.SUCCEEDED).exclude(payer="")


def _frozen(which: Q) -> "QuerySet[DepositFreeze, Payer]":
    return (
        DepositFreeze.objects.filter(which, frozen_at__isnull=False).exclude(payer="").values_list("channel", "payer")
    )
