"""What a collector has to do today, case by case: read from what is on record, kept nowhere (domain.md §9)."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from arrears.models import CaseNote, CollectionCase, DemandLetter, HardshipRequest, PaymentPromise
from core import calendar

CALL_EVERY_DAYS = 7
Kind = CaseNote.Kind


def marked(rows: "QuerySet[CollectionCase]", on: date) -> "QuerySet[CollectionCase]":
    """Each open case with what day `on` asks for: `promise_due`, `relief_asked`, `letter_over`, `call_due`.

    A call is due where nobody called for seven days, or since a promise was broken; never while a promise or a request
    for relief waits. A letter is over once its time to make good has passed and no other letter runs.
    """
    return rows.annotate(
        promise_due=Exists(_promises(PaymentPromise.State.OPEN).filter(until__lte=on)),
        relief_asked=_asked(),
        letter_over=Exists(_letters().filter(cure_until__lt=on)) & ~Exists(_letters().filter(cure_until__gte=on)),
        call_due=~Exists(_called(on)) & ~Exists(_promises(PaymentPromise.State.OPEN)) & ~_asked(),
    )


def today(rows: "QuerySet[CollectionCase]", on: date) -> "QuerySet[CollectionCase]":
    """The open cases of which any of it is due."""
    due = Q(promise_due=True) | Q(relief_asked=True) | Q(letter_over=True) | Q(call_due=True)
    return marked(rows, on).filter(due)


def _promises(state: str) -> "QuerySet[PaymentPromise]":
    return PaymentPromise.objects.filter(case=OuterRef("pk"), state=state)


def _asked() -> Exists:
    return Exists(HardshipRequest.objects.filter(lease=OuterRef("lease"), state=HardshipRequest.State.OPEN))


def _letters() -> "QuerySet[DemandLetter]":
    return DemandLetter.objects.filter(case=OuterRef("pk"))


def _called(on: date) -> "QuerySet[CaseNote]":
    """Calls of the last days, none that a broken promise came after."""
    broken = CaseNote.objects.filter(
        case=OuterRef("case"), kind=Kind.PROMISE, text=PaymentPromise.State.BROKEN, pk__gt=OuterRef("pk")
    )
    since = calendar.instant(on - timedelta(days=CALL_EVERY_DAYS - 1))
    return CaseNote.objects.filter(~Exists(broken), case=OuterRef("pk"), kind=Kind.CALL, at__gte=since)
