"""Collection cases: opened after grace, closed when nothing is overdue, every contact logged (domain.md §9)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from arrears.models import CaseNote, CollectionCase, HardshipRequest, PaymentPromise
from billing.models import Lease, WriteOff
from billing.services import extensions, overdue, statements
from core import calendar, money, running
from core.errors import DomainError
from core.services import numbers
from core.services.events import PLATFORM
from core.templatetags.xinzu import yuan
from notices.models import PhoneCall
from notices.services import calls, messages
from notices.services.calls import Dialled, Going
from visits.models import Visit
from visits.services import visits

CHUNK = 1000
_OPEN = """
    INSERT INTO arrears_collectioncase (number, lease_id, customer_id, state, opened_on, outcome)
    SELECT number, lease, customer, 'OPEN', %s, ''
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS new (number, lease, customer)
    ON CONFLICT DO NOTHING RETURNING id
"""
Kind, State, Outcome = CaseNote.Kind, CollectionCase.State, CollectionCase.Outcome
# for pages that read many things of an order: the day on which its last arrears were made good, in the query that reads
# it
_CURED = CollectionCase.objects.filter(lease=OuterRef("lease"), outcome=Outcome.PAID).order_by().values("lease")
CURED_ON = Subquery(_CURED.annotate(last=Max("closed_on")).values("last"))


class CaseClosed(DomainError):
    code = "case_closed"
    message = _("This case is closed. Nothing is overdue any more.")


class HardshipFirst(DomainError):
    code = "hardship_first"
    message = _("The customer asked for relief. Please answer him before anybody calls.")


class PauseGranted(DomainError):
    code = "pause_granted"
    message = _("Nobody answered the customer's request for relief in time: nobody asks him until the end of %(day)s.")


class PlanKept(DomainError):
    code = "plan_kept"
    message = _("The customer keeps an extension plan. While he does, nobody calls or writes to him about it.")


def open_due(on: date, at: datetime) -> int:
    """A case for every running lease whose days of grace are over and that has none; how many. Safe to repeat."""
    known = CollectionCase.objects.filter(state=State.OPEN).values_list("lease", flat=True)
    spared = Lease.objects.filter(state=Lease.State.LIVE, customer__user__in_peace_since__isnull=False)
    new = sorted(set(overdue.past_grace(on)) - set(known) - set(spared.values_list("pk", flat=True)))
    chunks = (new[first : first + CHUNK] for first in range(0, len(new), CHUNK))
    return sum(running.together(Lease, some, lambda leases: _open(leases, on, at), lambda pk: pk) for some in chunks)


def hold(customer: Customer) -> "list[CollectionCase]":
    """Lock his open cases, before anything else of his."""
    rows = CollectionCase.objects.select_for_update(of=("self",), no_key=True).select_related("lease")
    return list(rows.filter(customer=customer, state=State.OPEN).order_by("pk"))


def stop(case: CollectionCase, actor: str, on: date, at: datetime) -> None:
    """Death or loss of legal capacity: nobody asks any more, a promise binds nobody, nobody comes. The case is held."""
    for promise in case.promises.select_for_update().filter(state=PaymentPromise.State.OPEN):
        promise.lapse(on)
        promise.save()
    case.close(Outcome.STANDSTILL, on)
    case.save()
    note(case, Kind.CLOSED, "", actor, at)


def close_settled(on: date, at: datetime) -> int:
    """Close the cases of leases that owe nothing past due any more, or that ended; how many."""
    rows = CollectionCase.objects.filter(state=State.OPEN).order_by("pk").values_list("pk", "lease")
    cases = list(rows)
    still = overdue.of({lease for _case, lease in cases}, on)
    return running.each(
        CollectionCase, [case for case, lease in cases if lease not in still], lambda pk: _close(pk, on, at)
    )


def waiting() -> "QuerySet[CollectionCase]":
    """Open cases, the oldest first."""
    rows = CollectionCase.objects.filter(state=State.OPEN).select_related("customer", "lease", "collector")
    return rows.order_by("opened_on", "pk")


def assign(case_id: int, collector: User, actor: str, at: datetime) -> None:
    """From now on this person works it. CaseClosed."""
    with transaction.atomic():
        case = lock(case_id)
        case.collector = collector
        case.save(update_fields=["collector"])
        note(case, Kind.ASSIGNED, collector.login, actor, at)


def write(case_id: int, text: str, actor: str, at: datetime) -> None:
    """A line for whoever comes after. CaseClosed."""
    with transaction.atomic():
        note(lock(case_id), Kind.NOTE, text, actor, at)


def dial(case_id: int, actor: str, at: datetime) -> Dialled:
    """Call the customer about it: on record at once, his number unsealed for this call.

    CaseClosed, HardshipFirst, PlanKept; MayNotCall, NoPhone, CallGoesOn of `calls.dial`.
    """
    with transaction.atomic():
        case = lock(case_id)
        require_unrelieved(case.lease_id, calendar.business_date(at))
        return calls.dial(case.customer.user, caller=actor, subject=case.subject, purpose="call about arrears", at=at)


def going(case: CollectionCase, actor: str, at: datetime) -> "list[Going]":
    """This person's calls about it whose end he has not told, with the number as long as he might dial it anew."""
    rows = list(calls.not_ended().filter(subject=case.subject, caller=actor).select_related("user"))
    may = bool(rows) and _may_be_asked(case, calendar.business_date(at))
    return [Going(row, calls.number(row, at) if may else None) for row in rows]


