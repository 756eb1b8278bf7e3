"""What lies where now: allocations less what lost disputes took off the bills again."""

from decimal import Decimal

from django.db.models import Model, QuerySet

from billing.models import Allocation, Chargeback, Lease, Payment, Refund, Reversal
from core.fields import exact_sum
from core.money import ZERO


def net(payment: Payment, lease: Lease | None = None) -> list[tuple[Allocation, Decimal]]:
    """Each allocation of a payment (on bills of this lease) with what is left of it, in the order of laying."""
    rows = Allocation.objects.filter(payment=payment).order_by("pk")
    rows = rows.filter(bill__lease=lease) if lease else rows
    off = dict(_sums(Reversal.objects.filter(allocation__payment=payment), "allocation"))
    return [(row, row.amount - off.get(row.pk, ZERO)) for row in rows]


def by_payment(received: "QuerySet[Payment]") -> dict[int, Decimal]:
    """What of each payment lies on bills, by its id."""
    on = dict(_sums(Allocation.objects.filter(payment__in=received), "payment"))
    off = dict(_sums(Reversal.objects.filter(allocation__payment__in=received), "allocation__payment"))
    return {pk: amount - off.get(pk, ZERO) for pk, amount in on.items()}


def lost(received: "QuerySet[Payment]") -> dict[int, Decimal]:
    """What of each payment was taken back for good, by its id."""
    return dict(_sums(Chargeback.objects.filter(payment__in=received, state=Chargeback.State.LOST), "payment"))


def free(payment: Payment) -> Decimal:
    """What of a received payment lies on nothing, is not on its way back and was not taken back."""
    own = Payment.objects.filter(pk=payment.pk)
    back = Refund.objects.filter(payment=payment, lease=None, deposit=None, replaces=None)
    rest: Decimal = payment.amount - by_payment(own).get(payment.pk, ZERO) - lost(own).get(payment.pk, ZERO)
    given: Decimal = back.aggregate(sum=exact_sum("amount"))["sum"]
    return rest - given


def _sums(rows: "QuerySet[Model]", by: str) -> list[tuple[int, Decimal]]:
    return list(rows.values(by).annotate(sum=exact_sum("amount")).order_by().values_list(by, "sum"))
