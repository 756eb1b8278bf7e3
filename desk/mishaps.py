"""Mishaps of business days at the desk: what went wrong, with whom, and where he is looked at."""

from typing import Any

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, When
from django.urls import reverse

from accounts.models import Customer
from core.models import Mishap
from orders.models import Order

RUN = "core.jobrun"
ORDERS_BY = {
    "orders.order": "pk",
    "billing.lease": "lease",
    "billing.bill": "lease__bills",
    "billing.deposit": "lease__deposit",
    "billing.depositfreeze": "lease__deposit__freezes",
    "billing.extensionplan": "lease__extensions",
    "arrears.collectioncase": "lease__cases",
    "arrears.paymentpromise": "lease__cases__promises",
}


def numbered(rows: "QuerySet[Mishap]") -> "QuerySet[Any]":
    """With `order_number` and `customer_number` of whom it is about, where it is about one."""
    orders = [
        When(
            subject_type=kind, then=Subquery(Order.objects.filter(**{by: OuterRef("subject_id")}).values("number")[:1])
        )
        for kind, by in ORDERS_BY.items()
    ]
    customer = Customer.objects.filter(pk=OuterRef("subject_id")).values("number")[:1]
    found: QuerySet[Any] = rows.annotate(
        order_number=Case(*orders, default=None, output_field=CharField()),
        customer_number=Case(
            When(subject_type="accounts.customer", then=Subquery(customer)), default=None, output_field=CharField()
        ),
    )
    return found


def address(mishap: Any) -> str:
    """The order's page, the customer's, the day's where a whole run failed, else its own row in the admin."""
    if mishap.subject_type == RUN:
        return reverse("desk:day", args=[mishap.day])
    if mishap.order_number:
        return reverse("desk:order", args=[mishap.order_number])
    if mishap.customer_number:
        return reverse("desk:customer", args=[mishap.customer_number])
    return reverse("admin:core_mishap_change", args=[mishap.pk])


def subject(mishap: Any) -> str:
    """Whom it is about, by number; the day where a whole run failed."""
    if mishap.subject_type == RUN:
        return str(mishap.day)
    return str(mishap.order_number or mishap.customer_number or f"{mishap.subject_type} {mishap.subject_id}")
