"""Six-digit codes by SMS or mail: hashed, single use, five minutes, for one phone or address and one purpose."""

import hmac
import math
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import OneTimeCode, User
from accounts.rules import emails, phones
from core import seals
from core.errors import DomainError
from core.services.events import PLATFORM
from notices.models import Message
from notices.services import messages

Channel = Message.Channel
LIVES = timedelta(minutes=5)
RESEND_AFTER = timedelta(seconds=60)
MOST_AN_HOUR = 5  # for one purpose
MOST_A_DAY = 20  # for one phone: nobody is flooded by way of us. Sign-ins, which a stranger can ask for, count apart
MOST_TRIES = 5


class PhoneInvalid(DomainError):
    code = "phone_invalid"
    message = _("Please enter a mainland mobile number of 11 digits.")


class EmailInvalid(DomainError):
    code = "email_invalid"
    message = _("Please enter a whole e-mail address, like name@example.com.")


class ResendTooSoon(DomainError):
    code = "resend_too_soon"
    message = _("A code was just sent. You can ask for another in %(seconds)s seconds.")


class TooManyCodes(DomainError):
    code = "too_many_codes"
    message = _("Too many codes were sent. Please try again in an hour.")


class CodeWrong(DomainError):
    code = "code_wrong"
    message = _("The code is wrong.")


class CodeExpired(DomainError):
    code = "code_expired"
    message = _("The code has expired. Please ask for a new one.")


class CodeUsed(DomainError):
    code = "code_used"
    message = _("The code was already used. Please ask for a new one.")


class TooManyAttempts(DomainError):
    code = "too_many_attempts"
    message = _("Too many wrong codes. Please ask for a new one.")


def request(phone: str, purpose: str, *, language: str, at: datetime, user: User | None = None) -> OneTimeCode:
    """Send a code. Its `ticket` is for the browser that asked, and for no other.

    PhoneInvalid, ResendTooSoon(seconds), TooManyCodes. Requests for one phone wait for each other.
    """
    number = _normalised(phone)
    with transaction.atomic():
        row = _begun(_index(number), purpose, at)
        _send(row, number, Channel.SMS, language, at, user)
    return row


def request_by_mail(address: str, purpose: str, *, language: str, at: datetime, user: User) -> OneTimeCode:
    """As `request`, to an e-mail address. EmailInvalid."""
    to = _address(address)
    with transaction.atomic():
        row = _begun(_mail_index(to), purpose, at)
        _send(row, to, Channel.EMAIL, language, at, user)
    return row


def ask_by_mail(address: str, purpose: str, at: datetime) -> OneTimeCode:
    """A code without a secret, which no try meets, until `send_asked`. Refused as `request_by_mail`."""
    to = _address(address)
    with transaction.atomic():
        row = _begun(_mail_index(to), purpose, at)
        row.save()
    return row


def send_asked(code_id: int, user: User, at: datetime) -> bool:
    """Give the asked code its secret and send it to the user's proved address; not when it is over, nor twice. Whether
    it went.
    """
    with transaction.atomic():
        row = OneTimeCode.objects.select_for_update().get(pk=code_id)
        if row.code_hash or at >= row.expires_at or user.email is None:
            return False
        to = user.email.open(by=PLATFORM, purpose="sign-in code", at=at)
        _send(row, to, Channel.EMAIL, user.language, at, user)
    return True


def _begun(index: str, purpose: str, at: datetime) -> OneTimeCode:
    """Not saved yet. ResendTooSoon, TooManyCodes."""
    _one_at_a_time(index)
    _refuse_flood(index, purpose, at)
    return OneTimeCode(phone_index=index, purpose=purpose, sent_at=at, expires_at=at + LIVES)


def _send(row: OneTimeCode, to: str, channel: str, language: str, at: datetime, user: User | None) -> None:
    secret = f"{secrets.randbelow(10**6):06d}"
    row.code_hash = _hash(row, secret)
    row.save()
    step = f"code:{row.pk}"
    messages.code(to, secret, purpose=row.purpose, language=language, step=step, at=at, user=user, channel=channel)