def lapse_calls(on: date, at: datetime) -> int:
    """Calls of the days before `on` whose end nobody told: closed, with a line in their case; how many."""
    rows = calls.not_ended().filter(dialled_at__lt=calendar.instant(on)).values_list("pk", "subject")
    about = dict(rows)
    return running.each(PhoneCall, about, lambda pk: _lapse_call(pk, about[pk], at))


def hang_up(case_id: int, call_id: int, seconds: int, text: str, actor: str, at: datetime) -> None:
    """How a call of this case ended, told once by whoever made it. CallOver. The case may have closed meanwhile."""
    with transaction.atomic():
        case = CollectionCase.objects.select_for_update().get(pk=case_id)
        if not PhoneCall.objects.filter(pk=call_id, subject=case.subject).exists():
            raise calls.CallOver
        calls.hang_up(call_id, actor, seconds, text)
        said = text if seconds else f"– {text}".rstrip()
        note(case, Kind.CALL, said, actor, at)


def _lapse_call(call_id: int, subject: str, at: datetime) -> bool:
    with transaction.atomic():
        number = subject.removeprefix("case:")
        case = CollectionCase.objects.select_for_update(of=("self",)).filter(number=number).first()
        is_over = calls.lapse(call_id, at)
        if case is not None and is_over:
            note(case, Kind.UNTOLD, "", PLATFORM, at)
    return is_over


def require_workable(case: CollectionCase, on: date) -> None:
    """Before a letter or a visit is asked for. CaseClosed, LeftInPeace, HardshipFirst, PlanKept."""
    if case.state != State.OPEN:
        raise CaseClosed
    require_unrelieved(case.lease_id, on)


def require_unrelieved(lease_id: int, on: date) -> None:
    """LeftInPeace after a death or a loss of capacity, HardshipFirst while a request waits for its answer, PauseGranted
    while one rests that nobody answered, PlanKept while a plan is kept on day `on`."""
    if Lease.objects.filter(pk=lease_id, customer__user__in_peace_since__isnull=False).exists():
        raise calls.LeftInPeace
    if has_open_hardship(lease_id):
        raise HardshipFirst
    paused = HardshipRequest.objects.filter(lease=lease_id, pause_until__gte=on).order_by("-pause_until").first()
    if paused is not None:
        raise PauseGranted(day=paused.pause_until)
    if is_planned(lease_id, on):
        raise PlanKept


