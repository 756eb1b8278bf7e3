"""Demand letters: after ninety days, in writing, with fifteen days to make good, to the customer and nobody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from arrears.models import CaseNote, CollectionCase, DemandLetter
from arrears.rules import letters as rules
from arrears.services import cases
from billing.services import overdue, statements
from billing.services.statements import BillView
from contracts.models import Agreement
from contracts.services import agreements, documents
from core import calendar, money
from core.errors import DomainError
from core.services import numbers
from core.services.events import PLATFORM
from notices.services import messages


class TooEarly(DomainError):
    code = "demand_too_early"
    message = _("A demand letter goes out from the ninetieth day past due.")


class LetterStands(DomainError):
    code = "letter_stands"
    message = _("A letter is out, and its time to make good is not over: %(until)s.")


class FiguresMoved(DomainError):
    code = "figures_moved"
    message = _("Something was paid while the letter was printed. Please look at the figures again.")


@dataclass(frozen=True, slots=True)
class _Line:
    """One bill as the letter prints it."""

    number: int
    due: date
    rent: str
    fee: str
    total: str


def issue(case_id: int, actor: str, at: datetime) -> DemandLetter:
    """Print it, keep it, tell the customer. The printing, seconds, runs outside the transaction.

    CaseClosed, HardshipFirst, PlanKept, TooEarly, LetterStands, FiguresMoved; PrinterMissing, UnprintableCharacter.
    """
    on = calendar.business_date(at)
    case = CollectionCase.objects.select_related("customer__user", "lease__merchant").get(pk=case_id)
    _require(case, on)
    late = _late(case, on)
    amount, number = _sum(late), numbers.take("DL", on)[0]
    sha256 = documents.store(_printed(case, number, late, on, at))
    with transaction.atomic():
        case = cases.lock(case_id)
        _require(case, on)
        if _sum(_late(case, on)) != amount:
            raise FiguresMoved
        letter = DemandLetter.objects.create(
            number=number, case=case, amount=amount, cure_until=rules.cure_until(on), sha256=sha256, issued_by=actor,
            issued_at=at,
        )  # fmt: skip
        cases.note(case, CaseNote.Kind.LETTER, f"{number} · ¥{amount:,.2f} · {letter.cure_until}", actor, at)
        _tell(case, letter, at)
    return letter


def content(letter: DemandLetter) -> bytes:
    """The very bytes that were issued. DocumentDamaged."""
    return documents.content(letter.sha256)


def of_lease(lease_id: int) -> list[DemandLetter]:
    """The newest first."""
    return list(DemandLetter.objects.filter(case__lease=lease_id).order_by("-issued_at", "-pk"))


def why_not(case: CollectionCase, on: date) -> str:
    """What `issue` would refuse now, said before anybody presses; empty when it may go out."""
    try:
        _require(case, on)
    except DomainError as error:
        return str(error)
    return ""


def _require(case: CollectionCase, on: date) -> None:
    cases.require_workable(case, on)
    owed = overdue.of([case.lease_id], on).get(case.lease_id)
    if owed is None or not rules.may_demand(owed.days):
        raise TooEarly
    standing = case.letters.filter(cure_until__gte=on).first()
    if standing is not None:
        raise LetterStands(until=standing.cure_until)


def _late(case: CollectionCase, on: date) -> list[BillView]:
    return [view for view in statements.statement(case.lease, on) if view.is_overdue]


def _sum(late: Iterable[BillView]) -> Decimal:
    return money.total(view.owed_now for view in late)


def _printed(case: CollectionCase, number: str, late: list[BillView], on: date, at: datetime) -> bytes:
    from contracts.paper import render  # heavy

    lease = case.lease
    values: dict[str, Any] = {
        "number": number, "on": on, "until": rules.cure_until(on), "lessee": _lessee(case, at), "lease": lease.number,
        "customer": case.customer.number, "merchant": lease.merchant.name, "phone": lease.merchant.telephone,
        "lines": [_line(view) for view in late], "total": f"{_sum(late):,.2f}",
    }  # fmt: skip
    return render.paper("documents/demand.html", values)


def _lessee(case: CollectionCase, at: datetime) -> str:
    """As the agreement names him; unsealing it is logged. Empty for a lease without one."""
    papers = Agreement.objects.filter(kind=Agreement.Kind.LEASE, number__startswith=case.lease.number)
    agreement = papers.exclude(state=Agreement.State.VOID).first()
    return agreements.terms_of(agreement, PLATFORM, "demand letter", at).lessee.name if agreement else ""


def _line(view: BillView) -> _Line:
    assert view.bill.due_date is not None  # it is overdue
    rest = view.owed_now - view.fee_owed
    return _Line(view.bill.number, view.bill.due_date, f"{rest:,.2f}", f"{view.fee_owed:,.2f}", f"{view.owed_now:,.2f}")


def _tell(case: CollectionCase, letter: DemandLetter, at: datetime) -> None:
    lease = case.lease.number
    params = {"lease": lease, "amount": str(letter.amount), "day": letter.cure_until.isoformat()}
    link = f"/leases/{lease}/letters/{letter.number}.pdf"
    step = f"letter:{letter.number}"
    messages.inform(case.customer.user, "demand_letter", params, step=step, at=at, link=link)
