"""Ending a lease by notice, when a demand letter's time is over and the customer chose nothing (domain.md §9, ADR 29).

One operator asks, and the customer hears of it that day: what is claimed, and from when. For seven days he may still
choose; then another operator may carry it out. What is owed is what is due and the device's value of that day, once.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from arrears.models import CaseNote, DemandLetter
from arrears.rules import letters as rules
from arrears.services import cases
from billing.services import overdue
from core import calendar, canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from core.templatetags.xinzu import yuan
from notices.services import messages
from orders.models import Ending, Order
from orders.services import addenda, choices, day_rents, endings, extensions, losses, steps

KIND = "termination"
ANNOUNCED_DAYS = 7


class LetterFirst(DomainError):
    code = "letter_first"
    message = _("A lease is ended only after a demand letter.")


class CureTimeRuns(DomainError):
    code = "cure_time_runs"
    message = _("The letter leaves the customer time until %(until)s.")


class CustomerChose(DomainError):
    code = "customer_chose"
    message = _("The customer made his choice, and it holds: %(choice)s.")


class NotAnnouncedLongEnough(DomainError):
    code = "not_announced_long_enough"
    message = _("The customer was told that he may still choose until then: not before %(day)s.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a second person approves: the lease of `order` ends after `letter`, not before the day, for at most that."""

    order: str
    letter: str
    most: Decimal
    not_before: date

    @property
    def subject(self) -> str:
        return f"order:{self.order}"


def propose(order: Order, reason: str, actor: str, at: datetime) -> Approval:
    """Ask for a second person; the customer hears of it now. As `require`; AlreadyAsked."""
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order.pk)
        letter = require(order, on)
        claimed, earliest = losses.quote(order, on).payoff, on + timedelta(days=ANNOUNCED_DAYS)
        wish = Wish(order.number, letter.number, claimed.price, earliest)
        asked = approvals.request(KIND, wish.subject, wish, actor=actor, reason=reason, at=at)
        cases.note(letter.case, CaseNote.Kind.TERMINATED, f"{earliest} · {yuan(claimed.price)} · {reason}", actor, at)
        messages.inform(
            order.customer.user, "termination_planned",
            {"lease": order.number, "day": earliest.isoformat(), "amount": str(claimed.to_pay)},
            step=f"approval:{asked.pk}", at=at, link=f"/orders/{order.number}/choice/",
        )  # fmt: skip
    return asked


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> Ending:
    """A second person's yes: the lease ends, the value becomes a bill, and a signed notice names all that is owed.

    As `approvals.approve` and `require`; NotAnnouncedLongEnough, QuoteChanged, AttemptOpen. Locks approval, order,
    lease, bills, payments, ledger.
    """
    asked, on = approvals.approve(approval_id, actor, at), calendar.business_date(at)
    wish = canonical.decode(Wish, asked.payload)
    if on < wish.not_before:
        raise NotAnnouncedLongEnough(day=wish.not_before)
    approvals.use(KIND, wish.subject, wish, at)
    order = steps.lock(Order.objects.values_list("pk", flat=True).get(number=wish.order))
    letter = require(order, on)
    if losses.quote(order, on).payoff.price > wish.most:
        raise endings.QuoteChanged
    made = losses.give_up(order, Ending.Kind.DEFAULT, actor, at, {"letter": letter.number})
    made.paper = addenda.draft_notice(order, letter, at)
    made.save(update_fields=["paper"])
    text = f"{made.paper.number} · {yuan(made.quoted.payoff.price)}"
    cases.note(letter.case, CaseNote.Kind.TERMINATED, text, actor, at)
    return made


def require(order: Order, on: date) -> DemandLetter:
    """The letter after which this lease may be ended on day `on`. StepNotPossible, LetterFirst, CureTimeRuns,
    CustomerChose, HardshipFirst, PlanKept, OfferOpen, EndingOpen.
    """
    steps.require(order, "default")
    letter = choices.standing(order)
    owed = overdue.of([order.lease_id], on).get(order.lease_id)
    if letter is None or owed is None or not rules.may_demand(owed.days):
        raise LetterFirst
    if on <= letter.cure_until:
        raise CureTimeRuns(until=letter.cure_until)
    if choices.holds(letter, on):
        raise CustomerChose(choice=choices.last(letter))
    _require_quiet(order, on)
    return letter


def why_not(order: Order, on: date) -> str:
    """What `propose` would refuse now, said before anybody presses; empty when it may be asked for."""
    try:
        require(order, on)
    except DomainError as error:
        return str(error)
    return ""


def _require_quiet(order: Order, on: date) -> None:
    """Nobody waits for an answer, no other way out is under way, and no parcel brings it back."""
    cases.require_unrelieved(order.lease_id, on)
    if extensions.of(order) is not None:
        raise extensions.OfferOpen
    endings.require_none(order)
    if not day_rents.is_kept(order):
        raise losses.OnItsWay
