"""An extension plan as its customer sees it: the offer to read and sign, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from billing.models import Bill
from contracts.models import Agreement
from contracts.services import agreements
from contracts.services.agreements import Reading
from orders.models import ExtensionOffer, Order
from orders.services import extensions
from storefront.pages import names

SHOWN_OPEN = (Agreement.State.READY, Agreement.State.SIGNING, Agreement.State.SIGNED)


@dataclass(frozen=True, slots=True)
class ShownExtension:
    """What `storefront/extension.html` prints; `offer` is the latest, None where there never was one."""

    order: Order
    name: str
    kind: str
    offer: ExtensionOffer | None
    text: Reading | None
    phone: str
    parts: list[Bill]

    @property
    def state(self) -> str:
        """NONE, the state of a closed offer, or that of the addendum of an open one."""
        if self.offer is None:
            return "NONE"
        is_open = self.offer.state == ExtensionOffer.State.OPEN
        return str(self.offer.paper.state if is_open else self.offer.state)

    @property
    def waits_for_machine(self) -> bool:
        return self.state in (Agreement.State.DRAFTED, Agreement.State.SIGNING)


def shown(order: Order, language: str, at: datetime) -> ShownExtension:
    offer = extensions.latest(order)
    phone, reader = order.customer.user.phone, f"customer:{order.customer_id}"
    readable = offer is not None and offer.paper.state in SHOWN_OPEN
    return ShownExtension(
        order=order,
        name=names.of(order.plan.sku.device_model),
        kind=names.drawing(order.plan.sku.device_model),
        offer=offer,
        text=agreements.extension_reading(offer.paper, language, reader, at) if offer and readable else None,
        phone=phone.masked if phone else "",
        parts=list(offer.plan.parts.order_by("number")) if offer and offer.plan else [],
    )
