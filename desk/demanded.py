"""What an order waits for, as the desk shows it: why, who acts next, and where the work is done."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credit.models import Demand
from orders.models import Order
from orders.services import demands

Text = str | Promise
TONES = {"OPEN": "wait", "MET": "ok", "REFUSED": "late"}
WHO: dict[str, Text] = {
    demands.YOU: _("the customer acts next"),
    demands.WE: _("we act next"),
    demands.GUARANTOR: _("the guarantor acts next"),
    demands.AGENT: _("the agent acts next"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One demand of an order."""

    title: str
    text: str
    word: Text
    tone: str
    href: str


def rows(order: Order) -> list[Row]:
    """Every demand of the order; what holds it is noted on it for the steps beside."""
    known = demands.standing(order)
    demands.note(order, known)
    return [_row(each) for each in known]


def waits_for(order: Order) -> Text:
    """Who must act before a reviewer can decide; empty when nobody."""
    open_ones = [each for each in demands.standing(order) if each.who and each.who != demands.WE]
    return WHO[open_ones[0].who] if open_ones else ""


def _row(asked: demands.Asked) -> Row:
    demand = asked.demand
    grounds = gettext("by the rule") if demand.grounds == demands.RULE else demand.grounds
    told = [grounds, str(WHO[asked.who]) if asked.who else demand.closing_grounds]
    return Row(
        title=demand.get_kind_display(),
        text=" · ".join(each for each in told if each),
        word=demand.get_state_display(),
        tone=TONES.get(demand.state, "neutral"),
        href=_href(asked),
    )


def _href(asked: demands.Asked) -> str:
    if asked.contact is not None:
        return reverse("desk:contact", args=[asked.contact.pk])
    if asked.demand.kind == Demand.Kind.DOCUMENTS and any(row.state != "LAPSED" for row in asked.documents):
        return reverse("desk:documents", args=[asked.demand.order_number])
    return reverse("desk:visit", args=[asked.visit.number]) if asked.visit is not None else ""
