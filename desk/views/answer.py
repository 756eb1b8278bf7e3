"""How the desk answers: a page with its menu, a line on the next page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Approval
from desk import reviews
from desk.views.access import OperatorRequest
from orders.models import Order

Text = str | Promise
MENU = (
    ("overview", "grid", _("Overview")),
    ("review", "shield", pgettext_lazy("menu", "Review")),
    ("orders", "paper", _("Orders")),
    ("customers", "person", _("Customers")),
    ("ledger", "book", _("Ledger")),
    ("clock", "clock", _("Clock")),
)
ADMIN = (
    ("desk:cases", "document", _("Arrears")),
    ("desk:reconciliation", "document", _("Reconciliation")),
    ("desk:tiers", "document", _("Tiers")),
    ("desk:backtests", "document", _("Back-tests")),
    ("desk:providers", "document", _("Providers")),
    ("admin:catalog_leaseplan_changelist", "box", _("Lease plans")),
    ("admin:accounts_merchant_changelist", "home", _("Merchants")),
    ("admin:index", "key", _("Admin")),
)


def page(
    request: OperatorRequest, name: str, title: Text, *, section: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the desk; `section` marks the entry of the menu."""
    place = {"home": reverse("desk:overview"), "leave": reverse("desk:sign_out"), "who": _("Operations")}
    shown = {"title": title, "menu": _menu(section), "place": place, **context}
    return render(request, f"desk/{name}.html", shown, status=status)


def _menu(section: str) -> list[dict[str, Any]]:
    """The desk's own pages, then the way to what is configured; `wide` ones have no room on a phone."""
    own = [
        {
            "label": label,
            "icon": icon,
            "href": _address(key),
            "here": key == section,
            "count": reviews.count() if key == "review" else 0,
        }
        for key, icon, label in MENU
        if key != "clock" or settings.CLOCK_MOVABLE
    ]
    last = ADMIN[-1][0]
    return own + [
        {"label": label, "icon": icon, "href": reverse(key), "wide": key != last} for key, icon, label in ADMIN
    ]


def _address(key: str) -> str:
    return reverse("desk:queue", args=["review"]) if key == "review" else reverse(f"desk:{key}")


def tell(request: OperatorRequest, text: Text, tone: str = "ok") -> None:
    """A line on the next page: ok, wait or late."""
    messages.add_message(request, messages.INFO, str(text), extra_tags=tone)


def asked_second_person(request: OperatorRequest, asked: Approval) -> HttpResponse:
    """It is more than one person may do: on to the request that waits."""
    tell(request, _("One person alone may not do this: it waits for a second one."), "wait")
    return HttpResponseRedirect(reverse("desk:approval", args=[asked.pk]), status=303)


def order_address(order: Order) -> str:
    return reverse("desk:order", args=[order.number])
