"""Freezing and releasing deposits at a provider (domain.md §7). Same pattern as payments: intent, call, one capture."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import Deposit, DepositFreeze, DepositRelease, Lease
from billing.rules import asking
from billing.services import holding, lapses, numbers
from core import faults
from core.errors import DomainError
from core.services import events, outbox, workdays
from integrations import registry
from integrations.errors import CallRefused, ProviderRefused
from integrations.payments import FreezeFact, FreezeIntent, ReleaseFact, Status

PROMISED_WORKING_DAYS = 3
SURELY_OVER = timedelta(minutes=2)
RELEASE_ASK_AFTER = timedelta(minutes=2)
ENDING = "freeze_ending"  # an event: we asked the provider to end this attempt
RELEASE_REQUESTED = "deposit.release_requested"


class FreezeOpen(DomainError):
    """`freeze` is the attempt that is still open; its page can be continued."""

    code = "freeze_open"
    message = _("A freeze of this deposit is already under way.")

    def __init__(self, freeze: DepositFreeze) -> None:
        super().__init__(freeze=freeze.number)
        self.freeze = freeze


class FreezeOver(DomainError):
    code = "freeze_over"
    message = _("This freeze can no longer be continued. Please start again.")


class FreezeUnknown(DomainError):
    code = "freeze_unknown"
    message = _("There is no freeze with this number.")


class ReleaseUnknown(DomainError):
    code = "release_unknown"
    message = _("There is no release with this number.")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a fact changed. `secured`: it is this freeze that secured the deposit, now."""

    freeze: DepositFreeze
    news: bool
    quarantined: bool
    secured: bool
    lease_id: int
    release: DepositRelease | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What a fact changed. `finished`: nothing of the deposit is held any more."""

    release: DepositRelease
    news: bool
    finished: bool
    lease_id: int


@transaction.atomic
def open_freeze(deposit_id: int, channel: str, *, at: datetime, expires_at: datetime) -> DepositFreeze:
    """An attempt to freeze what is to be held. DepositNotDue, DepositNotSigned, FreezeOpen. Locks lease, deposit."""
    lease, deposit = holding.locked(deposit_id)
    holding.require_due(lease, deposit)
    under_way = deposit.freezes.filter(state=DepositFreeze.State.OPEN).first()
    if under_way:
        raise FreezeOpen(under_way)
    return DepositFreeze.objects.create(
        deposit=deposit,
        channel=channel,
        number=numbers.new("D", at),
        request_number=numbers.new("F", at),
        amount=deposit.to_hold,
        created_at=at,
        expires_at=expires_at,
    )


def page(freeze: DepositFreeze, return_url: str) -> str:
    """Where the customer confirms the freeze. Calls the provider. FreezeOver, ProviderUnavailable."""
    if freeze.state != DepositFreeze.State.OPEN:
        raise FreezeOver
    intent = FreezeIntent(
        order_no=freeze.number,
        request_no=freeze.request_number,
        amount=freeze.amount,
        title=gettext("Deposit, %(number)s") % {"number": freeze.number},
        expires_at=freeze.expires_at,
        return_url=return_url,
    )
    return registry.holds(freeze.channel).freeze(intent).url


def capture_freeze(channel: str, fact: FreezeFact, at: datetime) -> Frozen:
    """Record what the provider says of a freeze: the one place for callback, poller and return page.

    Recorded once. A wrong amount or receiver is quarantined. A freeze that is no longer wanted (the lease is void, the
    deposit is secured already or released) is released by itself. FreezeUnknown. Locks lease, deposit, freeze.
    """
    with transaction.atomic():
        captured = _capture(channel, fact, at)
    if captured.news:
        faults.point("freeze.captured")
    return captured


def ask_freeze(freeze_id: int) -> FreezeFact:
    """What the provider says now; give it to `capture_freeze`."""
    freeze = DepositFreeze.objects.get(pk=freeze_id)
    return registry.holds(freeze.channel).query_freeze(freeze.number, freeze.request_number)


def close_freeze(freeze_id: int, at: datetime) -> FreezeFact:
    """End an attempt at the provider and record it. The fact may be a SUCCESS: give it to `capture_freeze`.

    From the first call to end it on the freeze secures nothing any more: the customer may have agreed in between, the
    provider then gives back at once what it froze, and its word of the freeze comes late.
    """
    freeze = DepositFreeze.objects.get(pk=freeze_id)
    fact = ask_freeze(freeze_id)
    if fact.status is Status.OPEN or (fact.status is Status.SUCCEEDED and _is_being_ended(freeze)):
        _note_ending(freeze, at)
        fact = registry.holds(freeze.channel).cancel_freeze(freeze.number, freeze.request_number)
    if fact.status is not Status.SUCCEEDED:
        capture_freeze(freeze.channel, fact, at)
    return fact


@transaction.atomic
def release(lease_id: int, reason: str, *, on: date, at: datetime) -> Deposit:
    """Intents to release every freeze, promised for the third working day after `on`. Safe to repeat.

    With nothing held the deposit is released at once. A paid deposit goes back by `refunds.give_back_deposit`, which
    the caller calls after it has locked the bills. Locks lease, deposit, freezes.
    """
    deposit_id = Deposit.objects.values_list("pk", flat=True).get(lease=lease_id)
    _lease, deposit = holding.locked(deposit_id)
    if can_proceed(deposit.release):
        deposit.release(workdays.after(on, PROMISED_WORKING_DAYS))
        deposit.save(update_fields=["state", "promised_on"])
    for freeze in deposit.freezes.select_for_update().filter(held__gt=0).order_by("pk"):
        _request_release(freeze, reason, at)
    holding.finish_if_empty(deposit)
    return deposit


def send_release(release_id: int, at: datetime) -> DepositRelease:
    """Call the provider with the intent's number and amount; the same number as often as needed.

    ProviderUnavailable: nothing known, call again. One that is refused because the freeze ended by itself meanwhile is
    over; any other ProviderRefused is left to an operator.
    """
    intent = DepositRelease.objects.select_related("freeze").get(pk=release_id)
    if intent.state == DepositRelease.State.SUCCEEDED:
        return intent
    provider = registry.holds(intent.freeze.channel)
    try:
        fact = provider.unfreeze(intent.freeze.auth_number or "", intent.number, intent.amount, intent.reason)
    except ProviderRefused as refusal:
        if isinstance(refusal, CallRefused) or not lapses.went_back(release_id, at):
            raise
        return DepositRelease.objects.get(pk=release_id)
    faults.point("release.called")
    return apply_release(fact, at).release


def ask_release(release_id: int, at: datetime) -> DepositRelease:
    """Ask about an intent whose outcome is unknown; one that never arrived is sent again with its number."""
    intent = DepositRelease.objects.select_related("freeze").get(pk=release_id)
    if intent.state == DepositRelease.State.SUCCEEDED:
        return intent
    fact = registry.holds(intent.freeze.channel).query_release(intent.freeze.auth_number or "", intent.number)
    if fact.status is Status.NOT_FOUND:
        return send_release(release_id, at)
    return apply_release(fact, at).release


@transaction.atomic
def apply_release(fact: ReleaseFact, at: datetime) -> Released:
    """Record what the provider says of a release, once. ReleaseUnknown. Locks lease, deposit, freeze, release."""
    named = DepositRelease.objects.filter(number=fact.request_no).select_related("freeze").first()
    if named is None:
        raise ReleaseUnknown
    lease, deposit = holding.locked(named.freeze.deposit_id)
    freeze = DepositFreeze.objects.select_for_update().get(pk=named.freeze_id)
    intent = DepositRelease.objects.select_for_update().get(pk=named.pk)
    intent.freeze = freeze
    if fact.status is not Status.SUCCEEDED or not can_proceed(intent.succeed):
        return _not_released(intent, lease, at)
    if fact.amount != intent.amount:
        events.record("release_mismatch", intent, at=at, facts={"amount": str(fact.amount)})
        return _not_released(intent, lease, at)
    intent.succeed(fact.released_at or at)
    intent.save(update_fields=["state", "released_at"])
    freeze.held -= intent.amount
    freeze.released += intent.amount
    freeze.save(update_fields=["held", "released"])
    events.record("deposit_released", intent, at=at, facts={"amount": str(intent.amount)})
    return Released(intent, news=True, finished=holding.finish_if_empty(deposit), lease_id=lease.pk)


def lease_of_freeze(channel: str, number: str) -> int:
    """The lease of the freeze with our order number: what a caller locks the order by. FreezeUnknown."""
    return _by_number(channel, number).deposit.lease_id


def freezes_to_ask(at: datetime) -> list[int]:
    """Open attempts to ask about: 1, 5, 15, 60 minutes after they began."""
    waiting = DepositFreeze.objects.filter(state=DepositFreeze.State.OPEN)
    return [freeze.pk for freeze in waiting if asking.is_time(freeze.created_at, freeze.asked_at, at)]


def freezes_to_close(at: datetime) -> list[int]:
    """Open attempts past their end."""
    over = DepositFreeze.objects.filter(state=DepositFreeze.State.OPEN, expires_at__lte=at)
    return list(over.order_by("expires_at").values_list("pk", flat=True)[:200])


def releases_to_ask(at: datetime) -> list[int]:
    """Releases that wait for an outcome."""
    waiting = DepositRelease.objects.filter(
        state=DepositRelease.State.REQUESTED, requested_at__lt=at - RELEASE_ASK_AFTER
    )
    return list(waiting.order_by("requested_at").values_list("pk", flat=True)[:200])


def _by_number(channel: str, number: str) -> DepositFreeze:
    named = DepositFreeze.objects.filter(channel=channel, number=number).select_related("deposit").first()
    if named is None:
        raise FreezeUnknown
    return named


def _capture(channel: str, fact: FreezeFact, at: datetime) -> Frozen:
    named = _by_number(channel, fact.order_no)
    lease, deposit = holding.locked(named.deposit_id)
    freeze = DepositFreeze.objects.select_for_update().get(pk=named.pk)
    if fact.status is Status.SUCCEEDED and can_proceed(freeze.freeze) and not _is_being_ended(freeze):
        return _frozen(freeze, deposit, lease, fact, at)
    over = fact.status is Status.NOT_FOUND and at >= freeze.expires_at + SURELY_OVER
    if (fact.status is Status.CLOSED or over) and can_proceed(freeze.close):
        freeze.close()
        freeze.save(update_fields=["state"])
        return Frozen(freeze, news=True, quarantined=False, secured=False, lease_id=lease.pk)
    freeze.asked_at = at
    freeze.save(update_fields=["asked_at"])
    quarantined = freeze.state == DepositFreeze.State.QUARANTINED
    if quarantined and fact.status is Status.SUCCEEDED and not _mismatch(freeze, fact):
        _note_frozen_after_quarantine(freeze, fact, at)
    return Frozen(freeze, news=False, quarantined=quarantined, secured=False, lease_id=lease.pk)


def _frozen(freeze: DepositFreeze, deposit: Deposit, lease: Lease, fact: FreezeFact, at: datetime) -> Frozen:
    wrong = _mismatch(freeze, fact)
    if wrong:
        freeze.quarantine()
        freeze.save(update_fields=["state"])
        told = {"wrong": wrong, "auth": fact.auth_no, "amount": str(fact.amount), "merchant": fact.merchant_id}
        events.record("freeze_quarantined", freeze, at=at, facts=told)
        return Frozen(freeze, news=True, quarantined=True, secured=False, lease_id=lease.pk)
    frozen_at = fact.frozen_at or at
    ends_at = frozen_at + timedelta(days=registry.holds(freeze.channel).longest_hold_days)
    freeze.freeze(fact.auth_no, fact.payer, fact.mode, frozen_at, ends_at)
    freeze.save(update_fields=["state", "auth_number", "payer", "mode", "frozen_at", "ends_at", "frozen", "held"])
    events.record("deposit_frozen", freeze, at=at, facts={"amount": str(freeze.amount), "mode": fact.mode})
    if can_proceed(deposit.secure) and lease.state != Lease.State.VOID:
        deposit.secure()
        deposit.save(update_fields=["state"])
        return Frozen(freeze, news=True, quarantined=False, secured=True, lease_id=lease.pk)
    back = _request_release(freeze, "late_freeze", at)
    return Frozen(freeze, news=True, quarantined=False, secured=False, lease_id=lease.pk, release=back)


def _is_being_ended(freeze: DepositFreeze) -> bool:
    return events.of(freeze).filter(kind=ENDING).exists()


def _note_ending(freeze: DepositFreeze, at: datetime) -> None:
    """Before the call, so that it is known whatever becomes of it."""
    if not _is_being_ended(freeze):
        events.record(ENDING, freeze, at=at)


def _note_frozen_after_quarantine(freeze: DepositFreeze, fact: FreezeFact, at: datetime) -> None:
    """A right word after a wrong one: nothing is posted, an operator must see it. Noted once."""
    if not events.of(freeze).filter(kind="freeze_after_quarantine", facts__auth=fact.auth_no).exists():
        told = {"auth": fact.auth_no, "amount": str(fact.amount)}
        events.record("freeze_after_quarantine", freeze, at=at, facts=told)


def _mismatch(freeze: DepositFreeze, fact: FreezeFact) -> str:
    """Which of amount, receiver and the provider's number is not ours; "" when all are."""
    if fact.amount != freeze.amount:
        return "amount"
    if fact.request_no != freeze.request_number:
        return "request"
    if fact.merchant_id != registry.holds(freeze.channel).merchant_id:
        return "merchant"
    known = DepositFreeze.objects.filter(channel=freeze.channel, auth_number=fact.auth_no).exclude(pk=freeze.pk)
    return "auth" if not fact.auth_no or known.exists() else ""


def _request_release(freeze: DepositFreeze, reason: str, at: datetime) -> DepositRelease | None:
    if freeze.releases.filter(state=DepositRelease.State.REQUESTED).exists():
        return None
    intent = DepositRelease.objects.create(
        freeze=freeze, number=numbers.new("U", at), amount=freeze.held, reason=reason, requested_at=at
    )
    told = {"number": intent.number, "amount": str(intent.amount), "reason": reason}
    events.record("release_requested", intent, at=at, facts=told)
    outbox.put(RELEASE_REQUESTED, release_id=intent.pk)
    return intent


def _not_released(intent: DepositRelease, lease: Lease, at: datetime) -> Released:
    intent.asked_at = at
    intent.save(update_fields=["asked_at"])
    return Released(intent, news=False, finished=False, lease_id=lease.pk)
