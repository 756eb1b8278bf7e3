"""The label that goes with a device that is sent to its merchant: where to, why, who pays each way, a code to scan."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant
from catalog.models import Payer
from orders.models import Order, State
from orders.services import aftersales, defects, retrievals
from storefront.pages import codes, names

Text = str | Promise
BY_MERCHANT, BY_YOU = _("paid by the merchant"), _("paid by you")
RETURN, REPAIR, FOUND = pgettext_lazy("label", "Return"), pgettext_lazy("label", "Repair"), pgettext_lazy(
    "label", "Found again"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What `storefront/label.html` prints; `code` leads the merchant's scanner to the order."""

    order: Order
    why: Text
    merchant: Merchant
    merchant_name: str
    device: str
    serial: str
    code: codes.Drawn
    there: Text
    back: Text


def of(order: Order) -> Label:
    """Of an order whose step `label` is open."""
    address = f"{settings.SITE_URL}{reverse('portal:order', args=[order.number])}"
    why = _why(order)
    return Label(
        order=order,
        why=why,
        merchant=order.merchant,
        merchant_name=names.merchant(order.merchant),
        device=str(order.plan.sku),
        serial=f"…{order.unit.serial[-4:]}" if order.unit else "",
        code=codes.drawn(address),
        there=payer(order, to_merchant=True),
        back=payer(order, to_merchant=False) if why is REPAIR else "",
    )


def payer(order: Order, *, to_merchant: bool) -> Text:
    """Who pays the shipping of this way now: of a fault or a defect the merchant both ways, else as the plan says."""
    is_his = _why(order) is REPAIR or order.received_at is None or defects.under_way(order) is not None
    agreed = order.plan.ships_back if to_merchant else order.plan.ships_out
    return BY_MERCHANT if is_his or agreed == Payer.MERCHANT else BY_YOU


def _why(order: Order) -> Text:
    if retrievals.under_way(order) is not None:
        return FOUND
    return REPAIR if order.state == State.ACTIVE and aftersales.of(order) is not None else RETURN
