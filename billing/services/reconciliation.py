"""Daily reconciliation: the channel's statement of a day against what we booked (reliability.md 20, 40)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import (
    Chargeback,
    Match,
    Payment,
    ReconciliationException,
    Refund,
    StatementFile,
    StatementLine,
)
from billing.rules import reconciliation as rules
from billing.rules.reconciliation import Booked, Told
from billing.services import chargebacks, gaps
from core.calendar import business_date, instant
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from integrations import registry

WINDOW = timedelta(days=14)  # how long a statement is asked for
OUT_FROM_HOUR = 9
ALARM_AFTER = timedelta(days=2)
CAME_LATER = "on the statement of %s"
BATCH = 1000


class StatementUnknown(DomainError):
    code = "statement_unknown"
    message = _("There is no statement of this channel and day.")


class DifferenceUnknown(DomainError):
    code = "difference_unknown"
    message = _("There is no such difference.")


class DifferenceResolved(DomainError):
    code = "difference_resolved"
    message = _("This difference is resolved already.")


@dataclass(frozen=True, slots=True)
class Unposted:
    """What a statement says moved and we hold as unfinished: to be asked about before matching.

    `disputes`: the provider's numbers of those that are open here or not known at all, with the time of the line.
    """

    payment_ids: tuple[int, ...]
    refund_ids: tuple[int, ...]
    disputes: tuple[tuple[str, datetime], ...]


def channels() -> list[str]:
    """Those whose adapter can fetch a statement."""
    return [name for name in settings.PROVIDERS["payments"] if "statement" in registry.payments(name).capabilities]


def last_out(at: datetime) -> date:
    """The last day whose statement should be out."""
    return business_date(at - timedelta(hours=OUT_FROM_HOUR)) - timedelta(days=1)


def due(at: datetime) -> list[tuple[str, date]]:
    """(channel, day) whose statement should be out and is not reconciled, oldest first: the last two weeks, from the
    channel's first payment on.
    """
    last = last_out(at)
    done = gaps.explained() | set(StatementFile.objects.exclude(reconciled_at=None).values_list("channel", "day"))
    wanted = []
    for channel in channels():
        first = Payment.objects.filter(channel=channel).aggregate(first=Min("created_at"))["first"]
        day = max(business_date(first), last - WINDOW) if first else last + timedelta(days=1)
        while day <= last:
            wanted.append((channel, day))
            day += timedelta(days=1)
    wanted += gaps.waiting().values_list("channel", "day")  # older ones are asked for until they came or are explained
    return sorted({one for one in wanted if one not in done}, key=lambda one: (one[1], one[0]))


def fetch(channel: str, day: date, at: datetime) -> StatementFile:
    """The stored statement, asked from the provider at the first time. Call it outside any transaction.

    NotYet, BadStatement and ProviderUnavailable: nothing is stored, ask again later.
    """
    known = StatementFile.objects.filter(channel=channel, day=day).first()
    return known or _store(channel, day, registry.statements(channel).statement(day), at)


def unposted(file: StatementFile) -> Unposted:
    """What the poller must ask about first, so that money which came in is posted by the one way in."""
    lines = file.lines.all()
    payments = Payment.objects.filter(
        channel=file.channel,
        state__in=[Payment.State.OPEN, Payment.State.CLOSED],
        number__in=lines.filter(kind=StatementLine.Kind.PAYMENT).values("payment_number"),
    )
    refunds = Refund.objects.filter(
        payment__channel=file.channel,
        state=Refund.State.REQUESTED,
        number__in=lines.filter(kind=StatementLine.Kind.REFUND).values("refund_number"),
    )
    return Unposted(
        tuple(payments.order_by("pk").values_list("pk", flat=True)),
        tuple(refunds.order_by("pk").values_list("pk", flat=True)),
        _disputes_to_ask(file),
    )


@transaction.atomic
def reconcile(channel: str, day: date, at: datetime) -> StatementFile:
    """Every line becomes a match or a difference, and what no line tells of becomes a difference; once for each file.

    StatementUnknown. Locks the statement.
    """
    file = StatementFile.objects.select_for_update().filter(channel=channel, day=day).first()
    if file is None:
        raise StatementUnknown
    if file.reconciled_at is not None:
        return file
    lines = {line.pk: line for line in file.lines.order_by("number")}
    told = [_told(line) for line in lines.values()]
    booked = _booked(file, lines.values())
    outcome = rules.match(told, booked, instant(day + timedelta(days=1)))
    Match.objects.bulk_create(
        [Match(line=lines[line.key], at=at, **_ours(row)) for line, row in outcome.matches], batch_size=BATCH
    )
    opened = [
        ReconciliationException(
            kind=one.kind, file=file, line=lines[one.line.key] if one.line else None, opened_at=at, **_ours(one.booked)
        )
        for one in outcome.differences
    ]
    ReconciliationException.objects.bulk_create(opened, batch_size=BATCH)
    _close_found(file, outcome, at)
    file.reconciled_at = at
    file.save(update_fields=["reconciled_at"])
    gaps.filled(channel, day, at)
    facts = {"matched": len(outcome.matches), "differences": len(opened)}
    events.record("statement_reconciled", file, at=at, facts=facts)
    return file


@transaction.atomic
def resolve(exception_id: int, resolution: str, actor: str, at: datetime) -> ReconciliationException:
    """A person explains a difference. DifferenceUnknown, DifferenceResolved. Locks the difference."""
    found = ReconciliationException.objects.select_for_update().filter(pk=exception_id).first()
    if found is None:
        raise DifferenceUnknown
    if not found.is_open:
        raise DifferenceResolved
    _resolve(found, resolution, actor, at)
    return found


def _disputes_to_ask(file: StatementFile) -> tuple[tuple[str, datetime], ...]:
    """A way back that is no refund of ours may be the end of a dispute."""
    if not chargebacks.are_told(file.channel):
        return ()
    lines = file.lines.filter(kind=StatementLine.Kind.REFUND).order_by("number")
    named = dict(lines.values_list("refund_number", "moved_at"))
    ours = Refund.objects.filter(number__in=named).values_list("number", flat=True)
    ended = Chargeback.objects.filter(channel=file.channel, dispute_number__in=named)
    ended = ended.exclude(state=Chargeback.State.OPEN)
    known = {*ours, *ended.values_list("dispute_number", flat=True)}
    return tuple((number, moved_at) for number, moved_at in named.items() if number not in known)


@transaction.atomic
def _store(channel: str, day: date, statement: Any, at: datetime) -> StatementFile:
    file, is_new = StatementFile.objects.get_or_create(
        channel=channel,
        day=day,
        defaults={
            "content": statement.content,
            "sha256": hashlib.sha256(statement.content).hexdigest(),
            "fetched_at": at,
        },
    )
    if is_new:
        lines = (_line(file, number, line) for number, line in enumerate(statement.lines, 1))
        StatementLine.objects.bulk_create(lines, batch_size=BATCH)
    return file


def _line(file: StatementFile, number: int, line: Any) -> StatementLine:
    return StatementLine(
        file=file,
        number=number,
        kind=line.kind.upper(),
        trade_number=line.trade_no,
        payment_number=line.request_no,
        refund_number=line.refund_no,
        amount=line.amount,
        moved_at=line.at,
        raw=list(line.raw),
    )


def _told(line: StatementLine) -> Told:
    return Told(line.pk, line.trade_number, line.payment_number, line.refund_number, line.amount)


def _booked(file: StatementFile, lines: Iterable[StatementLine]) -> list[Booked]:
    """What has no line so far, and whatever the lines name. A day without its statement misses nothing yet."""
    days = set(StatementFile.objects.filter(channel=file.channel).values_list("day", flat=True))
    since, until = instant(min(days)) - rules.DRIFT, instant(file.day + timedelta(days=2))
    trades, numbers, backs = (
        {getattr(line, name) for line in lines} for name in ("trade_number", "payment_number", "refund_number")
    )
    named = Q(trade_number__in=trades) | Q(number__in=numbers)
    payments = _with_marks(Payment.objects.filter(channel=file.channel, state=Payment.State.SUCCEEDED), "payment")
    payments = payments.filter(named | Q(accounted=False, paid_at__gte=since, paid_at__lt=until))
    named = Q(number__in=backs) | Q(payment__trade_number__in=trades)
    done = Refund.objects.filter(payment__channel=file.channel, state=Refund.State.SUCCEEDED, reference="")
    refunds = _with_marks(done, "refund").select_related("payment")
    refunds = refunds.filter(named | Q(accounted=False, refunded_at__gte=since, refunded_at__lt=until))
    rows = [_payment(row) for row in payments.order_by("pk")] + [_refund(row) for row in refunds.order_by("pk")]
    named = Q(dispute_number__in=backs) | Q(payment__trade_number__in=trades)
    disputes = _with_marks(chargebacks.taken(file.channel), "chargeback").select_related("payment")
    disputes = disputes.filter(named | Q(accounted=False, decided_at__gte=since, decided_at__lt=until))
    rows += [_dispute(row) for row in disputes.order_by("pk")]
    return [row if business_date(row.at + rules.DRIFT) in days else replace(row, reported=True) for row in rows]


def _with_marks(rows: "QuerySet[Any]", ours: str) -> "QuerySet[Any]":
    """`accounted` and `reported`, as the rules mean them."""
    matched = Exists(Match.objects.filter(**{ours: OuterRef("pk")}))
    differs = Exists(ReconciliationException.objects.filter(**{ours: OuterRef("pk")}, line__isnull=False))
    missing = Exists(ReconciliationException.objects.filter(**{ours: OuterRef("pk")}, line__isnull=True))
    marked: QuerySet[Any] = rows.annotate(accounted=matched | differs, reported=missing)
    return marked


def _payment(row: Any) -> Booked:
    return Booked(row.pk, row.trade_number, row.number, "", row.amount, row.paid_at, row.accounted, row.reported)


def _refund(row: Any) -> Booked:
    of, at = row.payment, row.refunded_at
    return Booked(row.pk, of.trade_number, of.number, row.number, row.amount, at, row.accounted, row.reported)


def _dispute(row: Any) -> Booked:
    of, at = row.payment, row.decided_at
    return Booked(
        row.pk, of.trade_number, of.number, row.dispute_number, row.amount, at, row.accounted, row.reported, True
    )


def _ours(row: Booked | None) -> dict[str, int]:
    if row is None:
        return {}
    if row.disputed:
        return {"chargeback_id": row.key}
    return {"refund_id": row.key} if row.refund_no else {"payment_id": row.key}


def _close_found(file: StatementFile, outcome: rules.Outcome, at: datetime) -> None:
    """What was missing on an earlier statement stands on this one."""
    found = [row for _line, row in outcome.matches] + [one.booked for one in outcome.differences if one.line]
    reported = [row for row in found if row is not None and row.reported]
    for row in reported:
        waiting = ReconciliationException.objects.select_for_update().filter(
            **_ours(row), line=None, state=ReconciliationException.State.OPEN
        )
        for one in waiting.order_by("pk"):
            _resolve(one, CAME_LATER % file.day, PLATFORM, at)


def _resolve(found: ReconciliationException, resolution: str, actor: str, at: datetime) -> None:
    found.resolve(resolution, actor, at)
    found.save(update_fields=["state", "resolution", "actor", "resolved_at"])
    events.record("difference_resolved", found, at=at, actor=actor, facts={"resolution": resolution})
