"""Visits about money that is past due: by appointment, seldom, at the customer's own door, and to nobody else.

The last thing before a letter, never a surprise: from day thirty on, the customer chooses among times, may move or
refuse, and is told what papers to have at hand. A request for relief, a plan, or nothing overdue any more calls it off.
The machinery is that of every visit (visits.services.visits); what may not be done stands there and in the database.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Address
from arrears.models import CaseNote, CollectionCase
from arrears.services import cases
from billing.services import overdue
from core import calendar, running
from core.errors import DomainError
from core.services.events import PLATFORM
from notices.services import calls
from notices.services.calls import Dialled, Going
from visits.models import Visit, VisitReport
from visits.services import doors as visit_doors
from visits.services import visits
from visits.services.visits import Findings

FROM_DAYS = 30
COLLECTION = Visit.Purpose.COLLECTION


class TooEarlyToVisit(DomainError):
    code = "too_early_to_visit"
    message = _("Nobody is visited about money before the thirtieth day past due.")


class VisitUnderWay(DomainError):
    code = "visit_under_way"
    message = _("A visit is being arranged already, or the customer refused one. He is not asked again.")


def ask(case_id: int, address: Address, actor: str, at: datetime) -> Visit:
    """A visit to be arranged at the customer's own door. As `require`; NotHisDoor. Locks the case."""
    with transaction.atomic():
        case = cases.lock(case_id)
        require(case, at)
        made = visits.request(case.customer, case.lease.number, address, [], at, COLLECTION)
        cases.note(case, CaseNote.Kind.VISIT, f"{made.number} · {made.get_state_display()}", actor, at)
    return made


def require(case: CollectionCase, at: datetime) -> None:
    """CaseClosed, HardshipFirst, PlanKept, TooEarlyToVisit, VisitUnderWay."""
    on = calendar.business_date(at)
    cases.require_workable(case, on)
    owed = overdue.of([case.lease_id], on).get(case.lease_id)
    if owed is None or owed.days < FROM_DAYS:
        raise TooEarlyToVisit
    last = of_case(case)
    if last is not None and (last.state in visits.UNDER_WAY or last.state == Visit.State.DECLINED):
        raise VisitUnderWay


def why_not(case: CollectionCase, at: datetime) -> str:
    """What `ask` would refuse now, said before anybody presses; empty when a visit may be asked for."""
    try:
        require(case, at)
    except DomainError as error:
        return str(error)
    return ""


def doors(case: CollectionCase) -> "list[Address]":
    """The customer's own addresses with his own phone, the newest first."""
    rows = case.customer.addresses.filter(removed_at=None).order_by("-pk")
    return [each for each in rows if visits.is_own_door(case.customer, each)]


def of_case(case: CollectionCase) -> Visit | None:
    """The latest visit about this lease's money since the case was opened."""
    rows = Visit.objects.filter(order_number=case.lease.number, purpose=COLLECTION)
    return rows.filter(requested_at__gte=calendar.instant(case.opened_on)).order_by("-pk").first()


def ring(visit_id: int, actor: str, at: datetime) -> Dialled:
    """The agent rings the customer around the appointment: a call of the case, on record and counted as every other.

    VisitClosed, NotAroundTheTime, CaseClosed; what `cases.dial` refuses.
    """
    with transaction.atomic():
        visit = Visit.objects.get(pk=visit_id)
        visit_doors.require_around(visit, at)
        return cases.dial(_case_of(visit).pk, actor, at)


def ringing(visit: Visit, actor: str, at: datetime) -> list[Going]:
    """The agent's calls about it whose end he has not told; none but for a visit about money."""
    case = _open_case(visit) if visit.purpose == COLLECTION else None
    return cases.going(case, actor, at) if case is not None else []


def why_no_ring(visit: Visit, at: datetime) -> str:
    """What `ring` would refuse now, said before anybody presses; empty when he may ring."""
    try:
        visit_doors.require_around(visit, at)
        case = _case_of(visit)
        cases.require_unrelieved(case.lease_id, calendar.business_date(at))
    except DomainError as error:
        return str(error)
    return str(calls.standing(case.customer.user_id, at).why)


def hang_up(visit: Visit, call_id: int, seconds: int, text: str, actor: str, at: datetime) -> None:
    """How the agent's call ended. CaseClosed, CallOver."""
    cases.hang_up(_case_of(visit).pk, call_id, seconds, text, actor, at)


def report(visit_id: int, found: Findings, actor: str, at: datetime) -> VisitReport:
    """What the agent found, as a line of the case too. A mismatch is for a person to look at; it blocks nobody."""
    with transaction.atomic():
        written = visits.report(visit_id, found, actor, at)
        _log(written.visit, str(written.get_conclusion_display()), actor, at)
    return written


def decline(visit_id: int, reason: str, actor: str, at: datetime) -> Visit:
    """The customer does not want it: nobody comes, and he is not asked again in this case. VisitClosed."""
    with transaction.atomic():
        row = visits.decline(visit_id, reason, actor, at)
        _log(row, str(row.get_state_display()), actor, at)
    return row


def end_unreported(at: datetime) -> int:
    """Visits that nobody reported for three days are over; another one may be arranged. How many. Safe to repeat."""
    return running.each(Visit, visits.unreported(at).values_list("pk", flat=True), lambda pk: _end(pk, at))


def _end(visit_id: int, at: datetime) -> bool:
    with transaction.atomic():
        try:
            row = visits.lapse(visit_id, PLATFORM, at)
        except visits.VisitClosed:
            return False  # reported or moved at this very moment
        _log(row, str(row.get_state_display()), PLATFORM, at)
    return True


def call_off(lease_number: str, reason: str, at: datetime) -> None:
    """Nobody comes: the customer asked for relief, keeps a plan, or owes nothing any more. Safe to repeat."""
    visits.cancel(lease_number, reason, PLATFORM, at, COLLECTION)


def _log(visit: Visit, text: str, actor: str, at: datetime) -> None:
    case = _open_case(visit)
    if case is not None:
        cases.note(case, CaseNote.Kind.VISIT, f"{visit.number} · {text}", actor, at)


def _open_case(visit: Visit) -> CollectionCase | None:
    rows = CollectionCase.objects.filter(lease__number=visit.order_number, state=CollectionCase.State.OPEN)
    return rows.select_related("customer").first()


def _case_of(visit: Visit) -> CollectionCase:
    case = _open_case(visit)
    if case is None or visit.purpose != COLLECTION:
        raise cases.CaseClosed
    return case