def _may_be_asked(case: CollectionCase, on: date) -> bool:
    try:
        require_workable(case, on)
    except DomainError:
        return False
    return True


def has_open_hardship(lease_id: int) -> bool:
    return HardshipRequest.objects.filter(lease=lease_id, state=HardshipRequest.State.OPEN).exists()


def is_planned(lease_id: int, on: date) -> bool:
    """A plan is being kept and nothing beside it is overdue: collection stands still."""
    return extensions.running(lease_id) is not None and not overdue.of([lease_id], on)


def fees_left(case: CollectionCase, on: date) -> Decimal:
    """What is left of late fees once rent and cover are paid: owed, but overdue never, and it grows no more."""
    return money.total(view.fee_owed for view in statements.statement(case.lease, on))


def of_lease(lease_id: int) -> CollectionCase | None:
    """The open one."""
    return CollectionCase.objects.filter(lease=lease_id, state=State.OPEN).first()


def lock(case_id: int) -> CollectionCase:
    """CaseClosed unless it is open."""
    case = CollectionCase.objects.select_for_update(of=("self",)).select_related("customer__user").get(pk=case_id)
    if case.state != State.OPEN:
        raise CaseClosed
    return case


def note(case: CollectionCase, kind: str, text: str, by: str, at: datetime) -> None:
    CaseNote.objects.create(case=case, kind=kind, text=text[:600], by=by, at=at)


def _open(leases: Sequence[int], on: date, at: datetime) -> int:
    """How many are new: another runner may be quicker."""
    owners = list(Lease.objects.filter(pk__in=leases).order_by("pk").values_list("pk", "customer"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN, [on, numbers.take("AC", on, len(owners)), *map(list, zip(*owners, strict=True))])
        born = [row[0] for row in cursor.fetchall()]
        CaseNote.objects.bulk_create(CaseNote(case_id=pk, kind=Kind.OPENED, text="", by=PLATFORM, at=at) for pk in born)
    return len(born)


def _close(case_id: int, on: date, at: datetime) -> bool:
    with transaction.atomic():
        rows = CollectionCase.objects.select_for_update(of=("self",)).select_related("lease", "customer__user")
        case = rows.get(pk=case_id)
        if case.state != State.OPEN or overdue.of([case.lease_id], on):
            return False
        for promise in case.promises.select_for_update().filter(state=PaymentPromise.State.OPEN):
            promise.keep(on)  # nothing is overdue any more
            promise.save()
        case.close(_outcome(case), on)
        case.save()
        if case.outcome == Outcome.PAID:
            _cured(case, on, at)
        else:
            note(case, Kind.CLOSED, "", PLATFORM, at)
        visits.cancel(case.lease.number, "case_closed", PLATFORM, at, Visit.Purpose.COLLECTION)
    return True


def _cured(case: CollectionCase, on: date, at: datetime) -> None:
    """Once a case the customer hears that nothing is overdue any more, and what stays: a rest of late fees, if any."""
    fees = fees_left(case, on)
    note(case, Kind.CLOSED, yuan(fees) if fees else "", PLATFORM, at)
    template = "arrears_cured_but_fee" if fees else "arrears_cured"
    lease = case.lease.number
    messages.inform(
        case.customer.user, template, {"lease": lease, "amount": str(fees)}, step=f"{case.subject}:cured", at=at,
        link=f"/leases/{lease}/",
    )  # fmt: skip


def _outcome(case: CollectionCase) -> CollectionCase.Outcome:
    if case.lease.state != Lease.State.LIVE:
        given_up = WriteOff.objects.filter(lease=case.lease_id).exists()
        return Outcome.WRITTEN_OFF if given_up else Outcome.LEASE_ENDED
    return Outcome.REPLANNED if extensions.running(case.lease_id) else Outcome.PAID
