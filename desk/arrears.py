"""A collection case as the desk shows it: one case with everything about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from accounts.models import Address
from arrears.models import CaseNote, CollectionCase, DemandLetter, HardshipRequest, PaymentPromise
from arrears.services import cases, hardship, home_visits, letters
from billing.models import ExtensionPlan, WriteOff
from billing.services import extensions, overdue, statements
from billing.services.overdue import Overdue
from billing.services.statements import BillView
from contracts.models import Agreement
from core import calendar
from core.errors import DomainError
from notices.services import calls
from notices.services.calls import Standing
from orders import actions
from orders.models import DemandChoice, ExtensionOffer, Order
from orders.services import choices, papers, terminations
from orders.services import extensions as offers
from visits.models import Visit

STEPS = ("received", "deduct", "terminate", "write-off")  # of orders.actions, those that a case leads to


@dataclass(frozen=True, slots=True)
class Shown:
    """What `desk/case.html` prints. `why_not` is why nobody may call now, `why_no_letter` why none may be sent; empty
    when it is allowed."""

    owed: Overdue | None
    bills: list[BillView]
    total: Decimal
    standing: Standing
    why_not: str
    notes: "QuerySet[CaseNote]"
    promises: "QuerySet[PaymentPromise]"
    hardship: HardshipRequest | None
    letters: list[DemandLetter]
    why_no_letter: str
    plans: list[ExtensionPlan]
    offer: ExtensionOffer | None
    steps: list[actions.Offered]
    choice: DemandChoice | None
    why_not_ended: str
    write_off: WriteOff | None
    visit: Visit | None
    why_no_visit: str
    doors: list[Address]
    fees_left: Decimal
    notice: Agreement | None


def shown(case: CollectionCase, at: datetime) -> Shown:
    on = calendar.business_date(at)
    late = [view for view in statements.statement(case.lease, on) if view.is_overdue]
    asked = hardship.latest(case.lease_id)
    now = calls.standing(case.customer.user_id, at)
    written, order = letters.of_lease(case.lease_id), case.lease.order
    may_end = bool(written) and case.state == CollectionCase.State.OPEN
    why_not_ended = terminations.why_not(order, on) if may_end else ""
    return Shown(
        owed=overdue.of([case.lease_id], on).get(case.lease_id),
        bills=late,
        total=_total(late),
        standing=now,
        why_not=_why_not(case, now, on),
        notes=case.notes.order_by("-id"),
        promises=case.promises.order_by("-id"),
        hardship=asked,
        letters=written,
        why_no_letter=letters.why_not(case, on),
        plans=extensions.of_lease(case.lease_id),
        offer=offers.of(order),
        steps=_steps(order, why_not_ended, at),
        choice=choices.last(written[0]) if written else None,
        why_not_ended=why_not_ended,
        visit=home_visits.of_case(case),
        why_no_visit=(why := home_visits.why_not(case, at)),
        doors=[] if why else home_visits.doors(case),
        write_off=WriteOff.objects.filter(lease=case.lease_id).first(),
        notice=papers.following(order).filter(kind=Agreement.Kind.NOTICE).first() if written else None,
        fees_left=cases.fees_left(case, on) if case.outcome == CollectionCase.Outcome.PAID else Decimal("0.00"),
    )


def _steps(order: Order, why_not_ended: str, at: datetime) -> list[actions.Offered]:
    """Whether it may be ended was asked already."""
    named = [each for each in actions.ACTIONS if each.face == actions.OPERATOR and each.name in STEPS]
    rows = [each for each in named if not (each.name == "terminate" and why_not_ended) and each.open_for(order, at)]
    return [actions.Offered(each.name, each.label, each.url(order), each.primary) for each in rows]


def _why_not(case: CollectionCase, now: Standing, on: date) -> str:
    """What `cases.dial` would refuse, said before anybody dials."""
    try:
        cases.require_workable(case, on)
    except DomainError as error:
        return str(error)
    return str(now.why)


def _total(late: Iterable[BillView]) -> Decimal:
    return sum((view.owed_now for view in late), Decimal("0.00"))
