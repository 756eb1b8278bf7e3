"""Who may look: a signed-in customer, and only at his own."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import Customer, User


class CustomerRequest(HttpRequest):
    """A request that passed `customer_only`."""

    user: User
    customer: Customer


CustomerView = Callable[..., HttpResponse]


def customer_only(view: CustomerView) -> Callable[..., HttpResponse]:
    """Anonymous visitors go to the sign-in and come back; staff of merchants and the platform find nothing here."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(sign_in_address(request))
        customer = of(request)
        if customer is None:
            raise Http404
        request.customer = customer  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def of(request: HttpRequest) -> Customer | None:
    """The customer who is looking, if it is one."""
    user = request.user
    if not user.is_authenticated or user.kind != User.Kind.CUSTOMER:
        return None
    customer: Customer | None = getattr(user, "customer", None)  # read with the user (accounts.backends)
    return customer


def sign_in_address(request: HttpRequest) -> str:
    """Where to sign in, and back to the page asked for; never back to an address that only takes POST."""
    target = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("storefront:home")
    return f"{reverse('storefront:sign_in')}?{urlencode({'next': target})}"
