"""The device that somebody was about to order: the proofs that are asked for on the way lead back to it.

A cookie until the browser closes, not the session: an order then writes nothing but itself.
"""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from storefront.pages import placing
from storefront.pages.placing import Chosen

COOKIE = "xinzu_chosen"
_VALUE = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]?)(\.c)?")  # becomes an address of ours, nothing else


def keep(response: HttpResponse, plan_id: int, choice: Chosen) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        f"{plan_id}.{choice.months}" + (".c" if choice.cover else ""),
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
    return placing.checkout_address(int(found[1]), Chosen(int(found[2]), cover=bool(found[3])))
