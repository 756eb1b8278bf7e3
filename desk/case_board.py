"""The board of collection cases: what is due today or all that is open, whose it is, found by a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import IdentityVerification, User
from arrears.models import CollectionCase, PaymentPromise
from arrears.services import cases, due
from billing.services import overdue
from billing.services.overdue import Overdue
from core import calendar, paging
from desk import customers

Text = str | Promise
VIEWS: dict[str, Text] = {
    "today": pgettext_lazy("work", "Due today"),
    "all": _("All"),
    "promises": _("Promises due today"),
}
OWNERS: dict[str, Text] = {"": _("Everybody's"), "mine": _("Mine"), "unassigned": _("Nobody's yet")}
MARKS: dict[str, tuple[Text, str]] = {  # of arrears.services.due
    "relief_asked": (_("hard month"), "wait"),
    "promise_due": (_("promise due"), "wait"),
    "letter_over": (_("letter ran out"), "late"),
    "call_due": (_("call"), ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the board. `promise` is the one that waits; `marks` say what is due today."""

    case: CollectionCase
    owed: Overdue | None
    proof: IdentityVerification | None
    promise: PaymentPromise | None
    marks: list[tuple[Text, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the board; `next` leads on, None on the last one."""

    rows: list[Row]
    next: int | None


def page(view: str, whose: str, wanted: str, user: User, after: str, at: datetime) -> Found:
    """Cases of a view, of a collector, whose own number or that of the lease or customer is `wanted`; oldest first."""
    on = calendar.business_date(at)
    found = _of(whose, user, cases.waiting())
    if wanted:
        found = found.filter(_named(wanted))
    found = due.today(found, on) if view == "today" else due.marked(found, on)
    shown = paging.onward(found.filter(Q(promise_due=True)) if view == "promises" else found, after)
    return Found(_rows(shown.rows, at), shown.next)


def _of(whose: str, user: User, rows: "QuerySet[CollectionCase]") -> "QuerySet[CollectionCase]":
    if whose == "mine":
        return rows.filter(collector=user)
    return rows.filter(collector=None) if whose == "unassigned" else rows


def _named(wanted: str) -> Q:
    by_number = Q(number__istartswith=wanted) | Q(lease__number__istartswith=wanted)
    return by_number | Q(customer__number__iexact=wanted)


def _rows(found: Sequence[CollectionCase], at: datetime) -> list[Row]:
    owed = overdue.of([case.lease_id for case in found], calendar.business_date(at))
    open_promises = PaymentPromise.objects.filter(case__in=found, state=PaymentPromise.State.OPEN)
    promised = {promise.case_id: promise for promise in open_promises}
    proofs = customers.proofs([case.customer for case in found])
    return [
        Row(case, owed.get(case.lease_id), proofs.get(case.customer_id), promised.get(case.pk), _marks(case))
        for case in found
    ]


def _marks(case: CollectionCase) -> list[tuple[Text, str]]:
    return [said for name, said in MARKS.items() if getattr(case, name)]
