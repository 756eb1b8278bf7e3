"""What is open, noun by noun, the most urgent first; `desk/queues.py` says how each row reads."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Contact, Document
from arrears.models import CollectionCase, HardshipRequest
from arrears.services import cases, hardship
from billing.models import (
    Chargeback,
    Deposit,
    DepositDeduction,
    DepositFreeze,
    MerchantStatement,
    Payment,
    ReconciliationException,
    Refund,
    StatementGap,
)
from billing.services import chargebacks, failed_refunds, gaps, lapses, reckoning, settlements
from core import calendar
from core.models import Approval, Event, Mishap, OutboxMessage
from core.services import approvals
from credit.models import Demand
from desk import mishaps as shown_mishaps
from desk import reviews, second_person
from notices.models import Message
from orders.models import DamageClaim, Fault, Order, Parcel, State
from visits.models import Visit, VisitComplaint
from visits.services import opinions

DELIVERY_TAKES = timedelta(days=10)  # domain.md §5: no carrier event for ten days comes to the desk
SOON = timedelta(hours=24)
REACHED_WITHIN = timedelta(days=14)
LAPSED_SHOWN = timedelta(days=14)


def _orders() -> "QuerySet[Order]":
    return Order.objects.select_related("plan__sku__device_model", "lease__deposit", "customer", "decision", "merchant")


def to_review(at: datetime) -> "QuerySet[Order]":
    rows = _orders().filter(pk__in=reviews.rows_waiting())
    return (
        rows.select_related("review_request")
        .prefetch_related("risk_hits")
        .order_by(reviews.promised_first(at), Coalesce("waits_until", "review_request__answer_by"), "id")
    )


def disputed_claims(at: datetime) -> "QuerySet[DamageClaim]":
    rows = DamageClaim.objects.filter(state=DamageClaim.State.DISPUTED).select_related("order")
    return rows.order_by("order__waits_until", "id")


def unanswered_faults(at: datetime) -> "QuerySet[Fault]":
    rows = Fault.objects.filter(state=Fault.State.AT_DESK).select_related("order__merchant")
    return rows.order_by("waits_until", "id")


def undelivered(at: datetime) -> "QuerySet[Order]":
    """A parcel, out or back, of which the carrier said nothing for ten days: since the last scan, or since it left."""
    silent = Parcel.objects.filter(delivered_at=None, void_at=None, handed_over_at__lte=at - DELIVERY_TAKES)
    silent = silent.exclude(heard_at__gt=at - DELIVERY_TAKES)
    out = Q(state=State.SHIPPED, pk__in=silent.filter(way=Parcel.Way.OUT).values("order"))
    back = Q(state=State.RETURNING, pk__in=silent.filter(way=Parcel.Way.BACK).values("order"))
    return _orders().filter(out | back).order_by("shipped_at", "id")


def ending(at: datetime) -> "QuerySet[Order]":
    return _orders().filter(waits_until__lte=at + SOON).order_by("waits_until", "id")


def promised(at: datetime) -> "QuerySet[Deposit]":
    tomorrow = calendar.business_date(at) + timedelta(days=1)
    waiting = Deposit.objects.filter(state=Deposit.State.RELEASING, promised_on__lte=tomorrow)
    return waiting.select_related("lease__order").order_by("promised_on", "id")


def strange_payments(at: datetime) -> "QuerySet[Payment]":
    rows = _came_right(Payment.objects.filter(state=Payment.State.QUARANTINED), "payment_after_quarantine")
    return rows.prefetch_related("items__bill__lease__order").order_by("created_at", "id")


def strange_freezes(at: datetime) -> "QuerySet[DepositFreeze]":
    rows = _came_right(DepositFreeze.objects.filter(state=DepositFreeze.State.QUARANTINED), "freeze_after_quarantine")
    return rows.select_related("deposit__lease__order").order_by("created_at", "id")


def _came_right(rows: "QuerySet[Any]", kind: str) -> "QuerySet[Any]":
    """With `came_right`: a matching word of the provider followed, and waits for a person."""
    noted = Event.objects.filter(subject_type=rows.model._meta.label_lower, subject_id=OuterRef("pk"), kind=kind)
    marked: QuerySet[Any] = rows.annotate(came_right=Exists(noted))
    return marked


def refunds_to_mend(at: datetime) -> "QuerySet[Refund]":
    return failed_refunds.waiting()


def failed_deductions(at: datetime) -> "QuerySet[DepositDeduction]":
    """The last word on its deposit is a no of the provider."""
    later = DepositDeduction.objects.filter(deposit=OuterRef("deposit"), pk__gt=OuterRef("pk"))
    rows = DepositDeduction.objects.filter(payment__state=Payment.State.CLOSED, deposit__state=Deposit.State.SECURED)
    return rows.exclude(Exists(later)).select_related("payment", "deposit__lease__order").order_by("at", "id")


def ending_freezes(at: datetime) -> "QuerySet[DepositFreeze]":
    return lapses.ending(at).select_related("deposit__lease__order")


def lapsed(at: datetime) -> "QuerySet[Deposit]":
    return lapses.lapsed()


def differences(at: datetime) -> "QuerySet[ReconciliationException]":
    return reckoning.waiting()


def disputes(at: datetime) -> "QuerySet[Chargeback]":
    return chargebacks.waiting()


def missed_statements(at: datetime) -> "QuerySet[StatementGap]":
    return gaps.waiting()


def dead_messages(at: datetime) -> "QuerySet[OutboxMessage]":
    return OutboxMessage.objects.exclude(dead_at=None).filter(done_at=None).order_by("dead_at", "id")


def unreached(at: datetime) -> "QuerySet[Message]":
    """One a person and channel: the last word of a carrier within two weeks is that nothing arrived."""
    failed = Message.objects.filter(state=Message.State.FAILED, outcome_at__gt=at - REACHED_WITHIN)
    newest = failed.order_by("user", "channel", "-outcome_at").distinct("user", "channel").values("pk")
    later = Message.objects.filter(
        user=OuterRef("user"), channel=OuterRef("channel"), state=Message.State.DELIVERED,
        outcome_at__gt=OuterRef("outcome_at"),
    )  # fmt: skip
    rows = Message.objects.filter(pk__in=newest, user__customer__isnull=False).exclude(Exists(later))
    return rows.select_related("user__customer").order_by("outcome_at", "id")


def mishaps(at: datetime) -> "QuerySet[Any]":
    return shown_mishaps.numbered(Mishap.objects.filter(cleared_at=None)).order_by("first_at", "pk")


def payouts(at: datetime) -> "QuerySet[MerchantStatement]":
    return settlements.to_pay_out()


def contacts(at: datetime) -> "QuerySet[Contact]":
    return Contact.objects.filter(state=Contact.State.GIVEN).order_by("named_at", "id")


def documents(at: datetime) -> "QuerySet[Document]":
    """One row per order: the oldest picture that nobody looked at."""
    waiting = Document.objects.defer("sealed").filter(state=Document.State.GIVEN)
    oldest = waiting.order_by("order_number", "given_at", "id").distinct("order_number").values("pk")
    return Document.objects.defer("sealed").filter(pk__in=oldest).order_by("given_at", "id")


def visits(at: datetime) -> "QuerySet[Visit]":
    """To be arranged, declined and not yet decided, or due today."""
    until = calendar.instant(calendar.business_date(at) + timedelta(days=1))
    arrange = Q(state__in=[Visit.State.REQUESTED, Visit.State.DECLINED])
    due = Q(state=Visit.State.AGREED, starts_at__lt=until)
    doubtful = Q(finding__conclusion="DOUBTFUL")
    held = Demand.objects.filter(kind=Demand.Kind.VISIT, state=Demand.State.OPEN).values("order_number")
    rows = Visit.objects.select_related("agent").filter(arrange | due | doubtful, order_number__in=held)
    return rows.order_by("starts_at", "requested_at", "id")


def complaints(at: datetime) -> "QuerySet[VisitComplaint]":
    return opinions.open_complaints()


def hardships(at: datetime) -> "QuerySet[HardshipRequest]":
    return hardship.waiting().filter(escalated_at=None)


def late_asked(at: datetime) -> "QuerySet[HardshipRequest]":
    """Not answered in two working days: a supervisor's."""
    return hardship.waiting().exclude(escalated_at=None)


def estates(at: datetime) -> "QuerySet[Order]":
    """Still on lease after a death or a loss of legal capacity: no clock brings them home, a person does."""
    rows = Order.objects.filter(state=State.ACTIVE, customer__user__in_peace_since__isnull=False)
    return rows.select_related("plan__sku__device_model", "customer").order_by("customer__user__in_peace_since", "id")


def unassigned_cases(at: datetime) -> "QuerySet[CollectionCase]":
    return cases.waiting().filter(collector=None)


def undecided(at: datetime) -> "QuerySet[Approval]":
    """For two weeks, so that whoever asked sees it; gone at once when it is asked for again."""
    again = Approval.objects.filter(kind=OuterRef("kind"), subject=OuterRef("subject"), pk__gt=OuterRef("pk"))
    return approvals.lapsed(at - LAPSED_SHOWN).filter(~Exists(again), kind__in=second_person.KINDS)


def to_second(at: datetime) -> "QuerySet[Approval]":
    return approvals.waiting().filter(kind__in=second_person.KINDS)
