"""Promises to pay: recorded with a customer's yes, judged by the money that came."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from arrears.models import CaseNote, PaymentPromise
from arrears.rules import promises as rules
from arrears.rules.promises import Judged
from arrears.services import cases
from billing.services import overdue
from core import calendar, running
from core.errors import DomainError
from core.money import ZERO
from core.services.events import PLATFORM

State = PaymentPromise.State


class PromiseStands(DomainError):
    code = "promise_stands"
    message = _("A promise of this customer is still awaited. It is judged the day after it ends.")


class NotPromisable(DomainError):
    code = "not_promisable"
    message = _("A promise is for today or one of the next 31 days, and for at most what is overdue.")


def make(case_id: int, amount: Decimal, until: date, actor: str, at: datetime) -> PaymentPromise:
    """CaseClosed, PromiseStands, NotPromisable."""
    on = calendar.business_date(at)
    with transaction.atomic():
        case = cases.lock(case_id)
        if case.promises.filter(state=State.OPEN).exists():
            raise PromiseStands
        owed = overdue.of([case.lease_id], on).get(case.lease_id)
        if owed is None or not ZERO < amount <= owed.amount or not rules.may_promise(until, on):
            raise NotPromisable
        made = PaymentPromise.objects.create(case=case, amount=amount, until=until, made_by=actor, made_at=at)
        cases.note(case, CaseNote.Kind.PROMISE, f"¥{amount:,.2f} · {until}", actor, at)
    return made


def judge(on: date, at: datetime) -> dict[str, int]:
    """Every promise that waits, by the money that came; how many were kept and broken. Safe to repeat."""
    counts = {"promises kept": 0, "promises broken": 0}
    for pk in list(PaymentPromise.objects.filter(state=State.OPEN).order_by("pk").values_list("pk", flat=True)):
        with running.apart(PaymentPromise, pk):
            verdict = _judge(pk, on, at)
            if verdict is not Judged.OPEN:
                counts["promises kept" if verdict is Judged.KEPT else "promises broken"] += 1
    return counts


def _judge(pk: int, on: date, at: datetime) -> Judged:
    with transaction.atomic():
        promise = PaymentPromise.objects.select_for_update(of=("self",)).select_related("case").get(pk=pk)
        if promise.state != State.OPEN:
            return Judged.OPEN
        lease = promise.case.lease_id
        came = overdue.received(lease, promise.made_at, promise.until)
        owed = overdue.of([lease], on).get(lease)
        verdict = rules.judged(promise.amount, promise.until, came, owed.amount if owed else ZERO, on)
        if verdict is Judged.OPEN:
            return verdict
        if verdict is Judged.KEPT:
            promise.keep(on)
        else:
            promise.break_(on)
        promise.save()
        cases.note(promise.case, CaseNote.Kind.PROMISE, promise.state, PLATFORM, at)
    return verdict
