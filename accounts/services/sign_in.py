"""Signing in by phone and code, where the first time makes the account; or by a proved e-mail address and code."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from accounts.rules import emails, phones
from accounts.services import codes
from core import seals
from core.errors import DomainError
from core.services import events

PURPOSE = "sign_in"


class AccountClosed(DomainError):
    code = "account_closed"
    message = _("This account is closed. Please write to us.")


class StaffSignInByPassword(DomainError):
    """A phone code would walk past the password and the second factor."""

    code = "staff_sign_in_by_password"
    message = _("Merchants and staff sign in with login and password.")


def by_code(phone: str, code: str, *, ticket: UUID, language: str, at: datetime) -> User:
    """The user of a phone whose code is right, made on first sight (User and Customer).

    `ticket` is that of the code this very browser asked for: whoever knows a phone number tries his own codes only.
    Errors of codes.check; AccountClosed, StaffSignInByPassword. Two first sign-ins at once make one account (UNIQUE).
    """
    codes.check(phone, PURPOSE, code, at, ticket=ticket)
    number = phones.normalise(phone)
    index = seals.blind_index("phone", number)
    user = User.objects.filter(phone_index=index).first() or _sign_up(number, index, language, at)
    if not user.is_active:
        raise AccountClosed
    if user.kind != User.Kind.CUSTOMER or user.is_staff:
        raise StaffSignInByPassword
    return user


def request_by_mail(address: str, at: datetime) -> UUID:
    """Send a code to a proved address; its ticket is for the browser that asked. What `codes.request_by_mail` refuses.

    To any other address nothing goes, and whoever asks learns nothing of it: the same answer, the same limits.
    """
    user = _of_address(address)
    language = user.language if user else "zh-hans"
    asked = codes.request_by_mail(address, PURPOSE, language=language, at=at, user=user, is_sent=user is not None)
    return asked.ticket


def by_mail_code(address: str, code: str, *, ticket: UUID, at: datetime) -> User:
    """The user of a proved address whose code is right; nobody is made. Those of codes.check_by_mail; AccountClosed."""
    codes.check_by_mail(address, PURPOSE, code, at, ticket=ticket)
    user = _of_address(address)
    if user is None:  # it was taken back meanwhile
        raise codes.CodeWrong
    if not user.is_active:
        raise AccountClosed
    return user


def _of_address(address: str) -> User | None:
    """A customer only: staff sign in by password, and a code would walk past their second factor."""
    try:
        index = seals.blind_index("email", emails.normalise(address))
    except ValueError:
        return None  # codes say what is wrong with it
    return User.objects.filter(email_index=index, kind=User.Kind.CUSTOMER, is_staff=False).first()


def _sign_up(phone: str, index: str, language: str, at: datetime) -> User:
    try:
        with transaction.atomic():
            number = f"C{at:%y%m%d}{secrets.randbelow(10**8):08d}"
            user = User.objects.create_user(number, phone=phone, language=language, joined_at=at)
            customer = Customer.objects.create(user=user, number=number)
            events.record("signed_up", customer, at=at, actor=f"customer:{customer.pk}")
    except IntegrityError:
        return User.objects.get(phone_index=index)  # the other of two first sign-ins
    return user
