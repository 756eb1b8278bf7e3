"""Staff are signed out after half an hour without a click, whichever door they came through: desk, portal or admin."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

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


def _is_staff(user: object) -> bool:
    """Whoever came by login and password; also a customer's account that was let into the admin."""
    return isinstance(user, User) and (user.is_staff or user.kind != User.Kind.CUSTOMER)
