"""How the desk answers: a page with its menu, a line on the next page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.views.access import OperatorRequest
from orders.models import Order

Text = str | Promise
OVERVIEW = ("desk:overview", "grid", _("Overview"))
ORDERS = ("desk:orders", "paper", _("Orders"))
CLOCK = ("desk:clock", "clock", _("Clock"))
ADMIN = ("admin:index", "key", _("Admin"))


def page(
    request: OperatorRequest, name: str, title: Text, *, section: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the desk; `section` marks the entry of the menu."""
    entries = [OVERVIEW, ORDERS, *([CLOCK] if settings.CLOCK_MOVABLE else []), ADMIN]
    menu = [
        {"label": label, "icon": icon, "href": reverse(key), "here": key == f"desk:{section}"}
        for key, icon, label in entries
    ]
    place = {"home": reverse("desk:overview"), "leave": reverse("desk:sign_out"), "who": _("Operations")}
    shown = {"title": title, "menu": menu, "place": place, **context}
    return render(request, f"desk/{name}.html", shown, status=status)


def tell(request: OperatorRequest, text: Text, tone: str = "ok") -> None:
    """A line on the next page: ok, wait or late."""
    messages.add_message(request, messages.INFO, str(text), extra_tags=tone)


def order_address(order: Order) -> str:
    return reverse("desk:order", args=[order.number])
