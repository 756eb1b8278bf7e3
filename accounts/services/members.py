"""A merchant's own people: an owner adds them, closes their accounts, lets them in again and appoints owners.

Every verb locks the merchant's row first and then reads who acts: of two owners who step down at once, one stays.
Closing and every new password end all sessions, for a session holds to the password that opened it. API tokens end with
closing, with a password that another owner set, and with a changed role.
"""

import re
from datetime import datetime
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant, MerchantMember, User
from accounts.services import tokens
from core.errors import DomainError
from core.services import events

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,29}")
_MANY_DIGITS = re.compile(r"(?:\d[^\d]*){7}")  # may be a phone or an identity number, and a login is kept in the log
Role = MerchantMember.Role


class NotAnOwner(DomainError):
    code = "not_an_owner"
    message = _("Only an owner manages the staff.")


class LoginInvalid(DomainError):
    code = "login_invalid"
    message = _("A login has 3 to 30 small letters, digits or . _ - and begins with a letter; no phone numbers.")


class LoginTaken(DomainError):
    code = "login_taken"
    message = _("This login is taken. Please choose another one.")


class PasswordWeak(DomainError):
    code = "password_weak"
    message = "%(reasons)s"


class LastOwner(DomainError):
    code = "last_owner"
    message = _("Someone must lead: appoint another owner first.")


def add(by: MerchantMember, login: str, password: str, role: str, at: datetime) -> MerchantMember:
    """A new member with a first password. NotAnOwner, LoginInvalid, LoginTaken, PasswordWeak."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login) or _MANY_DIGITS.search(login):
        raise LoginInvalid
    user = User(login=login, kind=User.Kind.MERCHANT, joined_at=at)
    _set_password(user, password)
    with transaction.atomic():
        merchant = _lead(by)
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as error:
            raise LoginTaken from error
        member = MerchantMember.objects.create(user=user, merchant=merchant, role=Role(role))
        _record("member_added", member, by, at, {"login": login, "role": role})
    return member


def close(by: MerchantMember, member_id: int, at: datetime) -> MerchantMember:
    """The account is closed: its sessions and its password are void. NotAnOwner, LastOwner. Once."""
    with transaction.atomic():
        member = _colleague(by, member_id)
        if member.user.is_active:
            _require_another_owner(member)
            member.user.is_active = False
            member.user.set_unusable_password()
            member.user.save(update_fields=["is_active", "password"])
            tokens.revoke_all(member.user, at)
            _record("member_closed", member, by, at)
    return member


def let_in(by: MerchantMember, member_id: int, password: str, at: datetime) -> MerchantMember:
    """A new password, and a closed account is open again. NotAnOwner, PasswordWeak."""
    with transaction.atomic():
        member = _colleague(by, member_id)
        _set_password(member.user, password)
        member.user.is_active = True
        member.user.save(update_fields=["is_active", "password"])
        tokens.revoke_all(member.user, at)
        _record("member_let_in", member, by, at)
    return member


def appoint(by: MerchantMember, member_id: int, role: str, at: datetime) -> MerchantMember:
    """Owner or staff. NotAnOwner, LastOwner. Once."""
    with transaction.atomic():
        member = _colleague(by, member_id)
        if member.role != role:
            _require_another_owner(member)
            member.role = Role(role)
            member.save(update_fields=["role"])
            tokens.revoke_all(member.user, at)
            _record("member_appointed", member, by, at, {"role": role})
    return member


def change_password(member: MerchantMember, password: str, at: datetime) -> User:
    """The member's own new password; who calls has checked the old one. PasswordWeak."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=member.user_id)
        _set_password(user, password)
        user.save(update_fields=["password"])
        _record("member_password_changed", member, member, at)
    return user


def _lead(by: MerchantMember) -> Merchant:
    """The merchant, locked, if `by` still leads it."""
    merchant = Merchant.objects.select_for_update().get(pk=by.merchant_id)
    if not _leading(merchant.pk).filter(pk=by.pk).exists():
        raise NotAnOwner
    return merchant


def _colleague(by: MerchantMember, member_id: int) -> MerchantMember:
    """MerchantMember.DoesNotExist for another merchant's, and for one whom operators let into the admin."""
    merchant = _lead(by)
    members = MerchantMember.objects.filter(merchant=merchant, user__is_staff=False)
    return members.select_related("user").get(pk=member_id)


def _require_another_owner(member: MerchantMember) -> None:
    if member.is_owner and member.user.is_active and not _leading(member.merchant_id).exclude(pk=member.pk).exists():
        raise LastOwner


def _leading(merchant_id: int) -> Any:
    return MerchantMember.objects.filter(merchant=merchant_id, role=Role.OWNER, user__is_active=True)


def _set_password(user: User, password: str) -> None:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise PasswordWeak(reasons=" ".join(error.messages)) from error
    user.set_password(password)


def _record(
    kind: str, member: MerchantMember, by: MerchantMember, at: datetime, facts: dict[str, str] | None = None
) -> None:
    events.record(kind, member, at=at, actor=f"merchant:{by.user_id}", facts=facts)
