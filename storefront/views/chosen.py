"""What somebody was about to order: the proofs that are asked for on the way lead back to it.

Cookies until the browser closes, not the session: an order then writes nothing but itself. One device that was looked
at in the checkout, and the list of those that are to be ordered together.
"""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from storefront.pages import basket, placing
from storefront.pages.placing import Chosen, Picked

COOKIE, LIST = "xinzu_chosen", "xinzu_list"
BETWEEN = "~"


def keep(response: HttpResponse, plan_id: int, choice: Chosen) -> HttpResponse:
    return _keep(response, COOKIE, Picked(plan_id, choice).text)


def keep_list(response: HttpResponse, picked: Sequence[Picked]) -> HttpResponse:
    """The list is now what was looked at last; an empty one is forgotten."""
    response.delete_cookie(COOKIE, samesite="Lax")
    if not picked:
        response.delete_cookie(LIST, samesite="Lax")
        return response
    return _keep(response, LIST, BETWEEN.join(each.text for each in picked))


def forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def listed(request: HttpRequest) -> list[Picked]:
    """What stands in the list; nothing of a cookie that is not ours."""
    return placing.read(request.COOKIES.get(LIST, "").split(BETWEEN))


def way_back(request: HttpRequest) -> str:
    """The address of its checkout; empty when nothing was chosen."""
    one = placing.read([request.COOKIES.get(COOKIE, "")])
    if one:
        return placing.checkout_address(one[0].plan_id, one[0].choice)
    many = listed(request)
    return basket.address(many) if many else ""


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response
