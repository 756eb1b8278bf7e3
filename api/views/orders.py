"""Orders for machines: the same rows of the one table of steps as on the pages, by token."""

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken
from api import asking, reading, schema, shapes, taking
from core import clock, paging
from orders import actions
from orders.models import Order


@never_cache
@schema.lists_orders
@api_view(["GET"])
def orders(request: Request) -> Response:
    """Own orders, the newest first."""
    state, before = asking.listed(request)
    page = paging.page(reading.listed(token_of(request), state), before)
    following = _address(state, page.next) if page.next else None
    found = {"orders": [reading.row(order) for order in page.rows], "next": following}
    return Response(shapes.OrderList(found).data)


@never_cache
@schema.shows_order
@api_view(["GET"])
def order(request: Request, number: str) -> Response:
    """One order, and what may be done with it now."""
    asking.nothing(request)
    token = token_of(request)
    found = reading.whole(_own(token, number), reading.face(token), clock.now())
    return Response(shapes.OrderShape(found).data)


@never_cache
@schema.takes_step
@api_view(["POST"])
def act(request: Request, number: str, name: str) -> Response:
    """Take a step: the row's form and service, once for each Idempotency-Key."""
    asking.nothing(request)
    token, key, given = token_of(request), asking.key(request), dict(request.data)
    found, action = _own(token, number), actions.find(reading.face(token), name)
    if action is None:
        raise Http404
    return Response(taking.once(action, found, token, given, key, clock.now()))


@never_cache
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(request: Request) -> Response:
    """Any other address, also one without its last stroke: told as every problem, and never led elsewhere."""
    raise Http404


def token_of(request: Request) -> ApiToken:
    assert isinstance(request.auth, ApiToken)  # nothing else opens the door
    return request.auth


def _address(state: str, before: int) -> str:
    asked = {"state": state, "before": str(before)} if state else {"before": str(before)}
    return f"{settings.SITE_URL}{reverse('api:orders')}?{urlencode(asked)}"


def _own(token: ApiToken, number: str) -> Order:
    found = reading.one(token).filter(number=number).first()
    if found is None:
        raise Http404
    return found
