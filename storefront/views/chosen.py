"""The device that somebody was about to order: the proofs that are asked for on the way lead back to it.

A cookie until the browser closes, not the session: an order then writes nothing but itself.
"""

import re
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from catalog.rules.shorts import Dates
from storefront.pages import placing
from storefront.pages.placing import Chosen

COOKIE = "xinzu_chosen"
# what becomes an address of ours, nothing else
_DAY = r"\d{4}-\d\d-\d\d"
_VALUE = re.compile(rf"([1-9][0-9]{{0,17}})\.(?:([1-9][0-9]?)(\.c)?|({_DAY})\.({_DAY}))")


def keep(response: HttpResponse, plan_id: int, choice: Chosen) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        f"{plan_id}.{_said(choice)}",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def way_back(request: HttpRequest) -> str:
    """The address of its checkout; empty when nothing was chosen."""
    found = _VALUE.fullmatch(request.COOKIES.get(COOKIE, ""))
    if not found:
        return ""
    if found[2]:
        return placing.checkout_address(int(found[1]), Chosen(int(found[2]), cover=bool(found[3])))
    try:
        dates = Dates(date.fromisoformat(found[4]), date.fromisoformat(found[5]))
    except ValueError:
        return ""
    return placing.checkout_address(int(found[1]), Chosen(0, dates=dates))


def _said(choice: Chosen) -> str:
    if choice.dates:
        return f"{choice.dates.first}.{choice.dates.last}"
    return f"{choice.months}" + (".c" if choice.cover else "")
