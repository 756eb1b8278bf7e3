"""A visit from its request to its report (I10). Locks the visit's row; the order, if any, is locked before by who asks.

The customer chooses among proposed times, may move or refuse. What its agent reads of the door, and when, stands in
visits.services.doors. Once the report is in, the visit is closed to him.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Address, Customer, User
from core import calendar
from core.errors import DomainError
from core.services import events, numbers
from notices.services import calls, messages
from visits.models import FieldAgent, ProposedTime, Visit, VisitPaper, VisitReport
from visits.rules import findings, frequency, hours
from visits.rules.findings import Check

MOST_TIMES = 3
MOST_MOVES = 3
REPORTED_WITHIN = timedelta(days=3)
State, Purpose = Visit.State, Visit.Purpose
UNDER_WAY = (State.REQUESTED, State.PROPOSED, State.AGREED)


class VisitClosed(DomainError):
    code = "visit_closed"
    message = _("This is no longer possible: the visit is “%(state)s” now.")


class TimeNotDecent(DomainError):
    code = "time_not_decent"
    message = _("Nobody is visited between 22:00 and 08:00; a visit takes an hour.")


class TimeNotPossible(DomainError):
    code = "time_not_possible"
    message = _("An appointment lies at least two hours and at most fourteen days ahead.")


class TooOften(DomainError):
    code = "visited_too_often"
    message = _("About money nobody is visited more often than once in seven days.")


class NotHisDoor(DomainError):
    code = "not_his_door"
    message = _("Only the customer's own door, with his own phone: nobody else is ever visited or rung up.")


class NotAgreedByPhone(DomainError):
    code = "not_agreed_by_phone"
    message = _("What was agreed on the phone needs the call itself: yours, of today, and answered.")


class TimesMissing(DomainError):
    code = "times_missing"
    message = _("Please propose one to three different times.")


class AgentNeeded(DomainError):
    code = "agent_needed"
    message = _("Please assign an agent who is still at work.")


class MovedTooOften(DomainError):
    code = "moved_too_often"
    message = _("The visit was moved three times. Please refuse it, or call us.")


class TooEarly(DomainError):
    code = "too_early"
    message = _("The report opens half an hour before the appointment.")


class PapersNotChecked(DomainError):
    code = "papers_not_checked"
    message = _("Please say of every paper how you found it.")


@dataclass(frozen=True, slots=True)
class Findings:
    """The report as the agent filled it in. `papers`: code → (found, note)."""

    met: bool
    lives_there: bool
    papers: Mapping[str, tuple[str, str]]
    remarks: str = ""


def request(
    customer: Customer,
    order_number: str,
    address: Address,
    papers: Iterable[str],
    at: datetime,
    purpose: str = Purpose.REVIEW,
) -> Visit:
    """A visit to be arranged, with the papers that the customer is told ahead. One under way per order (UNIQUE).

    NotHisDoor where it is about money and the address is not the customer's, with his own phone.
    """
    if purpose == Purpose.COLLECTION and not is_own_door(customer, address):
        raise NotHisDoor
    with transaction.atomic():
        [number] = numbers.take("XV", calendar.business_date(at))
        made = Visit.objects.create(
            number=number, customer=customer, order_number=order_number, address=address, requested_at=at,
            purpose=purpose,
        )  # fmt: skip
        wanted = dict.fromkeys([VisitPaper.Code.ID_CARD, *map(VisitPaper.Code, papers)])
        VisitPaper.objects.bulk_create(VisitPaper(visit=made, code=code) for code in wanted)
        events.record("transition", made, at=at, target=made.state)
    return made


def is_own_door(customer: Customer, address: Address) -> bool:
    """An address may name a consignee who is somebody else; his phone says so."""
    return address.customer_id == customer.pk and address.phone_index == customer.user.phone_index


def of_order(order_number: str, purpose: str = Purpose.REVIEW) -> Visit | None:
    """The latest one of this purpose."""
    rows = Visit.objects.select_related("agent__user", "customer__user", "address")
    return rows.filter(order_number=order_number, purpose=purpose).order_by("-id").first()


def latest(order_number: str) -> Visit | None:
    """The latest one, whatever it is about."""
    rows = Visit.objects.select_related("agent__user", "customer__user", "address")
    return rows.filter(order_number=order_number).order_by("-id").first()


def assigned(user: User, at: datetime) -> "QuerySet[Visit]":
    """What this agent may see now: his visits with an appointment, the next one first."""
    rows = Visit.objects.select_related("customer__user", "address").filter(state=State.AGREED, agent__user=user)
    return rows.filter(agent__user__is_active=True).order_by("starts_at", "id")


def assign(visit_id: int, agent_id: int, actor: str, at: datetime) -> Visit:
    """AgentNeeded for one who left, VisitClosed. An appointment that stands goes over to the new agent."""
    agent = FieldAgent.objects.filter(pk=agent_id, user__is_active=True).first()
    if agent is None:
        raise AgentNeeded
    with transaction.atomic():
        row = _lock(visit_id)
        _require_under_way(row)
        if row.agent_id != agent.pk:
            row.agent = agent
            row.save(update_fields=["agent"])
            events.record("assigned", row, at=at, actor=actor, facts={"agent": agent.badge})
            if row.state == State.AGREED:
                _tell(row, "visit_agreed", at)
    return row


def propose(visit_id: int, times: Iterable[datetime], actor: str, at: datetime) -> Visit:
    """Offer one to three times. AgentNeeded, TimesMissing, TimeNotDecent, TimeNotPossible, TooOften, VisitClosed."""
    offered = sorted(set(times))
    if not 1 <= len(offered) <= MOST_TIMES:
        raise TimesMissing
    for starts_at in offered:
        _check_time(starts_at, at)
    with transaction.atomic():
        row = _lock(visit_id)
        if row.agent_id is None:
            raise AgentNeeded
        _require_apart(row, offered)
        _step(row, "propose", actor, at)
        _withdraw_times(row, at)
        ProposedTime.objects.bulk_create(ProposedTime(visit=row, starts_at=starts_at) for starts_at in offered)
        _tell(row, "visit_proposed", at)
    return row


def open_times(visit: Visit, at: datetime) -> list[ProposedTime]:
    """The times that can still be chosen."""
    rows = visit.times.filter(withdrawn_at=None, starts_at__gte=at + hours.EARLIEST_NOTICE)
    return list(rows.order_by("starts_at"))


def choose(visit_id: int, time_id: int, actor: str, at: datetime) -> Visit:
    """The customer takes one of the times. TimeNotPossible for one that is gone or too near, VisitClosed."""
    with transaction.atomic():
        row = _lock(visit_id)
        chosen = next((each for each in open_times(row, at) if each.pk == time_id), None)
        if chosen is None and row.state == State.PROPOSED:
            raise TimeNotPossible
        _require_apart(row, [chosen.starts_at] if chosen else [])
        _step(row, "choose", actor, at, chosen.starts_at if chosen else at)
        _tell(row, "visit_agreed", at)
    return row


def agree_by_phone(visit_id: int, starts_at: datetime, actor: str, at: datetime) -> Visit:
    """What was agreed on the phone. AgentNeeded, TimeNotDecent, TimeNotPossible, TooOften, NotAgreedByPhone,
    VisitClosed."""
    _check_time(starts_at, at)
    with transaction.atomic():
        row = _lock(visit_id)
        _require_apart(row, [starts_at])
        if row.purpose == Purpose.COLLECTION and not calls.has_spoken(row.customer.user_id, actor, at):
            raise NotAgreedByPhone
        if row.agent_id is None:
            raise AgentNeeded
        _step(row, "agree_by_phone", actor, at, starts_at)
        _withdraw_times(row, at)
        _tell(row, "visit_agreed", at)
    return row


def move(visit_id: int, wish: str, actor: str, at: datetime) -> Visit:
    """The customer needs another time and says which suits. MovedTooOften, VisitClosed."""
    with transaction.atomic():
        row = _lock(visit_id)
        if row.moves >= MOST_MOVES:
            raise MovedTooOften
        _step(row, "move", actor, at, wish.strip()[:120])
        _withdraw_times(row, at)
    return row


def decline(visit_id: int, reason: str, actor: str, at: datetime) -> Visit:
    """The customer does not want a visit; a person then decides. VisitClosed."""
    with transaction.atomic():
        row = _lock(visit_id)
        _step(row, "decline", actor, at, reason.strip()[:120], at)
        _withdraw_times(row, at)
    return row


def miss(visit_id: int, actor: str, at: datetime) -> Visit:
    """Nobody opened: another appointment is to be made. TooEarly, VisitClosed."""
    with transaction.atomic():
        row = _lock(visit_id)
        _require_time(row, at)
        _step(row, "miss", actor, at)
        _tell(row, "visit_missed", at)
    return row


def cancel(order_number: str, reason: str, actor: str, at: datetime, purpose: str = Purpose.REVIEW) -> None:
    """It is no longer needed: the visit under way is called off, and whoever had an appointment is told."""
    rows = Visit.objects.filter(order_number=order_number, state__in=UNDER_WAY, purpose=purpose)
    for row in rows.select_for_update():
        had_appointment = row.state == State.AGREED
        _step(row, "cancel", actor, at, reason, at)
        _withdraw_times(row, at)
        if had_appointment:
            _tell(row, "visit_cancelled", at)


def unreported(at: datetime) -> "QuerySet[Visit]":
    """About money, agreed, and three days after the appointment still without a report."""
    rows = Visit.objects.filter(purpose=Purpose.COLLECTION, state=State.AGREED, starts_at__lte=at - REPORTED_WITHIN)
    return rows.order_by("starts_at", "pk")


def lapse(visit_id: int, actor: str, at: datetime) -> Visit:
    """The clock ends one that nobody reported; from now on its agent reads no address. VisitClosed."""
    with transaction.atomic():
        row = _lock(visit_id)
        _step(row, "lapse", actor, at, at)
        _tell(row, "visit_cancelled", at)
    return row


def report(visit_id: int, found: Findings, actor: str, at: datetime) -> VisitReport:
    """The agent's findings, once. PapersNotChecked, TooEarly, VisitClosed. What follows decides who calls."""
    with transaction.atomic():
        row = _lock(visit_id)
        _require_time(row, at)
        papers = list(row.papers.select_for_update().order_by("id"))
        conclusion = _conclude(papers, found)
        _step(row, "report", actor, at, at)
        for paper in papers:
            paper.save(update_fields=["found", "note"])
        written = VisitReport.objects.create(
            visit=row,
            met=found.met,
            lives_there=found.lives_there,
            remarks=found.remarks.strip() or None,
            conclusion=conclusion,
            reported_at=at,
        )
        events.record("reported", row, at=at, actor=actor, facts={"conclusion": conclusion})
        _tell(row, "visit_done", at)
    return written


