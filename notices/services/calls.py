"""The one way to a person's phone number for a call, with the conduct guard in it (domain.md §9).

There is no way to call anybody else: a call takes the person, never a number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import calendar
from core.errors import DomainError
from notices.models import PhoneCall
from notices.rules import conduct
from notices.rules.conduct import NoCall
from notices.services.reader import Reader

SHOWN_FOR = timedelta(minutes=10)  # a number that was dialled, to whoever dialled it
REASONS: dict[NoCall, str | Promise] = {
    NoCall.HOUR: _("Between 22:00 and 08:00 nobody is called."),
    NoCall.DIALS: _("This person was dialled six times today, by all of us together. Tomorrow again."),
    NoCall.CONVERSATIONS: _("This person was spoken to three times today, by all of us together. Tomorrow again."),
}


class MayNotCall(DomainError):
    code = "may_not_call"
    message = _("%(why)s")


class NoPhone(DomainError):
    code = "no_phone"
    message = _("This person gave no phone number.")


class LeftInPeace(DomainError):
    code = "left_in_peace"
    message = _("A death or a loss of legal capacity is on record: nobody calls, writes or visits about money.")


class CallGoesOn(DomainError):
    code = "call_goes_on"
    message = _("Please say first how your last call ended. Its number stands above the form.")


class CallOver(DomainError):
    code = "call_over"
    message = _("How this call ended was told already, or another person made it.")


@dataclass(frozen=True, slots=True)
class Standing:
    """The calls of one person's day, all callers together; `refusal` is why there may be no other now."""

    dials: int
    conversations: int
    refusal: NoCall | None

    @property
    def why(self) -> str | Promise:
        return REASONS[self.refusal] if self.refusal else ""

    @property
    def dials_left(self) -> int:
        return 0 if self.refusal else conduct.DIALS_A_DAY - self.dials

    @property
    def conversations_left(self) -> int:
        return 0 if self.refusal else conduct.CONVERSATIONS_A_DAY - self.conversations


@dataclass(frozen=True, slots=True)
class Dialled:
    """The call that is on record now, and the number."""

    call: PhoneCall
    phone: str


@dataclass(frozen=True, slots=True)
class Going:
    """A call whose end was not told yet, and its number while it may be read."""

    call: PhoneCall
    phone: str | None


def standing(user_id: int, at: datetime) -> Standing:
    """What the guard says now."""
    today = calendar.business_date(at)
    calls = PhoneCall.objects.filter(
        user=user_id,
        dialled_at__gte=calendar.instant(today),
        dialled_at__lt=calendar.instant(today + timedelta(days=1)),
    )
    lasted = list(calls.values_list("seconds", flat=True))
    spoken = sum(conduct.is_conversation(seconds) for seconds in lasted)
    return Standing(len(lasted), spoken, conduct.no_call(at, len(lasted), spoken))


def dial(user: Reader, *, caller: str, subject: str, purpose: str, at: datetime) -> Dialled:
    """Put the call on record and unseal the person's own number for it. Two at once: the rows of one person queue.

    LeftInPeace, MayNotCall, NoPhone; CallGoesOn while the caller's last one about it has no end. Locks the user.
    """
    with transaction.atomic():
        row = get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
        if row.in_peace_since is not None:
            raise LeftInPeace
        if not row.phone:
            raise NoPhone
        now = standing(user.pk, at)
        if now.refusal is not None:
            raise MayNotCall(why=now.why)
        if not_ended().filter(subject=subject, caller=caller).exists():
            raise CallGoesOn
        call = PhoneCall.objects.create(user=row, caller=caller, subject=subject, dialled_at=at)
        return Dialled(call, row.phone.open(by=caller, purpose=purpose, at=at))


def not_ended() -> "QuerySet[PhoneCall]":
    """Calls of whose end nobody has told, the oldest first."""
    return PhoneCall.objects.filter(seconds=None, lapsed_at=None).order_by("dialled_at", "id")


def number(call: PhoneCall, at: datetime) -> str | None:
    """The number of a call that goes on, for whoever dialled it: for SHOWN_FOR and by day only; each look is an event.

    None afterwards, and for a person who is to be left in peace since.
    """
    person = call.user
    may = call.seconds is None and call.lapsed_at is None and call.dialled_at <= at < call.dialled_at + SHOWN_FOR
    if not may or conduct.no_call(at, 0, 0) is not None or person.in_peace_since is not None or not person.phone:
        return None
    with transaction.atomic():
        shown: str = person.phone.open(by=call.caller, purpose=f"call {call.subject}", at=at)
    return shown


def lapse(call_id: int, at: datetime) -> bool:
    """Its day is over and nobody told how it ended: it is closed, and goes on counting as a conversation."""
    with transaction.atomic():
        call = PhoneCall.objects.select_for_update().get(pk=call_id)
        if call.seconds is not None or call.lapsed_at is not None:
            return False
        call.lapsed_at = at
        call.save(update_fields=["lapsed_at"])
    return True


def hang_up(call_id: int, caller: str, seconds: int, note: str) -> PhoneCall:
    """How it ended: 0 seconds is unanswered. Once, by whoever dialled. CallOver."""
    with transaction.atomic():
        call = PhoneCall.objects.select_for_update().get(pk=call_id)
        if call.caller != caller or call.seconds is not None or call.lapsed_at is not None:
            raise CallOver
        call.seconds, call.note = seconds, note
        call.save(update_fields=["seconds", "note"])
    return call


def has_spoken(user_id: int, caller: str, at: datetime) -> bool:
    """Whether this caller spoke to the person on the day of `at`."""
    day = calendar.business_date(at)
    rows = PhoneCall.objects.filter(
        user=user_id, caller=caller, seconds__gte=conduct.CONVERSATION_S, dialled_at__gte=calendar.instant(day),
        dialled_at__lte=at,
    )  # fmt: skip
    return rows.exists()


def about(subject: str) -> "list[PhoneCall]":
    """The calls about something, the newest first."""
    return list(PhoneCall.objects.filter(subject=subject).order_by("-dialled_at", "-id"))
