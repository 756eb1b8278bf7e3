"""Statements that did not come (reliability.md 40): an open exception for each, never dropped in silence."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import Chargeback, Payment, Refund, StatementGap
from billing.services import chargebacks
from core.calendar import instant
from core.errors import DomainError
from core.services import events

OPEN = StatementGap.State.OPEN


class GapUnknown(DomainError):
    code = "gap_unknown"
    message = _("There is no such missing statement.")


class GapClosed(DomainError):
    code = "gap_closed"
    message = _("This statement came, or was explained, already.")


class MovedThatDay(DomainError):
    code = "moved_that_day"
    message = _(
        "%(count)s movements are booked here for this day, so its statement cannot be missed. Ask the provider."
    )


def open_for(days: Iterable[tuple[str, date]], last: date, at: datetime) -> int:
    """A gap for each channel's day before `last` whose statement is still wanted; how many are new. Repeatable."""
    wanted = [StatementGap(channel=channel, day=day, opened_at=at) for channel, day in days if day < last]
    known = set(StatementGap.objects.filter(day__in=[gap.day for gap in wanted]).values_list("channel", "day"))
    new = [gap for gap in wanted if (gap.channel, gap.day) not in known]
    StatementGap.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def waiting() -> "QuerySet[StatementGap]":
    """The oldest first."""
    return StatementGap.objects.filter(state=OPEN).order_by("opened_at", "day", "channel")


def explained() -> set[tuple[str, date]]:
    """Channels' days that are no longer asked for: a person said why."""
    return set(StatementGap.objects.filter(state=StatementGap.State.CLOSED).values_list("channel", "day"))


def note(channel: str, day: date, answer: str) -> None:
    """What the provider said last."""
    StatementGap.objects.filter(channel=channel, day=day, state=OPEN).update(answer=answer[:200])


def filled(channel: str, day: date, at: datetime) -> None:
    """The statement came after all. Call it in the transaction that reconciles it. Locks the gap."""
    for gap in StatementGap.objects.select_for_update().filter(channel=channel, day=day, state=OPEN):
        gap.close(at)
        gap.save(update_fields=["state", "closed_at"])


@transaction.atomic
def explain(gap_id: int, resolution: str, actor: str, at: datetime) -> StatementGap:
    """A person says why there is none: as a rule the provider made no file, for nothing moved that day.

    GapUnknown, GapClosed; MovedThatDay when we have booked something for it. Locks the gap.
    """
    gap = StatementGap.objects.select_for_update().filter(pk=gap_id).first()
    if gap is None:
        raise GapUnknown
    if not gap.is_open:
        raise GapClosed
    count = len(movements(gap))
    if count:
        raise MovedThatDay(count=count)
    gap.close(at, resolution, actor)
    gap.save(update_fields=["state", "closed_at", "resolution", "actor"])
    events.record("gap_explained", gap, at=at, actor=actor, facts={"resolution": resolution})
    return gap


def movements(gap: StatementGap) -> list[Payment | Refund | Chargeback]:
    """What we booked for the channel and day: it must stand on the statement."""
    span = (instant(gap.day), instant(gap.day + timedelta(days=1)))
    payments = Payment.objects.filter(channel=gap.channel, state=Payment.State.SUCCEEDED)
    refunds = Refund.objects.filter(payment__channel=gap.channel, state=Refund.State.SUCCEEDED, reference="")
    taken = chargebacks.taken(gap.channel)
    return [
        *payments.filter(paid_at__gte=span[0], paid_at__lt=span[1]).order_by("paid_at"),
        *refunds.filter(refunded_at__gte=span[0], refunded_at__lt=span[1]).order_by("refunded_at"),
        *taken.filter(decided_at__gte=span[0], decided_at__lt=span[1]).order_by("decided_at"),
    ]
