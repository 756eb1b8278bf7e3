"""A freeze ends by itself after the longest that its provider holds it: said ahead, noticed when it happened.

What the provider gave back by itself is held no longer, whatever our rows say; nobody re-freezes in silence (ADR 13).
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django_fsm import can_proceed

from billing.models import Deposit, DepositFreeze, DepositRelease, Lease, Payment
from billing.services import holding, numbers
from core import calendar, money, running
from core.services import events
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import FreezeFact, Status
from notices.services import messages

AHEAD = timedelta(days=14)
GONE_BY_ITSELF = "freeze_ended"  # the reason of a release that nobody asked for
log = logging.getLogger(__name__)


def ending(at: datetime) -> "QuerySet[DepositFreeze]":
    """Freezes that still hold something and end within two weeks, or should have ended; the nearest first."""
    held = DepositFreeze.objects.filter(state=DepositFreeze.State.FROZEN, held__gt=0, ends_at__lte=at + AHEAD)
    return held.exclude(deposit__state=Deposit.State.RELEASING).order_by("ends_at", "id")


def date_old() -> int:
    """Day-end: a freeze of before its end was kept gets one, counted from when it was frozen; how many.

    Without it nobody would be warned and nobody would ask. Safe to repeat.
    """
    undated = DepositFreeze.objects.filter(state=DepositFreeze.State.FROZEN, ends_at=None)
    dated = 0
    for freeze in undated.order_by("pk"):
        assert freeze.frozen_at is not None  # it is frozen
        with running.apart(DepositFreeze, freeze.pk):
            longest = timedelta(days=registry.holds(freeze.channel).longest_hold_days)
            dated += undated.filter(pk=freeze.pk).update(ends_at=freeze.frozen_at + longest)
    return dated


def look_after_refusal(payment: Payment, at: datetime) -> bool:
    """A provider that took nothing out of a freeze may hold it no longer: whether it is gone."""
    is_refused = payment.freeze is not None and payment.state == Payment.State.CLOSED
    return bool(is_refused and payment.freeze and payment.freeze.held and _ask(payment.freeze.pk, at))


def warn(at: datetime) -> int:
    """Day-end: tell each customer once that his freeze ends soon, and that he need not do anything; how many."""
    told = 0
    for freeze in ending(at).filter(ends_at__gt=at).select_related("deposit__lease__customer__user"):
        with running.apart(DepositFreeze, freeze.pk):
            told += bool(_tell(freeze, "deposit_freeze_ends", at))
    return told


def look(at: datetime) -> int:
    """Day-end: ask the provider about each freeze past its end; how many were gone. An unreachable one waits a day."""
    over = ending(at).filter(ends_at__lte=at).values_list("pk", flat=True)
    return running.each(DepositFreeze, list(over), lambda pk: _ask(pk, at))


def look_at(auth_number: str, at: datetime) -> bool:
    """A release that we did not ask for was told of: whether the freeze with the provider's number is gone."""
    found = DepositFreeze.objects.filter(auth_number=auth_number, state=DepositFreeze.State.FROZEN, held__gt=0).first()
    return bool(found and _ask(found.pk, at))


@transaction.atomic
def apply(freeze_id: int, fact: FreezeFact, at: datetime) -> bool:
    """Record that the provider holds nothing any more; whether that is news. Locks lease, deposit, freeze.

    Not while a release or a capture is under way: their own outcome explains what is missing.
    """
    freeze = holding.locked_freeze(freeze_id)
    if not _is_gone(fact) or not freeze.held or _is_explained(freeze):
        return False
    amount = freeze.held
    release = DepositRelease.objects.create(
        freeze=freeze, number=numbers.new("U", at), amount=amount, reason=GONE_BY_ITSELF, requested_at=at
    )
    told = {"number": release.number, "amount": str(amount), "reason": GONE_BY_ITSELF}
    events.record("release_requested", release, at=at, facts=told)
    _let_go(freeze, release, at)
    _lapse(Deposit.objects.select_for_update().get(pk=freeze.deposit_id), at)
    _tell(freeze, "deposit_freeze_ended", at)
    return True


def went_back(release_id: int, at: datetime) -> bool:
    """A release was refused, perhaps because the freeze ended by itself first: whether nothing is held any more.

    Then the release is over: the money is where it belongs, and nobody waits for it. Asks the provider.
    """
    freeze = DepositFreeze.objects.get(releases=release_id)
    fact = _asked(freeze)
    return fact is not None and _is_gone(fact) and _finish(release_id, freeze.pk, at)


def lapsed() -> "QuerySet[Deposit]":
    """Deposits that are held no longer while the lease goes on, the oldest first."""
    rows = Deposit.objects.filter(state=Deposit.State.LAPSED, lease__state=Lease.State.LIVE)
    return rows.select_related("lease__order").order_by("id")


def _ask(freeze_id: int, at: datetime) -> bool:
    fact = _asked(DepositFreeze.objects.get(pk=freeze_id))
    return fact is not None and apply(freeze_id, fact, at)


def _asked(freeze: DepositFreeze) -> FreezeFact | None:
    """What the provider says of it; None when it says nothing."""
    try:
        return registry.holds(freeze.channel).query_freeze(freeze.number, freeze.request_number)
    except (ProviderUnavailable, ProviderRefused) as error:
        log.warning("no answer about freeze %s: %s", freeze.number, error)
        return None


def _is_gone(fact: FreezeFact) -> bool:
    return fact.status is Status.CLOSED or (fact.status is Status.SUCCEEDED and fact.rest == money.ZERO)


@transaction.atomic
def _finish(release_id: int, freeze_id: int, at: datetime) -> bool:
    """Not while a capture is under way: it explains what is missing. Locks lease, deposit, freeze, release."""
    freeze = holding.locked_freeze(freeze_id)
    release = DepositRelease.objects.select_for_update().get(pk=release_id)
    if not can_proceed(release.succeed) or freeze.captures.filter(state="OPEN").exists():
        return False
    _let_go(freeze, release, at)
    holding.finish_if_empty(Deposit.objects.select_for_update().get(pk=freeze.deposit_id))
    return True


def _let_go(freeze: DepositFreeze, release: DepositRelease, at: datetime) -> None:
    release.succeed(at)
    release.save(update_fields=["state", "released_at"])
    freeze.held -= release.amount
    freeze.released += release.amount
    freeze.save(update_fields=["held", "released"])
    events.record("freeze_ended", freeze, at=at, facts={"amount": str(release.amount)})


def _is_explained(freeze: DepositFreeze) -> bool:
    releasing = freeze.releases.filter(state=DepositRelease.State.REQUESTED).exists()
    return releasing or freeze.captures.filter(state="OPEN").exists()


def _lapse(deposit: Deposit, at: datetime) -> None:
    if can_proceed(deposit.lapse):
        deposit.lapse()
        deposit.save(update_fields=["state"])
        events.record("deposit_lapsed", deposit, at=at)


def _tell(freeze: DepositFreeze, template: str, at: datetime) -> bool:
    lease = freeze.deposit.lease
    day = calendar.business_date(freeze.ends_at or at).isoformat()
    made = messages.inform(
        lease.customer.user,
        template,
        {"lease": lease.number, "amount": str(freeze.amount), "day": day},
        step=f"freeze:{freeze.pk}:{template}",
        at=at,
        link=f"/leases/{lease.number}/",
    )
    return bool(made)
