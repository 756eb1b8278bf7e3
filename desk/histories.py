"""What happened to a customer, in the desk's words: the customer's own events and those of the orders, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.models import Event
from credit.models import Decision
from desk import grounds
from orders import words
from orders.models import Order

MOST = 60
OWN: dict[str, str | Promise] = {
    "signed_up": _("Signed up"),
    "customer_blocked": _("Blocked"),
    "customer_unblocked": _("Unblocked"),
    "customer_read": _("An operator looked at this page"),
    "revealed": _("An operator had a sealed fact shown"),
    "standstill_recorded": _("Death or loss of legal capacity recorded"),
    "standstill_dated_back": _("It counts from its own day"),
    "standstill_withdrawn": _("Death or loss of legal capacity: withdrawn as mistaken"),
    "standstill_read": _("An operator looked at the paper"),
    "decision_made": _("Credit decision made"),
    "decision_ended": _("Credit decision ended"),
}
Kinds = dict[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the history; `number` is the order's, if it was about one."""

    title: str | Promise
    at: datetime
    actor: str | Promise
    text: str
    number: str


def of(customer: Customer, orders: dict[int, str], decisions: list[int]) -> list[Moment]:
    """The last MOST, in one query. `orders`: numbers by id."""
    rows = Event.objects.filter(
        Q(subject_type=Customer._meta.label_lower, subject_id=customer.pk, kind__in=OWN)
        | Q(subject_type=Decision._meta.label_lower, subject_id__in=decisions, kind__in=OWN)
        | Q(subject_type=Order._meta.label_lower, subject_id__in=list(orders))
    ).order_by("-at", "-id")[:MOST]
    return [moment for row in _each_look_once(rows) if (moment := _moment(row, orders)) is not None]


def _each_look_once(rows: Iterable[Event]) -> Iterator[Event]:
    """Looks of one person that follow each other are one line: the last one."""
    before = None
    for row in rows:
        look = row.actor if row.kind == "customer_read" else None
        if look is None or look != before:
            yield row
        before = look


def _moment(row: Event, orders: dict[int, str]) -> Moment | None:
    is_order = row.subject_type == Order._meta.label_lower
    step = str(row.facts.get("step", "")) if row.kind == "transition" else row.kind
    title = (words.STEPS if is_order else OWN).get(step)
    if title is None:
        return None
    actor = words.ACTORS.get(row.actor.partition(":")[0], row.actor)
    told = _reason(row) if is_order else _purpose(row)
    return Moment(title, row.at, actor, told, orders[row.subject_id] if is_order else "")


def _reason(row: Event) -> str:
    return str(words.reason(str(row.facts.get("reason", ""))))


def _purpose(row: Event) -> str:
    """What the operator gave as grounds, or why a decision ended."""
    reason = str(row.facts.get("reason", ""))
    return str(row.facts.get("purpose", "") or grounds.ENDED.get(reason, reason))
