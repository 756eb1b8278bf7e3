"""Who signed in at the same browser (capability A9): by a mark that we set there, kept as a blind index (ADR 22)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import BrowserMark, Customer
from core import seals

KEPT = timedelta(days=180)  # from the last sign-in on


def seen(customer: Customer, mark: str, at: datetime) -> None:
    """He signed in at the browser that carries this mark. One row for each pair, whoever is first."""
    row = BrowserMark(customer=customer, mark_index=seals.blind_index("browser", mark), first_at=at, last_at=at)
    BrowserMark.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["customer", "mark_index"], update_fields=["last_at"]
    )


def standing(customer: Customer) -> list[BrowserMark]:
    """Where he signed in, latest first: what he may see of it."""
    return list(customer.browser_marks.order_by("-last_at", "-id"))


def sharing(customer: Customer, at: datetime) -> "QuerySet[BrowserMark]":
    """Marks of others who had signed in at one of his browsers by `at`, for a query of the caller's."""
    before = BrowserMark.objects.filter(first_at__lte=at)
    own = before.filter(customer=customer).values("mark_index")
    return before.filter(mark_index__in=own).exclude(customer=customer)


def erase_due(at: datetime) -> int:
    """Forget marks that nobody came with for the time they are kept; how many. Safe to repeat."""
    count, _by_model = BrowserMark.objects.filter(last_at__lte=at - KEPT).delete()
    return count
