"""The second person (reliability.md 33): asked for by one, decided by another, bound to its payload, used once.

Whoever moves money above a limit, waives or publishes what is sensitive, calls `use` with exactly what he is about to
do, before he locks anything else; without a fitting approval nothing happens. A noun's `carry_out` approves, uses and
acts in one transaction, so that a failure leaves the request open.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from core import canonical
from core.errors import DomainError
from core.models import Approval
from core.services import events
from core.services.events import PLATFORM

State = Approval.State
LAPSES_AFTER = timedelta(days=14)


class ApprovalNeeded(DomainError):
    code = "approval_needed"
    message = _("A second person has to approve exactly this first. Nothing was done.")


class AlreadyAsked(DomainError):
    """`approval` is the open one."""

    code = "approval_already_asked"
    message = _("This waits for a second person already. Decide or withdraw that request first.")

    def __init__(self, approval: int) -> None:
        super().__init__(approval=approval)


class SamePerson(DomainError):
    code = "approval_same_person"
    message = _("You asked for it yourself; somebody else must decide.")


class NotYourRequest(DomainError):
    code = "approval_not_yours"
    message = _("Only the one who asked can withdraw it.")


class ApprovalOver(DomainError):
    code = "approval_over"
    message = _("This was decided, withdrawn or carried out already.")


class ApprovalUnknown(DomainError):
    code = "approval_unknown"
    message = _("There is no such request.")


def request(kind: str, subject: str, payload: Any, *, actor: str, reason: str, at: datetime) -> Approval:
    """Ask for a second person. `payload`: a frozen dataclass or a mapping, all that will be done. AlreadyAsked."""
    body = canonical.encode(payload).decode()
    try:
        with transaction.atomic():
            asked = Approval.objects.create(
                kind=kind,
                subject=subject,
                body=body,
                payload_hash=canonical.sha256(payload),
                reason=reason,
                requested_by=actor,
                requested_at=at,
            )
            _record("approval_requested", asked, actor, reason, at)
    except IntegrityError as clash:
        under_way = open_for(subject, kind).first()
        if under_way is None:
            raise
        raise AlreadyAsked(under_way.pk) from clash
    return asked


@transaction.atomic
def approve(approval_id: int, actor: str, at: datetime) -> Approval:
    """A second person's yes. ApprovalUnknown, ApprovalOver, SamePerson. Locks the approval, before everything else."""
    asked = _locked(approval_id)
    if not can_proceed(asked.approve):
        raise ApprovalOver
    _require_other(asked, actor)
    asked.approve(actor, at)
    asked.save(update_fields=["state", "decided_by", "decided_at"])
    _record("approval_approved", asked, actor, "", at)
    return asked


@transaction.atomic
def refuse(approval_id: int, actor: str, reason: str, at: datetime) -> Approval:
    """A second person's no. As `approve`."""
    asked = _locked(approval_id)
    if not can_proceed(asked.refuse):
        raise ApprovalOver
    _require_other(asked, actor)
    asked.refuse(actor, reason, at)
    asked.save(update_fields=["state", "decided_by", "decided_at", "refusal"])
    _record("approval_refused", asked, actor, reason, at)
    return asked


@transaction.atomic
def withdraw(approval_id: int, actor: str, at: datetime) -> Approval:
    """The one who asked takes it back. ApprovalUnknown, ApprovalOver, NotYourRequest."""
    asked = _locked(approval_id)
    if not can_proceed(asked.withdraw):
        raise ApprovalOver
    if asked.requested_by != actor:
        raise NotYourRequest
    asked.withdraw()
    asked.save(update_fields=["state"])
    _record("approval_withdrawn", asked, actor, "", at)
    return asked


@transaction.atomic
def lapse(approval_id: int, at: datetime) -> Approval:
    """The clock: nobody decided for fourteen days, so nothing is done. ApprovalUnknown, ApprovalOver."""
    asked = _locked(approval_id)
    if not can_proceed(asked.lapse) or asked.requested_at > at - LAPSES_AFTER:
        raise ApprovalOver
    asked.lapse(at)
    asked.save(update_fields=["state", "decided_at"])
    _record("approval_lapsed", asked, PLATFORM, "", at)
    return asked


def undecided(at: datetime) -> "QuerySet[Approval]":
    """What lapses now, the oldest first."""
    return waiting().filter(requested_at__lte=at - LAPSES_AFTER)


def lapsed(since: datetime) -> "QuerySet[Approval]":
    """What lapsed since then, the newest first: whoever asked may ask again."""
    return Approval.objects.filter(state=State.LAPSED, decided_at__gt=since).order_by("-decided_at", "-id")


@transaction.atomic
def use(kind: str, subject: str, payload: Any, at: datetime) -> Approval:
    """The approval of exactly this payload, spent in the caller's transaction. ApprovalNeeded. Locks the approval."""
    fitting = Approval.objects.select_for_update().filter(
        kind=kind, subject=subject, state=State.APPROVED, payload_hash=canonical.sha256(payload)
    )
    found = fitting.first()
    if found is None:
        raise ApprovalNeeded
    found.use(at)
    found.save(update_fields=["state", "used_at"])
    _record("approval_used", found, found.decided_by, "", at)
    return found


def waiting() -> "QuerySet[Approval]":
    """What waits for a second person, the oldest first."""
    return Approval.objects.filter(state=State.REQUESTED).order_by("requested_at", "id")


def open_for(subject: str, kind: str = "") -> "QuerySet[Approval]":
    """What is asked for about one thing and not yet done, oldest first."""
    found = Approval.objects.filter(subject=subject, state__in=[State.REQUESTED, State.APPROVED])
    return (found.filter(kind=kind) if kind else found).order_by("id")


def _locked(approval_id: int) -> Approval:
    found = Approval.objects.select_for_update().filter(pk=approval_id).first()
    if found is None:
        raise ApprovalUnknown
    return found


def _require_other(asked: Approval, actor: str) -> None:
    if asked.requested_by == actor:
        raise SamePerson


def _record(kind: str, asked: Approval, actor: str, reason: str, at: datetime) -> None:
    told = {"kind": asked.kind, "subject": asked.subject, "hash": asked.payload_hash, "reason": reason}
    events.record(kind, asked, at=at, actor=actor, facts=told)
