"""Business days as the desk shows them: each job with its shards, how far it is, and what went wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import jobs
from core.models import JobRun, Mishap

Text = str | Promise
SHOWN = 31
NAMES: dict[str, Text] = {
    "billing.due": _("Rents fall due"),
    "accounts.identity": _("Identity checks without an answer"),
    "end-waits": _("Waits that are over"),
    "rescue-bookings": _("Bookings whose device is late"),
    "billing.freezes": _("Freezes of deposits"),
    "day-rents": _("Day rents of devices that are kept"),
    "billing.late_deposits": _("Deposits that are late"),
    "lease-ends": _("Leases that end soon"),
    "end-decisions": _("Credit decisions of who is behind"),
    "billing.balance": _("Credit balances"),
    "billing.autopay": _("Automatic payment"),
    "billing.extensions": _("Extension plans"),
    "arrears.cases": _("Arrears and promises"),
    "titles": _("Devices that become the customer's"),
    "billing.reminders": _("Reminders"),
    "settle": _("Orders to complete"),
    "end-guarantees": _("Guarantees that end"),
    "accounts.retention": _("What was kept long enough"),
    "billing.settlements": _("Merchants' statements"),
}
COUNTED: dict[str, Text] = {
    "charged": _("rents that fell due"),
    "given_up": _("identity checks given up"),
    "looked at": _("waits ended"),
    "moved": _("bookings moved to another device"),
    "waiting": _("bookings that wait for their device"),
    "cancelled": _("bookings cancelled"),
    "billed": _("day rents billed"),
    "given up": _("devices given up"),
    "freezes dated": _("freezes given an end"),
    "freezes ended": _("freezes ended by the provider"),
    "freezes that end soon": _("customers told that a freeze ends"),
    "late deposits": _("customers told that a deposit is late"),
    "told": _("customers told that their lease ends"),
    "decisions ended": _("credit decisions ended"),
    "balances used": _("credit balances used"),
    "ended": _("automatic payments ended"),
    "tried": _("automatic payments tried"),
    "announced": _("automatic payments announced"),
    "plans kept": _("extension plans kept"),
    "plans broken": _("extension plans broken"),
    "cases opened": _("cases opened"),
    "cases closed": _("cases closed"),
    "promises kept": _("promises kept"),
    "calls without an outcome": _("calls without an outcome"),
    "requests left to a supervisor": _("requests for relief left to a supervisor"),
    "pauses granted": _("pauses granted because nobody answered"),
    "promises broken": _("promises broken"),
    "visits without a report": _("visits that nobody reported, ended"),
    "titles passed": _("devices passed to their customers"),
    "reminded": _("bills reminded of"),
    "completed": _("orders completed"),
    "guarantees ended": _("guarantees ended"),
    "erased": _("papers and contacts erased"),
    "marks": _("browser marks erased"),
    "statements issued": _("merchants' statements issued"),
    "merchants without commission": _("merchants without a commission, not settled"),
}


@dataclass(frozen=True)
class State:
    """In a word; `is_over`: nothing moves on its page any more."""

    word: Text
    tone: str
    is_over: bool = True


DONE = State(_("Done"), "ok")
MENDING = State(_("Done, but for mishaps"), "late")
UNDER_WAY = State(pgettext_lazy("business day", "Under way"), "wait", is_over=False)
BROKEN_OFF = State(_("Broken off"), "late")
WAITS = State(pgettext_lazy("business day", "Not begun"), "")


@dataclass(frozen=True)
class Line:
    """A job of a day, all its shards together. `done`: items looked at so far."""

    name: Text
    state: State
    shards: int
    ended: int
    done: int
    took_ms: int | None
    counts: list[tuple[Text, int]]


@dataclass(frozen=True)
class Day:
    """A business day. `mishaps`: how many are open."""

    on: date
    state: State
    lines: list[Line]
    mishaps: int

    @property
    def ended(self) -> int:
        """Jobs all of whose shards ended."""
        return sum(line.ended == line.shards for line in self.lines)

    @property
    def took_ms(self) -> int | None:
        """All runners together; None where nobody measured."""
        known = [line.took_ms for line in self.lines if line.took_ms is not None]
        return sum(known) if known else None

    @property
    def counts(self) -> list[tuple[Text, int]]:
        return [count for line in self.lines for count in line.counts]


def latest(before: date | None) -> tuple[list[Day], date | None]:
    """The last days before `before`, newest first, and the day before which the next ones are."""
    known = JobRun.objects.all() if before is None else JobRun.objects.filter(day__lt=before)
    days = list(known.values_list("day", flat=True).distinct().order_by("-day")[: SHOWN + 1])
    return of(days[:SHOWN]), days[SHOWN - 1] if len(days) > SHOWN else None


def of(days: Sequence[date]) -> list[Day]:
    """Three queries, however many; newest first."""
    rows = JobRun.objects.filter(day__in=days).order_by("-day", "job", "shard")
    in_hand = jobs.being_done(rows)
    open_ = Mishap.objects.filter(day__in=days, cleared_at=None).values_list("day").annotate(count=Count("pk"))
    mishaps = dict(open_)
    return [_day(on, list(runs), in_hand, mishaps.get(on, 0)) for on, runs in groupby(rows, key=lambda run: run.day)]


def counted(runs: Iterable[JobRun]) -> list[tuple[Text, int]]:
    """What they counted together, in words, nothing for a zero."""
    sums: dict[str, int] = {}
    for run in runs:
        for name, count in run.counts.items():
            sums[name] = sums.get(name, 0) + count
    return [(COUNTED.get(name, name), count) for name, count in sums.items() if count]


def _day(on: date, runs: list[JobRun], in_hand: set[int], mishaps: int) -> Day:
    turn = {job.name: place for place, job in enumerate(jobs.all_jobs())}
    runs.sort(key=lambda run: (turn.get(run.job, len(turn)), run.job, run.shard))
    lines = [_line(list(shards), in_hand) for _job, shards in groupby(runs, key=lambda run: run.job)]
    state = _state(runs, in_hand)
    return Day(on, MENDING if state is DONE and mishaps else state, lines, mishaps)


def _line(shards: list[JobRun], in_hand: set[int]) -> Line:
    known = [run.took_ms for run in shards if run.took_ms is not None]
    return Line(
        name=NAMES.get(shards[0].job, shards[0].job),
        state=_state(shards, in_hand),
        shards=len(shards),
        ended=sum(run.finished_at is not None for run in shards),
        done=sum(run.done for run in shards),
        took_ms=sum(known) if known else None,
        counts=counted(shards),
    )


def _state(runs: list[JobRun], in_hand: set[int]) -> State:
    if all(run.finished_at for run in runs):
        return DONE
    if any(run.pk in in_hand for run in runs):
        return UNDER_WAY
    return BROKEN_OFF if any(run.started_at for run in runs) else WAITS
