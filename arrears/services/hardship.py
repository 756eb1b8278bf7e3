"""Hardship: a customer says that a month is hard; until a person answers, nobody calls him about the lease.

Two working days are promised. Unanswered after them, it is left to a supervisor and the customer is told; after three
more the clock grants a pause of fourteen days. How often he may ask is bounded (arrears.rules.hardship).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from arrears.models import CaseNote, HardshipRequest
from arrears.rules import hardship as rules
from arrears.services import cases, home_visits
from billing.models import Lease
from core import calendar, running
from core.errors import DomainError
from core.services import numbers, workdays
from core.services.events import PLATFORM
from notices.services import messages

State = HardshipRequest.State


class HardshipOpen(DomainError):
    code = "hardship_open"
    message = _("You have asked already. We answer within two working days; nobody calls you meanwhile.")


class AskedLately(DomainError):
    code = "asked_lately"
    message = _(
        "Your last request has been dealt with. You may ask again from %(day)s on, or now if something changed."
    )


class AskedTooOften(DomainError):
    code = "asked_too_often"
    message = _(
        "You asked as often as it can be within a year. You may ask again from %(day)s on; until then, call us."
    )


class HardshipOver(DomainError):
    code = "hardship_over"
    message = _("This request was answered or taken back already.")


class LeaseNotRunning(DomainError):
    code = "lease_not_running"
    message = _("This lease is not running.")


def ask(
    lease_id: int, text: str, monthly: Decimal | None, actor: str, at: datetime, *, has_changed: bool = False
) -> HardshipRequest:
    """HardshipOpen, LeaseNotRunning, AskedTooOften; AskedLately unless something changed. Locks the lease."""
    on = calendar.business_date(at)
    with transaction.atomic():
        lease = Lease.objects.select_for_update().get(pk=lease_id)
        if lease.state != Lease.State.LIVE:
            raise LeaseNotRunning
        if cases.has_open_hardship(lease_id):
            raise HardshipOpen
        refusal = why_not(lease_id, on, has_changed=has_changed)
        if refusal is not None:
            raise refusal
        asked = HardshipRequest.objects.create(
            number=numbers.take("HR", on)[0], customer_id=lease.customer_id, lease=lease, text=text, monthly=monthly,
            asked_at=at, answer_by=workdays.after(on, rules.ANSWER_WITHIN), has_changed=has_changed,
        )  # fmt: skip
        _log(asked, text, actor, at)
        home_visits.call_off(lease.number, "hardship", at)
    return asked


def answer(request_id: int, text: str, actor: str, at: datetime) -> HardshipRequest:
    """In writing; the customer is told. HardshipOver."""
    with transaction.atomic():
        asked = _lock(request_id)
        asked.answer(text, actor, at)
        asked.save()
        _log(asked, text, actor, at)
        lease = asked.lease
        messages.inform(
            asked.customer.user, "hardship_answered", {"lease": lease.number}, step=f"hardship:{asked.pk}:answered",
            at=at, link=f"/leases/{lease.number}/hardship/",
        )  # fmt: skip
    return asked


def withdraw(request_id: int, actor: str, at: datetime) -> None:
    """The customer takes it back. HardshipOver."""
    with transaction.atomic():
        asked = _lock(request_id)
        asked.withdraw(at)
        asked.save()
        _log(asked, "", actor, at)


def why_not(lease_id: int, on: date, *, has_changed: bool) -> DomainError | None:
    """What `ask` would refuse for having been asked before."""
    former = [_former(row) for row in HardshipRequest.objects.filter(lease=lease_id).order_by("asked_at", "pk")]
    why = rules.no_ask(former, on, has_changed=has_changed)
    if why is None:
        return None
    day = rules.again_from(former, why)
    return AskedTooOften(day=day) if why is rules.NoAsk.TOO_OFTEN else AskedLately(day=day)


def decide_by(asked: HardshipRequest) -> date:
    """The last day of the supervisor; on the next the clock grants a pause."""
    return workdays.after(asked.answer_by, rules.DECIDE_WITHIN)


def keep_promises(on: date, at: datetime) -> dict[str, int]:
    """Requests whose day is over on day `on`: left to a supervisor, then granted a pause. Safe to repeat."""
    counts = {"requests left to a supervisor": 0, "pauses granted": 0}
    rows = HardshipRequest.objects.filter(state=State.OPEN, answer_by__lt=on).order_by("pk")
    for pk in list(rows.values_list("pk", flat=True)):
        with running.apart(HardshipRequest, pk):
            done = _keep_promise(pk, on, at)
            if done:
                counts[done] += 1
    return counts


def waiting() -> "QuerySet[HardshipRequest]":
    """What is due first."""
    rows = HardshipRequest.objects.filter(state=State.OPEN).select_related("lease", "customer")
    return rows.order_by("answer_by", "asked_at", "pk")


def latest(lease_id: int) -> HardshipRequest | None:
    return HardshipRequest.objects.filter(lease=lease_id).order_by("-asked_at", "-pk").first()


def _keep_promise(request_id: int, on: date, at: datetime) -> str:
    """What was done, in the words of the day's counts."""
    with transaction.atomic():
        asked = _locked(request_id)
        if asked.state != State.OPEN or asked.answer_by >= on:
            return ""
        if asked.lease.state != Lease.State.LIVE:
            asked.lapse(at)
            asked.save()
            return ""
        if on > decide_by(asked):
            return _grant(asked, at)
        return _escalate(asked, at) if asked.escalated_at is None else ""


def _escalate(asked: HardshipRequest, at: datetime) -> str:
    asked.escalated_at = at
    asked.save()
    _log(asked, "", PLATFORM, at)
    _tell(asked, "hardship_late", decide_by(asked), at)
    return "requests left to a supervisor"


def _grant(asked: HardshipRequest, at: datetime) -> str:
    until = calendar.business_date(at) + timedelta(days=rules.PAUSE_DAYS)
    asked.grant(until, at)
    asked.save()
    _log(asked, until.isoformat(), PLATFORM, at)
    home_visits.call_off(asked.lease.number, "hardship", at)
    _tell(asked, "hardship_paused", until, at)
    return "pauses granted"


def _tell(asked: HardshipRequest, template: str, day: date, at: datetime) -> None:
    lease = asked.lease.number
    messages.inform(
        asked.customer.user, template, {"lease": lease, "day": day.isoformat()}, step=f"hardship:{asked.pk}:{template}",
        at=at, link=f"/leases/{lease}/hardship/",
    )  # fmt: skip


def _former(row: HardshipRequest) -> rules.Former:
    ended = row.pause_until or (calendar.business_date(row.closed_at) if row.closed_at else None)
    is_dealt_with = row.state in (State.ANSWERED, State.GRANTED)
    return rules.Former(calendar.business_date(row.asked_at), ended if is_dealt_with else None, row.has_changed)


def _lock(request_id: int) -> HardshipRequest:
    asked = _locked(request_id)
    if asked.state != State.OPEN:
        raise HardshipOver
    return asked


def _locked(request_id: int) -> HardshipRequest:
    rows = HardshipRequest.objects.select_for_update(of=("self",)).select_related("lease", "customer__user")
    return rows.get(pk=request_id)


def _log(asked: HardshipRequest, text: str, by: str, at: datetime) -> None:
    case = cases.of_lease(asked.lease_id)
    if case is not None:
        cases.note(case, CaseNote.Kind.HARDSHIP, text, by, at)
