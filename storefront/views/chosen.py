"""The device that somebody was about to order: the proofs that are asked for on the way lead back to it."""

from django.http import HttpRequest

from storefront.pages import placing
from storefront.pages.placing import Chosen

CHOSEN = "chosen"


def keep(request: HttpRequest, plan_id: int, choice: Chosen) -> None:
    """Remember it for this session; written only when it is another one."""
    wanted = [plan_id, choice.months, choice.cover]
    if request.session.get(CHOSEN) != wanted:
        request.session[CHOSEN] = wanted


def forget(request: HttpRequest) -> None:
    request.session.pop(CHOSEN, None)


def way_back(request: HttpRequest) -> str:
    """The address of its checkout; empty when nothing was chosen."""
    if CHOSEN not in request.session:
        return ""
    plan_id, months, cover = request.session[CHOSEN]
    return placing.checkout_address(plan_id, Chosen(months, cover))
