"""The page. It asks the database nothing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from rental.styleguide import examples, forms, found
from storefront.forms.devices import Wanted
from storefront.pages import codes
from storefront.pages.devices import Choice


@dataclass(frozen=True)
class Kind:
    """A category as its tile shows it."""

    code: str
    name: str
    lowest: Decimal

    def __str__(self) -> str:
        return self.name


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Not found on a real site: it belongs to those who build and to the demo."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    shown = {**_read(), **examples.shown(), **_parts(), "title": _("Style guide")}
    return render(request, "styleguide/index.html", shown)


def _read() -> dict[str, Any]:
    return {
        "colours": found.colours(),
        "type_steps": found.type_steps(),
        "icons": found.icons(),
        "drawings": found.drawings(),
    }


def _parts() -> dict[str, Any]:
    cost = examples.COST
    order = {"number": "X20261122"}
    deposit = {"to_hold": cost.to_freeze, "total": cost.deposit}
    some = [Choice(_("any"), True), Choice("12", False, value="12")]
    lists = dict.fromkeys(("terms", "ends", "conditions", "brands"), some)
    chips = [Choice(pgettext("kinds", "All"), True, "#all", count=40), Choice(_("Phones"), False, "#phones", count=9)]
    return {
        "form": forms.filled(),
        "kinds": [Kind("phone", _("Phones"), Decimal(116)), Kind("drone", _("Drones"), Decimal(93))],
        "chips": chips,
        "payable": {"cost": cost, "plan": {"available": True}, "checkout_href": "#checkout"},
        "gone": {"cost": cost, "plan": {"available": False}},
        "filters": {**lists, "kinds": chips, "wanted": Wanted()},
        "pay": {
            "order": order, "next_act": "deposit", "rent": cost.first_payment, "rent_owed": cost.first_payment,
            "rent_done": True, "deposit": deposit, "deposit_done": False, "waived": cost.waived,
            "is_frozen": True, "choices": {"deposit": examples.CHANNELS[:1], "deposit_by": "alipay"},
        },
        "channels": examples.CHANNELS,
        "code": codes.drawn("https://example.com/"),
        "menu": [
            {"href": "#todo", "icon": "clock", "label": _("To do"), "count": 3, "here": True},
            {"href": "#orders", "icon": "paper", "label": _("Orders")},
        ],
    }  # fmt: skip
