"""What an unpaid bill does to trust: more than seven days past due, the decision ends (domain.md §4)."""

from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.models import Customer
from billing.models import Bill
from core import running
from credit.services import decisions

ENDS_DECISION_AFTER = timedelta(days=7)


def end_decisions(on: date, at: datetime) -> int:
    """End the decisions of customers with a bill more than seven days past due on day `on`; how many ended."""
    late = Bill.objects.filter(
        state=Bill.State.OPEN,
        due_date__lt=on - ENDS_DECISION_AFTER,
        lease__state="LIVE",
        # a remainder of a late fee is not overdue (domain.md §6)
        paid__lt=F("rent") + F("cover") - F("reduced") - F("replanned"),
    )
    trusted = Customer.objects.filter(decisions__isnull=False, decisions__ended_at=None, leases__bills__in=late)
    customers = {customer.pk: customer for customer in trusted.distinct().order_by("pk")}
    return running.each(Customer, customers, lambda pk: decisions.end(customers[pk], "overdue", at))
