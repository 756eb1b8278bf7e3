"""How merchants' members and operators sign in: login, password and second factor; out after half an hour's rest."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import second_factor
from core import seals

IDLE = timedelta(minutes=30)
RENEWED_AFTER = timedelta(minutes=5)
DOORS = {"portal", "desk", "admin"}  # the namespaces that staff enter
WITHOUT_SECOND_FACTOR = {"sign_in", "sign_out", "login", "logout"}  # their pages before and after it
DIGITS_OF_A_PERSON = 7  # what has so many may be a phone, an identity card or a passport
_SEEN = "seen_at"
SECOND_FACTOR = "second_factor_given"  # in the session


class SignInForm(AuthenticationForm):
    """One kind of user only; another kind hears just what a wrong password hears."""

    kind: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    error_messages = {
        "invalid_login": _("Login and password do not fit together. Capital letters count in the password."),
        "inactive": _("This account is closed."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Login")
        self.fields["password"].label = _("Password")

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.kind not in (self.kind, *self.also):
            raise self.get_invalid_login_error()


class MemberSignInForm(SignInForm):
    """For the portal."""

    kind = User.Kind.MERCHANT


class OperatorSignInForm(SignInForm):
    """For the desk; field agents come in here too and find their visits only."""

    kind = User.Kind.OPERATOR
    also = (User.Kind.AGENT,)


def second_factor_page(user: User, session: SessionBase) -> str | None:
    """The page that comes first; None for a session that gave its code."""
    if session.get(SECOND_FACTOR):
        return None
    return "second_factor" if second_factor.is_enrolled(user) else "second_factor_connect"


def second_factor_given(session: SessionBase) -> None:
    """This session, under a new key, may enter."""
    session.cycle_key()
    session[SECOND_FACTOR] = True


def stay(session: SessionBase, at: datetime) -> None:
    """Someone is at work: the half hour begins again, written at most every five minutes."""
    seen = session.get(_SEEN)
    if seen is None or not timedelta(0) <= at - datetime.fromisoformat(seen) < RENEWED_AFTER:
        session[_SEEN] = at.isoformat()
        session.set_expiry(IDLE)


def counted_login(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Under what name a wrong password is counted (settings.AXES_USERNAME_CALLABLE).

    Customers try their phone here too, and whatever is counted is kept: a number is kept as its blind index only.
    """
    typed = (credentials or request.POST).get("username")
    if typed is None:
        return None
    name = unicodedata.normalize("NFKC", str(typed))
    digits = sum(character.isdigit() for character in name)
    return seals.blind_index("login", name) if digits >= DIGITS_OF_A_PERSON else name
