"""Hardship: a customer says that a month is hard; until a person answers, nobody calls him about the lease."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from arrears.models import CaseNote, HardshipRequest
from arrears.services import cases, home_visits
from billing.models import Lease
from core import calendar
from core.errors import DomainError
from core.services import numbers
from notices.services import messages

State = HardshipRequest.State


class HardshipOpen(DomainError):
    code = "hardship_open"
    message = _("You have asked already. We answer within two working days; nobody calls you meanwhile.")


class HardshipOver(DomainError):
    code = "hardship_over"
    message = _("This request was answered or taken back already.")


class LeaseNotRunning(DomainError):
    code = "lease_not_running"
    message = _("This lease is not running.")


def ask(lease_id: int, text: str, monthly: Decimal | None, actor: str, at: datetime) -> HardshipRequest:
    """HardshipOpen, LeaseNotRunning. Locks the lease."""
    on = calendar.business_date(at)
    with transaction.atomic():
        lease = Lease.objects.select_for_update().get(pk=lease_id)
        if lease.state != Lease.State.LIVE:
            raise LeaseNotRunning
        if cases.has_open_hardship(lease_id):
            raise HardshipOpen
        asked = HardshipRequest.objects.create(
            number=numbers.take("HR", on)[0], customer_id=lease.customer_id, lease=lease, text=text, monthly=monthly,
            asked_at=at,
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


def waiting() -> "QuerySet[HardshipRequest]":
    """The oldest first."""
    return (
        HardshipRequest.objects.filter(state=State.OPEN).select_related("lease", "customer").order_by("asked_at", "pk")
    )


def latest(lease_id: int) -> HardshipRequest | None:
    return HardshipRequest.objects.filter(lease=lease_id).order_by("-asked_at", "-pk").first()


def _lock(request_id: int) -> HardshipRequest:
    rows = HardshipRequest.objects.select_for_update(of=("self",)).select_related("lease", "customer__user")
    asked = rows.get(pk=request_id)
    if asked.state != State.OPEN:
        raise HardshipOver
    return asked


def _log(asked: HardshipRequest, text: str, by: str, at: datetime) -> None:
    case = cases.of_lease(asked.lease_id)
    if case is not None:
        cases.note(case, CaseNote.Kind.HARDSHIP, text, by, at)
