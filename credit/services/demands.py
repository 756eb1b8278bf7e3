"""Demands: what must be supplied before one order goes on (A6–A8, I10). The caller holds the order's lock.

A demand is closed in the transaction of what closes it; the order's own services look at `holding` under their lock,
and the database refuses an approval or a shipping past an open one.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer, Document
from core.errors import DomainError
from core.services import events
from credit.models import Demand
from visits.models import VisitPaper

State, Kind = Demand.State, Demand.Kind
HOLDS = (State.OPEN, State.REFUSED)
WANTED: dict[str, type[Document.Kind] | type[VisitPaper.Code]] = {
    Kind.DOCUMENTS: Document.Kind,
    Kind.VISIT: VisitPaper.Code,
}
BY_ITSELF = {  # what a rule asks for when it names no papers
    Kind.DOCUMENTS: [Document.Kind.WORK.value],
    Kind.VISIT: [VisitPaper.Code.RESIDENCE.value],
}


class AlreadyDemanded(DomainError):
    code = "already_demanded"
    message = _("This is demanded already.")


class NotDemanded(DomainError):
    code = "not_demanded"
    message = _("This is not asked of you, or no longer.")


class WantedMissing(DomainError):
    code = "wanted_missing"
    message = _("Please choose which papers are wanted.")


class GroundsMissing(DomainError):
    code = "grounds_missing"
    message = _("Please write down the grounds; they stay on record.")


def of_order(order_number: str) -> "QuerySet[Demand]":
    """Oldest first."""
    return Demand.objects.filter(order_number=order_number).order_by("id")


def holding(order_number: str) -> list[Demand]:
    """What keeps the order from going on: still open, or not met."""
    return list(of_order(order_number).filter(state__in=HOLDS))


def open_one(order_number: str, kind: str) -> Demand:
    """The open demand of a kind, locked. NotDemanded."""
    rows = Demand.objects.select_for_update(of=("self",)).select_related("customer__user")
    found = rows.filter(order_number=order_number, kind=kind, state=State.OPEN).first()
    if found is None:
        raise NotDemanded
    return found


def raise_(
    customer: Customer, order_number: str, kind: str, wanted: Iterable[str], grounds: str, actor: str, at: datetime
) -> Demand:
    """GroundsMissing, WantedMissing (papers to choose among), AlreadyDemanded."""
    chosen = _chosen(kind, wanted)
    if not grounds.strip():
        raise GroundsMissing
    if of_order(order_number).filter(kind=kind, state=State.OPEN).exists():
        raise AlreadyDemanded
    made = Demand.objects.create(
        customer=customer,
        order_number=order_number,
        kind=Kind(kind),
        wanted=chosen,
        raised_at=at,
        raised_by=actor,
        grounds=grounds.strip()[:200],
    )
    facts = {"order": order_number, "kind": made.kind, "wanted": chosen}
    events.record("transition", made, at=at, actor=actor, target=made.state, facts=facts)
    return made


def meet(demand: Demand, actor: str, grounds: str, at: datetime) -> None:
    _close(demand, "meet", actor, grounds, at)


def waive(demand: Demand, actor: str, grounds: str, at: datetime) -> None:
    """GroundsMissing."""
    _require_grounds(grounds)
    _close(demand, "waive", actor, grounds, at)


def refuse(demand: Demand, actor: str, grounds: str, at: datetime) -> None:
    """GroundsMissing."""
    _require_grounds(grounds)
    _close(demand, "refuse", actor, grounds, at)


def lapse(order_number: str, reason: str, at: datetime) -> list[Demand]:
    """The order ended: whatever was still asked is not asked any more."""
    rows = list(Demand.objects.select_for_update().filter(order_number=order_number, state=State.OPEN).order_by("id"))
    for row in rows:
        _close(row, "lapse", events.PLATFORM, reason, at)
    return rows


def _chosen(kind: str, wanted: Iterable[str]) -> list[str]:
    allowed = WANTED.get(kind)
    if allowed is None:
        return []
    chosen = [each for each in allowed.values if each in set(wanted)]
    if not chosen:
        raise WantedMissing
    return chosen


def _require_grounds(grounds: str) -> None:
    if not grounds.strip():
        raise GroundsMissing


def _close(row: Demand, verb: str, actor: str, grounds: str, at: datetime) -> None:
    if not can_proceed(getattr(row, verb)):
        raise NotDemanded
    source = row.state
    getattr(row, verb)(actor, grounds.strip()[:200], at)
    row.save(update_fields=["state", "closed_at", "closed_by", "closing_grounds"])
    facts = {"step": verb, "order": row.order_number, "kind": row.kind, "reason": row.closing_grounds}
    events.record("transition", row, at=at, actor=actor, source=source, target=row.state, facts=facts)
