"""The operators' open queues: each noun's open state is its queue, there is no table of tasks (house.md)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Document
from arrears.models import CollectionCase, HardshipRequest
from arrears.services import hardship
from core import calendar
from core.models import Approval, OutboxMessage
from desk import days, mishaps, money_rows, open_work, promises, reviews, second_person
from desk.rows import Row, order_href
from notices.models import Message
from orders import words
from orders.models import DamageClaim, Fault, Order, State
from orders.services import review_requests
from visits.models import Visit, VisitComplaint

MOST = 100


@dataclass(frozen=True)
class Queue:
    """Open rows, most urgent first."""

    name: str
    title: str | Promise
    none: str | Promise
    find: Callable[[datetime], "QuerySet[Any]"]
    row: Callable[[Any, datetime], Row]

    @property
    def beside(self) -> tuple[str, str | Promise] | None:
        """The page with the figures behind this queue: its address and its name."""
        found = BESIDE.get(self.name)
        return (reverse(found[0]), found[1]) if found else None


@dataclass(frozen=True)
class Shown:
    """A queue with its first rows; `count` is the number of all of them."""

    queue: Queue
    rows: list[Row]
    count: int


def show(queue: Queue, at: datetime, most: int = MOST) -> Shown:
    """The first rows; counted only when there are more than these."""
    found = list(queue.find(at)[: most + 1])
    count = len(found) if len(found) <= most else queue.find(at).count()
    return Shown(queue, [queue.row(item, at) for item in found[:most]], count)


def get(name: str) -> Queue | None:
    return next((queue for queue in QUEUES if queue.name == name), None)


def _contact_row(contact: Contact, at: datetime) -> Row:
    href, todo = reverse("desk:contact", args=[contact.pk]), _("open it once, then accept, ask again or refuse")
    title = f"{contact.order_number} · {contact.get_kind_display()}"
    return Row(title, href, contact.get_relation_display(), None, None, contact.named_at, todo)


def _document_row(paper: Document, at: datetime) -> Row:
    href = reverse("desk:documents", args=[paper.order_number])
    return Row(paper.order_number, href, paper.get_kind_display(), None, None, paper.given_at, _("look at the papers"))


def _claim_row(claim: DamageClaim, at: datetime) -> Row:
    order, todo = claim.order, _("compare the photos, decide line by line; undecided it falls")
    left = words.left(order.waits_until, at) if order.waits_until else None
    href = reverse("desk:claim", args=[order.number])
    return Row(order.number, href, claim.grounds[:80], claim.amount, left, claim.answered_at, todo)


def _fault_row(fault: Fault, at: datetime) -> Row:
    todo = _("the merchant is silent: repair, exchange or decline; unanswered it is a repair")
    left = words.left(fault.waits_until, at) if fault.waits_until else None
    return Row(fault.order.number, order_href(fault.order), fault.words[:80], None, left, fault.reported_at, todo)


def _visit_row(visit: Visit, at: datetime) -> Row:
    href = reverse("desk:visit", args=[visit.number])
    left = words.left(visit.starts_at, at) if visit.starts_at and visit.state == Visit.State.AGREED else None
    text = visit.get_state_display() if visit.agent is None else f"{visit.get_state_display()} · {visit.agent}"
    return Row(
        f"{visit.order_number} · {visit.number}", href, text, None, left, visit.requested_at, VISIT_TODO[visit.state]
    )


VISIT_TODO: dict[str, str | Promise] = {
    Visit.State.REQUESTED: _("assign an agent and propose times"),
    Visit.State.DECLINED: _("the customer does not want it: do without, ask for something else or refuse the order"),
    Visit.State.AGREED: _("the agent reports after the appointment"),
    Visit.State.DONE: _("read the report: accept it or refuse the order"),
}


def _complaint_row(complaint: VisitComplaint, at: datetime) -> Row:
    href = reverse("desk:complaint", args=[complaint.pk])
    todo = _("read, ask, answer in writing")
    return Row(complaint.visit.order_number, href, complaint.text[:80], None, None, complaint.opened_at, todo)


def _review_row(order: Order, at: datetime) -> Row:
    todo = _("approve or refuse; without an answer the order expires")
    if reviews.is_unanswered(order, at):
        todo = _("the promised hour is past: answer the customer now, or the clock ends it")
    why = reviews.reason(order) or order.customer.number
    row = _order_row(order, at, why, todo, reviews.since(order), order.lease.deposit.waived)
    asked = review_requests.of(order)
    return replace(row, left=words.left(asked.answer_by, at)) if asked and asked.is_open else row


def _undelivered_row(order: Order, at: datetime) -> Row:
    todo = _("ask the carrier; record the delivery, or the parcel counts as lost")
    if order.state == State.RETURNING:
        todo = _("a return parcel: ask the carrier and the customer; never scanned, it does not count as on its way")
    return _order_row(order, at, order.merchant.name, todo, order.shipped_at)


def _ending_row(order: Order, at: datetime) -> Row:
    return _order_row(order, at, order.get_state_display(), promises.THEN.get(order.state, ""))


def _estate_row(order: Order, at: datetime) -> Row:
    todo = _("ask who sends it, then open the return for the estate")
    return _order_row(order, at, order.customer.number, todo)


def _order_row(
    order: Order,
    at: datetime,
    text: str,
    todo: str | Promise,
    since: datetime | None = None,
    amount: Decimal | None = None,
) -> Row:
    left = words.left(order.waits_until, at) if order.waits_until else None
    return Row(f"{order.number} · {order.plan.sku}", order_href(order), text, amount, left, since, todo)


def _hardship_row(asked: HardshipRequest, at: datetime) -> Row:
    href, last, todo = reverse("desk:hardship", args=[asked.number]), asked.answer_by, _("read, answer in writing")
    if asked.escalated_at is not None:
        last, todo = (
            hardship.decide_by(asked),
            _("a supervisor answers; else the clock grants a pause of fourteen days"),
        )
    left = words.left(calendar.instant(last + timedelta(days=1)), at)
    return Row(asked.lease.number, href, asked.text[:80], None, left, asked.asked_at, todo)


def _case_row(case: CollectionCase, at: datetime) -> Row:
    href, since = reverse("desk:case", args=[case.number]), calendar.instant(case.opened_on)
    return Row(case.lease.number, href, case.customer.number, None, None, since, _("say who works it"))


def _approval_row(asked: Approval, at: datetime) -> Row:
    kind = second_person.kind(asked)
    glance = kind.glance(asked)
    href = reverse("desk:approval", args=[asked.pk])
    todo = _("approve or refuse; whoever asked cannot")
    title = f"{kind.title} · {glance.place}"
    return Row(title, href, asked.reason, glance.amount, None, asked.requested_at, todo)


def _undecided_row(asked: Approval, at: datetime) -> Row:
    row = _approval_row(asked, at)
    todo = gettext("asked by %(who)s, decided by nobody: nothing was done, ask again if it is still needed")
    return replace(row, since=asked.decided_at, todo=todo % {"who": second_person.who(asked.requested_by)})


def _message_row(message: OutboxMessage, at: datetime) -> Row:
    href = reverse("admin:core_outboxmessage_change", args=[message.pk])
    todo = _("mend the cause, then offer it again in the admin")
    return Row(str(message), href, message.error[:160], None, None, message.dead_at, todo)


def _unreached_row(message: Message, at: datetime) -> Row:
    assert message.user is not None  # chosen by its customer
    number = message.user.customer.number
    text = f"{message.get_channel_display()} · {message.reason}"
    todo = _("tell him another way, and ask for the right number or address")
    return Row(number, reverse("desk:customer", args=[number]), text, None, None, message.outcome_at, todo)


def mishap_row(mishap: Any, at: datetime) -> Row:
    """In its queue and on its day."""
    title = f"{mishaps.subject(mishap)} · {days.NAMES.get(mishap.job, mishap.job)}"
    said = " · ".join(filter(None, [mishap.error, mishap.text]))
    if mishap.cleared_at:
        return Row(title, mishaps.address(mishap), _("mended since: %(error)s") % {"error": said})
    todo = _("mend the cause; the next beat tries it again")
    return Row(title, mishaps.address(mishap), said, None, None, mishap.first_at, todo)


BESIDE = {
    "visits": ("desk:visits", _("Decisions, visits and agents in figures")),
    "payments": ("desk:providers", _("Providers")),
    "mishaps": ("desk:days", _("Business days")),
    "differences": ("desk:reconciliation", _("Reconciliation")),
}
QUEUES = (
    Queue("review", _("Orders to review"), _("No order waits for a person."), open_work.to_review, _review_row),
    Queue("contacts", _("Contacts to review"), _("No contact waits for a review."), open_work.contacts, _contact_row),
    Queue("documents", _("Papers to review"), _("No paper waits for a review."), open_work.documents, _document_row),
    Queue("visits", _("Visits to arrange or due today"), _("Every visit is arranged."), open_work.visits, _visit_row),
    Queue("complaints", _("Complaints about visits"), _("No complaint is open."), open_work.complaints, _complaint_row),
    Queue(
        "hardships_late", _("Late hard months"), _("Nobody waits for an answer."), open_work.late_asked, _hardship_row
    ),
    Queue("hardships", _("Hard months"), _("Nobody waits for an answer."), open_work.hardships, _hardship_row),
    Queue("cases", _("Cases of nobody"), _("Every case is worked by somebody."), open_work.unassigned_cases, _case_row),
    Queue("estates", _("Devices of an estate"), _("No estate has a device."), open_work.estates, _estate_row),
    Queue("approvals", _("Second person"), _("Nothing waits for a second person."), open_work.to_second, _approval_row),
    Queue("undecided", _("Decided by nobody"), _("All were decided."), open_work.undecided, _undecided_row),
    Queue("ending", _("Waits that end within a day"), _("No wait ends soon."), open_work.ending, _ending_row),
    Queue(
        "undelivered",
        _("Shipped ten days ago, not delivered"),
        _("Every parcel is on time."),
        open_work.undelivered,
        _undelivered_row,
    ),
    Queue(
        "deposits", _("Deposits due back"), _("No promised day is near."), open_work.promised, money_rows.promised_row
    ),
    Queue(
        "payments",
        _("Payments that do not match"),
        _("Every payment matches."),
        open_work.strange_payments,
        money_rows.payment_row,
    ),
    Queue(
        "freezes",
        _("Freezes that do not match"),
        _("Every freeze matches."),
        open_work.strange_freezes,
        money_rows.freeze_row,
    ),
    Queue(
        "refunds", _("Refunds that failed"), _("No refund failed."), open_work.refunds_to_mend, money_rows.refund_row
    ),
    Queue(
        "ending_freezes",
        _("Freezes that end soon"),
        _("No freeze ends soon."),
        open_work.ending_freezes,
        money_rows.ending_freeze_row,
    ),
    Queue(
        "lapsed",
        _("Deposits no longer held"),
        _("Every deposit is held as agreed."),
        open_work.lapsed,
        money_rows.lapsed_row,
    ),
    Queue(
        "deductions",
        _("Deposits that could not be used"),
        _("Every approved part of a deposit was taken."),
        open_work.failed_deductions,
        money_rows.deduction_row,
    ),
    Queue(
        "differences",
        _("Differences with statements"),
        _("Every statement agrees."),
        open_work.differences,
        money_rows.difference_row,
    ),
    Queue("disputes", _("Open disputes"), _("No payment is disputed."), open_work.disputes, money_rows.dispute_row),
    Queue("claims", _("Disputed damage"), _("No damage claim is disputed."), open_work.disputed_claims, _claim_row),
    Queue(
        "faults", _("Faults without an answer"), _("No fault waits for us."), open_work.unanswered_faults, _fault_row
    ),
    Queue(
        "gaps",
        _("Statements that did not come"),
        _("Every statement came."),
        open_work.missed_statements,
        money_rows.gap_row,
    ),
    Queue(
        "payouts",
        _("Merchants to be paid"),
        _("No merchant waits for his money."),
        open_work.payouts,
        money_rows.payout_row,
    ),
    Queue("messages", _("Work given up"), _("All work was done."), open_work.dead_messages, _message_row),
    Queue(
        "unreached",
        _("Messages that did not arrive"),
        _("Whatever was sent arrived."),
        open_work.unreached,
        _unreached_row,
    ),
    Queue("mishaps", _("Mishaps of business days"), _("No day's work failed."), open_work.mishaps, mishap_row),
)
