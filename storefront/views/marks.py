"""The mark that signing in leaves in a browser: random, signed, ours alone (ADR 22)."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.services import browser_marks
from core import clock

COOKIE, SALT = "xinzu_mark", "storefront.mark"


def keep(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    """Of the sign-in that `response` answers. A mark that we did not sign, or of too long ago, is replaced."""
    age = int(browser_marks.KEPT.total_seconds())
    mark = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=age) or secrets.token_urlsafe(24)
    browser_marks.seen(user.customer, mark, clock.now())
    response.set_signed_cookie(
        COOKIE,
        mark,
        salt=SALT,
        max_age=age,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
