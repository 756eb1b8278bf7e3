"""The device that somebody was about to order: the proofs that are asked for on the way lead back to it."""

from django.http import HttpRequest

from storefront.views import answer

CHOSEN = "chosen"


def keep(request: HttpRequest, plan_id: int, months: int) -> None:
    """Remember it for this session; written only when it is another one."""
    if request.session.get(CHOSEN) != [plan_id, months]:
        request.session[CHOSEN] = [plan_id, months]


def forget(request: HttpRequest) -> None:
    request.session.pop(CHOSEN, None)


def way_back(request: HttpRequest) -> str:
    """The address of its checkout; empty when nothing was chosen."""
    if CHOSEN not in request.session:
        return ""
    plan_id, months = request.session[CHOSEN]
    return answer.address("storefront:checkout", {"months": str(months)}, plan_id)
