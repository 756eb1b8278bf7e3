"""Staff at every door, desk, portal and admin alike: a second factor, and out after half an hour without a click."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import staff
from accounts.models import User
from core import clock

Answer = Callable[[HttpRequest], HttpResponse]


def sign_out_idle_staff(answer: Answer) -> Answer:
    """After the answer, so that a sign-in counts as the first click.

    A page that never looked at the session stays without it: no query, and no `Vary: Cookie`.
    """

    def keep(request: HttpRequest) -> HttpResponse:
        answered = answer(request)
        if request.session.accessed and SESSION_KEY in request.session and _is_staff(request.user):
            staff.stay(request.session, clock.now())
        return answered

    return keep


class SecondFactorFirst:
    """No view behind a staff door runs for somebody whose session gave the password only.

    Decided before the view, by the name of its door, so that a new page cannot forget it.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        route = request.resolver_match
        assert route is not None  # a view was found
        if route.namespace not in staff.DOORS or route.url_name in staff.WITHOUT_SECOND_FACTOR:
            return None
        if not request.user.is_authenticated or not _is_staff(request.user):
            return None  # the door itself sends visitors to the sign-in, and finds nothing for customers
        page = staff.second_factor_page(request.user, request.session)
        if page is None:
            return None
        back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': back})}")


def _is_staff(user: object) -> bool:
    """Whoever came by login and password; also a customer's account that was let into the admin."""
    return isinstance(user, User) and (user.is_staff or user.kind != User.Kind.CUSTOMER)
