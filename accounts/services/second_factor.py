"""The second factor of staff: a code of an authenticator app (TOTP, RFC 6238), or one of ten recovery codes.

The secret is sealed, recovery codes are kept as keyed hashes. A code counts once: its step of 30 seconds is remembered,
and so is every failure; after five in a row the door waits. Everything locks the factor's row first.
"""

import secrets
from base64 import b32decode, b32encode
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from accounts.models import RecoveryCode, SecondFactor, User
from accounts.services.codes import CodeWrong
from core import seals
from core.errors import DomainError
from core.services import events

SECRET_BYTES = 20
STEP_S = 30
TOLERANCE = 1  # steps that a phone's clock may be off, either way
SHOWN_TOLERANCE = 40  # where the page shows the code: many share one login of the demo, each with a code of his own
MOST_FAILURES = 5
WAIT = timedelta(minutes=15)
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
_CODE_LENGTH = 10


class AlreadyEnrolled(DomainError):
    code = "already_enrolled"
    message = _("An authenticator app is connected already.")


class TooManyWrongCodes(DomainError):
    code = "too_many_wrong_codes"
    message = _("Too many wrong codes. Please wait a quarter of an hour.")


def is_enrolled(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


class Begun(NamedTuple):
    """A secret to scan, in base 32, and the key under which the session that was shown it asks for it again."""

    key: str
    secret: str


def begin(user: User, at: datetime, key: str = "") -> Begun:
    """The secret that this session was shown before, or a new one in the place of what another session was shown: who
    has only the password keeps nothing that is worth anything once its owner has connected. AlreadyEnrolled.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        factor = SecondFactor.objects.filter(user=user).first()
        if factor is not None and factor.confirmed_at is not None:
            raise AlreadyEnrolled
        if factor is None or factor.seal_row.hex != key:
            SecondFactor.objects.filter(user=user).delete()
            plain = new_secret()
            made = SecondFactor.objects.create(user=user, secret=plain, begun_at=at)
            return Begun(made.seal_row.hex, plain)
    return Begun(key, _open(factor, at))


def new_secret() -> str:
    """In base 32."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def confirm(user: User, code: str, at: datetime) -> list[str]:
    """The app's first code connects it; the recovery codes, which nobody can see again.

    AlreadyEnrolled, CodeWrong, TooManyWrongCodes. Commits before it raises, so that a wrong try counts.
    """
    with transaction.atomic(durable=True):
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None:
            raise CodeWrong
        if factor.confirmed_at is not None:
            raise AlreadyEnrolled
        refusal = _try(factor, code, at, recovery=False)
        if refusal is None:
            factor.confirmed_at = at
            factor.save(update_fields=["confirmed_at"])
            made = [_new_code() for _each in range(RECOVERY_CODES)]
            rows = [RecoveryCode(factor=factor, code_hash=_hash(factor, plain)) for plain in made]
            RecoveryCode.objects.bulk_create(rows)
            events.record("second_factor_connected", user, at=at, actor=f"user:{user.pk}")
    if refusal:
        raise refusal
    return made


def check(user: User, code: str, at: datetime) -> None:
    """A code of the app or a recovery code, each used up by it. CodeWrong, TooManyWrongCodes.

    Commits before it raises, so that a wrong try counts: never call it inside a transaction (durable refuses that).
    """
    with transaction.atomic(durable=True):
        factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
        if factor is None:  # forgotten meanwhile
            raise CodeWrong
        refusal = _try(factor, code, at, recovery=True)
    if refusal:
        raise refusal


def shown_code(user: User, at: datetime) -> str:
    """The next code that counts, for the demo's page; "" anywhere else (settings.SECOND_FACTOR_SHOWN)."""
    if not _is_shown():
        return ""
    factor = SecondFactor.objects.get(user=user)
    totp = _totp(factor, at)
    totp.drift = max(0, factor.last_step + 1 - totp.t())
    return f"{totp.token():06d}"


def forget(user: User, at: datetime, by: str) -> bool:
    """A lost phone: its sessions end, the next sign-in connects another one. False when there was none."""
    with transaction.atomic():
        gone, _each = SecondFactor.objects.filter(user=user).delete()
        if gone:
            _end_sessions(user, at)
            events.record("second_factor_forgotten", user, at=at, actor=by)
    return bool(gone)


def _end_sessions(user: User, at: datetime) -> None:
    """Reads every living session: what nobody does twice a month may take its time."""
    living = Session.objects.filter(expire_date__gt=at)
    theirs = [each.pk for each in living.iterator() if each.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()


def _is_shown() -> bool:
    """Whatever the environment says, codes are shown in the demo only."""
    return bool(settings.SECOND_FACTOR_SHOWN and settings.DEMO)


def _try(factor: SecondFactor, code: str, at: datetime, *, recovery: bool) -> DomainError | None:
    """Count one try on a locked row, and why it fails."""
    if factor.failed_at and at >= factor.failed_at + WAIT:
        factor.failures = 0
    if factor.failures >= MOST_FAILURES and not _is_shown():  # many share one login of the demo
        return TooManyWrongCodes()
    typed = "".join(code.split()).replace("-", "").lower()
    step = _step_of(factor, typed, at)
    if step is not None:
        factor.last_step = step
    is_right = step is not None or (recovery and _use_recovery(factor, typed, at))
    factor.failures = 0 if is_right else factor.failures + 1
    factor.failed_at = None if is_right else at
    factor.save(update_fields=["last_step", "failures", "failed_at"])
    if factor.failures == MOST_FAILURES:
        events.record("second_factor_closed", factor.user, at=at, actor=f"user:{factor.user_id}")
    return None if is_right else CodeWrong()


def _step_of(factor: SecondFactor, typed: str, at: datetime) -> int | None:
    """The step whose code was typed, if it is not used up."""
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    totp = _totp(factor, at)
    tolerance = SHOWN_TOLERANCE if _is_shown() else TOLERANCE
    return totp.t() if totp.verify(int(typed), tolerance, min_t=factor.last_step + 1) else None


def _totp(factor: SecondFactor, at: datetime) -> TOTP:
    totp = TOTP(b32decode(_open(factor, at)), step=STEP_S)
    totp.time = at.timestamp()
    return totp


def _use_recovery(factor: SecondFactor, typed: str, at: datetime) -> bool:
    rows = factor.recovery_codes.filter(code_hash=_hash(factor, typed), used_at=None)
    if not typed or not rows.update(used_at=at):
        return False
    events.record("recovery_code_used", factor.user, at=at, actor=f"user:{factor.user_id}")
    return True


def _open(factor: SecondFactor, at: datetime) -> str:
    plain: str = factor.secret.open(by=f"user:{factor.user_id}", purpose="second factor", at=at)
    return plain


def _new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _each in range(_CODE_LENGTH))


def _hash(factor: SecondFactor, plain: str) -> str:
    return seals.blind_index(f"recovery:{factor.seal_row}", plain)
