"""After a demand letter the customer chooses: pay and rent on, send it back, or buy it (domain.md §9, ADR 29).

Only he chooses, at the figures that he saw, and he may think again. What he chose binds the platform: while it holds,
nobody ends the lease. A word to pay holds to the end of the letter's time, or seven days from the first such word.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from arrears.models import CaseNote, CollectionCase, DemandLetter
from arrears.services import cases
from billing.rules import payoff
from billing.rules.terms import LeaseTerms
from billing.services import overdue, payoffs, statements
from core import calendar
from core.errors import DomainError
from core.money import ZERO
from core.services import events
from core.templatetags.xinzu import yuan
from orders.models import DemandChoice, Ending, Order, State
from orders.rules.quotes import Quote
from orders.services import buyouts, early_returns, endings, steps

Kind = DemandChoice.Kind
PAY_WITHIN_DAYS = 7
# for pages that read many things of an order: whether a letter about it is out, in the query that reads it
HAS_LETTER = Exists(DemandLetter.objects.filter(case__lease=OuterRef("lease"), case__state=CollectionCase.State.OPEN))


class NothingToChoose(DomainError):
    code = "nothing_to_choose"
    message = _("There is no demand letter to answer, or everything that it asks for is paid.")


@dataclass(frozen=True, slots=True)
class Offered:
    """What the customer may choose from on a day: the letter, its figures by kind, what he chose last."""

    letter: DemandLetter
    figures: dict[str, Quote]
    last: DemandChoice | None


def has_letter(order: Order) -> bool:
    """Asked with the order where its page did (HAS_LETTER)."""
    known: bool | None = order.__dict__.get("has_letter")
    if known is not None:
        return known
    return DemandLetter.objects.filter(case__lease=order.lease_id, case__state=CollectionCase.State.OPEN).exists()


def is_open(order: Order, on: date) -> bool:
    """Whether there is something to choose; as `of`, without its figures."""
    return has_letter(order) and order.state == State.ACTIVE and bool(overdue.of([order.lease_id], on))


def of(order: Order, on: date) -> Offered | None:
    """None where no letter is out, nothing is past due any more, or the lease ended or is ending otherwise."""
    letter = standing(order)
    if letter is None or order.state != State.ACTIVE or not overdue.of([order.lease_id], on):
        return None
    return Offered(letter, figures(order, on), last(letter))


def standing(order: Order) -> DemandLetter | None:
    """The newest letter of the case that is open."""
    rows = DemandLetter.objects.filter(case__lease=order.lease_id, case__state=CollectionCase.State.OPEN)
    return rows.select_related("case").order_by("-issued_at", "-pk").first()


def last(letter: DemandLetter) -> DemandChoice | None:
    return letter.choices.select_related("ending").order_by("-chosen_at", "-pk").first()


def figures(order: Order, on: date) -> dict[str, Quote]:
    """What each way costs on day `on`; buying only where the agreement has prices for it. Of one statement."""
    terms = LeaseTerms.from_json(order.lease.terms)
    position = payoffs.position(statements.statement(order.lease, on), on)
    costs = {
        Kind.PAY.value: payoff.on_demand(replace(position, prepaid=ZERO, credit=ZERO)),
        Kind.RETURN.value: payoff.on_demand(position),
    }
    if terms.curve:
        costs[Kind.BUY.value] = payoff.buyout(terms, position)
    return {kind: Quote(on, position.period, cost) for kind, cost in costs.items()}


def choose(order_id: int, kind: str, actor: str, at: datetime, shown: str | None = None) -> DemandChoice:
    """The customer's own choice, at the figures `shown`; sending back and buying begin with it.

    NothingToChoose, QuoteChanged, EndingOpen, AttemptOpen. Locks order, lease, bills, payments.
    """
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        offered = of(order, on)
        if offered is None or kind not in offered.figures:
            raise NothingToChoose
        endings.require_none(order)
        quote = offered.figures[kind]
        endings.require_shown(quote, shown)
        made = DemandChoice.objects.create(
            order=order, letter=offered.letter, kind=kind, quote=quote.to_json(), chosen_by=actor, chosen_at=at,
            ending=BEGIN[kind](order, actor, at),
        )  # fmt: skip
        facts = {"letter": offered.letter.number, "kind": kind, "quote": made.quote}
        events.record("demand_choice", order, at=at, actor=actor, facts=facts)
        text = f"{offered.letter.number} · {made.get_kind_display()} · {yuan(quote.payoff.to_pay)}"
        cases.note(offered.letter.case, CaseNote.Kind.CHOICE, text, actor, at)
    return made


def holds_until(letter: DemandLetter) -> date:
    """The last day that a word to pay holds."""
    first = letter.choices.filter(kind=Kind.PAY).order_by("chosen_at").first()
    if first is None:
        return letter.cure_until
    return max(letter.cure_until, calendar.business_date(first.chosen_at) + timedelta(days=PAY_WITHIN_DAYS))


def holds(letter: DemandLetter, on: date) -> bool:
    """Whether the customer's last word binds the platform on day `on`."""
    chosen = last(letter)
    if chosen is None:
        return False
    if chosen.ending is None:
        return on <= holds_until(letter)
    return bool(chosen.ending.state == Ending.State.OPEN)


def _return(order: Order, actor: str, at: datetime) -> Ending:
    return early_returns.open(order.pk, actor, at, on_demand=True)


def _buy(order: Order, actor: str, at: datetime) -> Ending:
    return buyouts.open(order.pk, actor, at)


BEGIN: dict[str, Callable[[Order, str, datetime], Ending | None]] = {
    Kind.PAY: lambda order, actor, at: None,
    Kind.RETURN: _return,
    Kind.BUY: _buy,
}