def read_remarks(visit: Visit, actor: str, at: datetime) -> str:
    """The agent's remarks for the reviewer; the reading is an event."""
    remarks = visit.finding.remarks
    with transaction.atomic():
        return remarks.open(by=actor, purpose=f"visit {visit.number}", at=at) if remarks else ""


def _conclude(papers: list[VisitPaper], found: Findings) -> str:
    for paper in papers:
        kind, note = found.papers.get(paper.code, (Check.OPEN, ""))
        paper.found, paper.note = Check(kind), note.strip()[:200]
    try:
        told = findings.conclude([Check(paper.found) for paper in papers], met=found.met, lives_there=found.lives_there)
    except ValueError as error:
        raise PapersNotChecked from error
    return told.value


def _check_time(starts_at: datetime, at: datetime) -> None:
    if not hours.is_decent(starts_at):
        raise TimeNotDecent
    if not hours.is_near_enough(starts_at, at):
        raise TimeNotPossible


def _require_apart(row: Visit, times: Iterable[datetime]) -> None:
    """TooOften: about money, seven days from every other visit of this customer, whoever came or comes."""
    if row.purpose != Purpose.COLLECTION:
        return
    rows = Visit.objects.filter(customer=row.customer_id, purpose=Purpose.COLLECTION)
    came = rows.values_list("came_at", flat=True)
    agreed = rows.filter(state=State.AGREED).exclude(pk=row.pk).values_list("starts_at", flat=True)
    others = [each for each in (*came, *agreed) if each is not None]
    if not all(frequency.is_apart(each, others) for each in times):
        raise TooOften


