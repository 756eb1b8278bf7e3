"""The device that somebody was about to order: the proofs that are asked for on the way lead back to it.

A cookie until the browser closes, not the session: an order then writes nothing but itself.
"""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from storefront.views import answer

COOKIE = "xinzu_chosen"
_VALUE = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]?)")  # plan and months; it only ever becomes an address of ours


def keep(response: HttpResponse, plan_id: int, months: int) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        f"{plan_id}.{months}",
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
    return answer.address("storefront:checkout", {"months": found[2]}, int(found[1])) if found else ""
