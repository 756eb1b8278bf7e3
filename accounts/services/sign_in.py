"""Signing in by phone and code, where the first time makes the account; or by a proved e-mail address and code."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, OneTimeCode, User
from accounts.rules import emails, phones
from accounts.services import codes
from core import seals
from core.errors import DomainError
from core.services import events, outbox

PURPOSE = "sign_in"
ASKED = "sign_in.mail_asked"


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
    """Ask for a code to a proved address; its ticket is for the browser that asked. What `codes.ask_by_mail` refuses.

    To any other address nothing goes, and whoever asks learns nothing of it: the same answer, the same limits, and the
    same work, for a worker is the first to look whose address it is (`send_asked`).
    """
    with transaction.atomic():
        asked = codes.ask_by_mail(address, PURPOSE, at)
        outbox.put(ASKED, code_id=asked.pk)
    return asked.ticket


def send_asked(code_id: int, at: datetime) -> bool:
    """Send the code that was asked for, if somebody proved its address; whether it went. Safe to repeat."""
    asked = OneTimeCode.objects.filter(pk=code_id).first()
    user = _of_index(asked.phone_index) if asked else None
    return user is not None and codes.send_asked(code_id, user, at)


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
    try:
        return _of_index(seals.blind_index("email", emails.normalise(address)))
    except ValueError:
        return None  # codes say what is wrong with it


def _of_index(index: str) -> User | None:
    """A customer only: staff sign in by password, and a code would walk past their second factor."""
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