def _require_time(row: Visit, at: datetime) -> None:
    if row.state == State.AGREED and row.starts_at is not None and at < row.starts_at - hours.REPORT_OPENS:
        raise TooEarly


def _require_under_way(row: Visit) -> None:
    if row.state not in UNDER_WAY:
        raise VisitClosed(state=row.get_state_display())


def _step(row: Visit, verb: str, actor: str, at: datetime, *values: object) -> None:
    if not can_proceed(getattr(row, verb)):
        raise VisitClosed(state=row.get_state_display())
    source = row.state
    getattr(row, verb)(*values)
    row.save()
    events.record("transition", row, at=at, actor=actor, source=source, target=row.state, facts={"step": verb})


def _withdraw_times(row: Visit, at: datetime) -> None:
    row.times.filter(withdrawn_at=None).update(withdrawn_at=at)


def _tell(row: Visit, template: str, at: datetime) -> None:
    """`step` carries how many events the visit has: a second appointment is another occasion."""
    told = {"order": row.order_number}
    if template == "visit_agreed" and row.starts_at is not None and row.agent is not None:
        local = row.starts_at.astimezone(calendar.SHANGHAI)
        told |= {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "agent": row.agent.name}
    messages.inform(
        row.customer.user,
        template,
        told,
        step=f"visit:{row.pk}:{template}:{events.of(row).count()}",
        at=at,
        link=f"/orders/{row.order_number}/visit/",
    )


def _lock(visit_id: int) -> Visit:
    return Visit.objects.select_for_update(of=("self",)).select_related("agent", "customer__user").get(pk=visit_id)
