"""How the portal answers: a page with its menu, a line on the next page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from orders.models import Order
from portal import todo
from portal.views.access import MemberRequest

Text = str | Promise
MENU = (
    ("board", "grid", _("To do")),
    ("orders", "paper", _("Orders")),
    ("units", "box", _("Units")),
    ("plans", "calendar", _("Plans")),
    ("agreements", "document", _("Agreements")),
    ("statements", "yuan", _("Payouts")),
    ("staff", "people", _("Staff")),
)
OWNERS = {"staff"}


def page(
    request: MemberRequest,
    name: str,
    title: Text,
    *,
    section: str,
    status: int = 200,
    counted: dict[str, int] | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of the portal; `section` marks the entry of the menu. `counted`: what waits, where the view knows it."""
    waiting = sum((counted or todo.counts(request.merchant, request.at)).values())
    shown = {"title": title, "menu": _menu(request, section, waiting), "place": _place(request), **context}
    return render(request, f"portal/{name}.html", shown, status=status)


def _menu(request: MemberRequest, section: str, waiting: int) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "icon": icon,
            "href": reverse(f"portal:{key}"),
            "here": key == section,
            "count": waiting if key == "board" else 0,
        }
        for key, icon, label in MENU
        if key not in OWNERS or request.member.is_owner
    ]


def _place(request: MemberRequest) -> dict[str, Any]:
    """Where we are and who works here, for the head of the page."""
    return {
        "home": reverse("portal:board"),
        "leave": reverse("portal:sign_out"),
        "who": _name(request.merchant),
        "role": request.member.get_role_display(),
        "shop": reverse("portal:shop"),
    }


def _name(merchant: Merchant) -> str:
    return merchant.name if (get_language() or "zh").startswith("zh") else merchant.name_en


def tell(request: MemberRequest, text: Text, tone: str = "ok") -> None:
    """A line on the next page: ok, wait or late."""
    messages.add_message(request, messages.INFO, str(text), extra_tags=tone)


def order_address(order: Order) -> str:
    return reverse("portal:order", args=[order.number])
