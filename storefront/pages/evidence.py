"""How what is asked for is shown: on the order's page with who acts next, and each paper with its pictures."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import Contact, Document
from accounts.services import contacts, papers
from credit.models import Demand
from orders.models import Order
from orders.services import demands

PAGES = {
    Demand.Kind.CONTACT: "order_contact", Demand.Kind.GUARANTOR: "order_guarantor",
    Demand.Kind.DOCUMENTS: "order_documents", Demand.Kind.VISIT: "order_visit",
}  # fmt: skip
TONES = {
    Demand.State.OPEN: "wait", Demand.State.MET: "ok", Demand.State.WAIVED: "neutral",
    Demand.State.REFUSED: "late", Demand.State.LAPSED: "neutral",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownDemand:
    """One line of “What we ask for”."""

    title: str
    word: str | Promise
    state: str
    tone: str
    href: str
    is_open: bool
    is_yours: bool


@dataclass(frozen=True, slots=True)
class WantedPaper:
    """One paper that is wanted, with the pictures of it that count or were sent back."""

    kind: str
    name: str | Promise
    pictures: list[Document]
    is_missing: bool
    may_add: bool


def asked(order: Order) -> list[ShownDemand]:
    return [_shown(order, each) for each in demands.standing(order)]


def wanted(demand: Demand, pictures: Iterable[Document]) -> list[WantedPaper]:
    rows = [each for each in pictures if each.state != Document.State.LAPSED]
    return [_paper(demand, kind, [each for each in rows if each.kind == kind]) for kind in demand.wanted]


def guarantee_address(contact: Contact) -> str:
    """The guarantor's own page; the customer sends it to him."""
    return f"{settings.SITE_URL}{reverse('storefront:guarantee', args=[contacts.link(contact)])}"


def _shown(order: Order, stands: demands.Asked) -> ShownDemand:
    demand = stands.demand
    return ShownDemand(
        title=demand.get_kind_display(),
        word=demands.word_of(stands) if stands.who else "",
        state=demand.get_state_display(),
        tone=TONES[Demand.State(demand.state)],
        href=reverse(f"storefront:{PAGES[Demand.Kind(demand.kind)]}", args=[order.number]),
        is_open=demand.state == Demand.State.OPEN,
        is_yours=stands.who == demands.YOU,
    )


def _paper(demand: Demand, kind: str, pictures: list[Document]) -> WantedPaper:
    stand = [each for each in pictures if each.state in papers.STANDING]
    is_open = demand.state == Demand.State.OPEN
    return WantedPaper(
        kind=kind,
        name=Document.Kind(kind).label,
        pictures=pictures,
        is_missing=is_open and not stand,
        may_add=is_open and len(stand) < papers.MOST_OF_A_KIND,
    )