def check(phone: str, purpose: str, code: str, at: datetime, *, ticket: UUID | None = None) -> None:
    """Use the code of `ticket` up. PhoneInvalid, CodeWrong, CodeExpired, CodeUsed, TooManyAttempts (the 6th try).

    Without a ticket it is the latest code: only for a purpose that nobody but the phone's owner, signed in, can ask
    codes for. Elsewhere a stranger's wrong tries would use up the owner's.
    Commits before it raises, so that a wrong try counts: never call it inside a transaction (durable refuses that).
    """
    _check(_index(_normalised(phone)), purpose, code, at, ticket)


def check_by_mail(address: str, purpose: str, code: str, at: datetime, *, ticket: UUID | None = None) -> None:
    """As `check`, of a code that went to an e-mail address. EmailInvalid."""
    _check(_mail_index(_address(address)), purpose, code, at, ticket)


def _check(index: str, purpose: str, code: str, at: datetime, ticket: UUID | None) -> None:
    with transaction.atomic(durable=True):
        sent = OneTimeCode.objects.filter(phone_index=index, purpose=purpose, **({"salt": ticket} if ticket else {}))
        row = sent.order_by("-sent_at", "-id").select_for_update().first()
        refusal = _try(row, code, at) if row else CodeWrong()
    if refusal:
        raise refusal


def _try(row: OneTimeCode, code: str, at: datetime) -> DomainError | None:
    """Count one try on a locked row, and why it fails."""
    if row.used_at is not None:
        return CodeUsed()
    if row.attempts >= MOST_TRIES:
        return TooManyAttempts()
    if at >= row.expires_at:
        return CodeExpired()
    row.attempts += 1
    is_right = hmac.compare_digest(row.code_hash, _hash(row, code.strip()))
    if is_right:
        row.used_at = at
    row.save(update_fields=["attempts", "used_at"])
    return None if is_right else CodeWrong()


def _refuse_flood(index: str, purpose: str, at: datetime) -> None:
    kind = purpose.partition(":")[0]
    of_kind = _sent(index, timedelta(days=1), at).filter(Q(purpose=kind) | Q(purpose__startswith=f"{kind}:"))
    of_purpose = _sent(index, timedelta(hours=1), at).filter(purpose=purpose).order_by("-sent_at")
    latest = of_purpose.first()
    if latest and at < latest.sent_at + RESEND_AFTER:
        raise ResendTooSoon(seconds=math.ceil((latest.sent_at + RESEND_AFTER - at).total_seconds()))
    if of_purpose.count() >= MOST_AN_HOUR or of_kind.count() >= MOST_A_DAY:
        raise TooManyCodes


def _sent(index: str, window: timedelta, at: datetime) -> QuerySet[OneTimeCode]:
    """Within `window` before `at`, and none after it: histories are walked in the past of what has happened."""
    return OneTimeCode.objects.filter(phone_index=index, sent_at__gt=at - window, sent_at__lte=at)


def _one_at_a_time(index: str) -> None:
    """No row of a phone exists before its first code, so the wait is on an advisory lock of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"code:{index}"])


def _hash(row: OneTimeCode, code: str) -> str:
    """Keyed, since a million codes are soon tried: a stolen table alone tells nothing."""
    return seals.blind_index(f"code:{row.purpose}:{row.salt}", code)


def _index(number: str) -> str:
    return seals.blind_index("phone", number)


def _mail_index(address: str) -> str:
    return seals.blind_index("email", address)


def _address(typed: str) -> str:
    try:
        return emails.normalise(typed)
    except ValueError as error:
        raise EmailInvalid from error


def _normalised(phone: str) -> str:
    try:
        return phones.normalise(phone)
    except ValueError as error:
        raise PhoneInvalid from error
