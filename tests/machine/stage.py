"""The stage of the money machine: a world made by the real services, an instant, and what the platform does by itself.

Everything is real but the paper (printing and signing one takes seconds, and no money moves by it): rows, locks,
ledger, outbox, adapters, and the sandbox behind them, reached by HTTP in this process. Each run is rolled back.
"""

import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import stamina
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils.module_loading import import_string
from hypothesis.stateful import RuleBasedStateMachine, precondition

from accounts.models import Address, Customer
from billing.models import Bill, PaymentChannel
from billing.services import settlements
from catalog.models import LeasePlan
from catalog.services import units
from contracts.models import Agreement
from contracts.paper import render
from contracts.services import agreements
from core import calendar, clock, faults, jobs
from core.errors import DomainError
from core.services import outbox
from integrations import http
from orders.models import Order, State
from orders.services import polling, statements, waits
from rental.routes import ROUTES
from sandbox import keys as sandbox_keys
from sandbox.services import notices, wechat
from sandbox.visitors import TurnedAway
from tests import make

START = make.AT + timedelta(hours=2)
SCORES = {"vouched": 812, "partly": 726, "unknown": None, "looked at": 580, "vouched too": 790}


class Died(BaseException):
    """The process was killed at a named point: nothing that was not committed is left (core/faults.py)."""


@dataclass
class World:
    """What every run begins with. `tally` counts what came of each act over all runs."""

    people: list[Customer]
    homes: dict[int, Address]
    phones: dict[int, str]
    plans: list[LeasePlan]
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)

    def times(self, act: str, outcome: str = "done") -> int:
        return self.tally[act, outcome]


WORLD: list[World] = []  # the one that stands now: hypothesis makes its machines without arguments


@contextmanager
def world() -> Iterator[World]:
    """People of every credit standing, two merchants' offers, and orders half-way: signed, paid, on lease."""
    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=http.ATTEMPTS):
        patch.setattr(render, "agreement", lambda terms: f"%PDF unsigned {terms.number}".encode())
        patch.setattr(agreements, "make_signatures", _signed)
        patch.setattr(faults, "point", _point)
        logging.disable(logging.WARNING)  # every request would be a line
        sandbox_keys.make_all()
        PaymentChannel.objects.update(is_open=True)
        WORLD.append(_peopled())
        yield WORLD[0]
        WORLD.clear()
        logging.disable(logging.NOTSET)


def _signed(agreement_id: int, at: datetime) -> bytes | None:
    wanted = Agreement.objects.filter(pk=agreement_id, state=Agreement.State.SIGNING).first()
    return f"%PDF signed {wanted.number}".encode() if wanted else None


def _peopled() -> World:
    people = [make.customer(score) for score in SCORES.values()]
    plans = [make.plan("mini-4"), make.plan("w3")]
    for plan in plans:
        for n in range(60):  # nobody waits for a device here
            units.add(plan.merchant, plan.sku, f"{plan.sku_id}-{n:05d}", "", make.AT)
        settlements.set_commission(
            plan.merchant, Decimal("0.0500"), calendar.business_date(make.AT).replace(day=1), make.operator()
        )
    for state, of in ((State.ACTIVE, 0), (State.ACTIVE, 1), (State.SIGNED, 1), (State.PAID, 2)):
        make.order(state, slug="mini-4", months=3, of=people[of])
    homes = {one.pk: make.address(one) for one in people}
    return World(people, homes, {one.pk: make.phone_of(one, make.AT) for one in people}, plans)


_dies_at: list[str] = []


def _point(name: str) -> None:
    if name in _dies_at:
        _dies_at.remove(name)
        raise Died(name)


def among(*states: str) -> Any:
    """The rule is possible while an order stands in one of the states."""
    return precondition(lambda self: any(self.standing.get(state) for state in states))


class Stage(RuleBasedStateMachine):
    """Its rules come from the classes beside it (tests/faults/test_the_money_machine.py lists them)."""

    def __init__(self) -> None:
        super().__init__()
        self.world = WORLD[0]
        self.at = START
        self.is_prompt = True  # workers do what waits at once; else only when their rule comes
        self.pages: list[tuple[str, str]] = []  # what lies open in customers' browsers: address and phone
        self.by_hand: Counter[str] = Counter()  # fen that operators moved themselves, by channel
        self.has_lied = False  # a statement was spoilt, or a notice told a wrong amount
        _dies_at.clear()
        cache.clear()
        clock.forget()
        self._ground = transaction.atomic()
        self._ground._from_testcase = True  # type: ignore[attr-defined] # as the test's own: providers may be called in it
        self._ground.__enter__()
        self.look()

    # acting

    def act(self, name: str, what: Callable[[], Any]) -> Any:
        """Do it now. A refusal, a provider's silence and a death are outcomes; any other error is a fault."""
        answer, outcome = None, "done"
        with make.moment(self.at):
            try:
                answer = what()
            except DomainError as refusal:
                outcome = refusal.code
            except TurnedAway:
                outcome = "turned_away"
            except Died:
                outcome = "died"
        self.world.tally[name, outcome] += 1
        if self.is_prompt:
            self.work()
        self.look()
        return answer

    def look(self) -> None:
        """Which orders stand where, for the rules' preconditions."""
        self.standing: dict[str, list[int]] = {}
        for state, pk in Order.objects.order_by("pk").values_list("state", "pk"):
            self.standing.setdefault(state, []).append(pk)

    def one(self, pick: int, *states: str) -> Order:
        """One of the orders in these states."""
        found = [pk for state in states for pk in self.standing.get(state, ())]
        return Order.objects.select_related("customer__user", "merchant", "lease__deposit", "plan").get(
            pk=found[pick % len(found)]
        )

    def dies_at(self, point: str) -> None:
        """The next process that comes to this point is killed there."""
        _dies_at[:] = [point]

    # what goes on by itself

    def work(self) -> None:
        """Relay and workers do what waits; what fails is noted there and offered again by the sweeper."""
        with make.moment(self.at):
            while waiting := self._published():
                for task, message_id, payload in waiting:
                    try:
                        import_string(task)(message_id, payload)
                        outcome = "done"
                    except (DomainError, Died) as failed:
                        outcome = type(failed).__name__
                    self.world.tally[task.rsplit(".", 1)[1], outcome] += 1
        self.look()

    def _published(self) -> list[tuple[str, int, dict[str, Any]]]:
        waiting: list[tuple[str, int, dict[str, Any]]] = []
        try:
            outbox.publish(lambda *message: waiting.append(message), ROUTES, self.at)
        except Died:
            pass  # sent and not marked: offered again
        return waiting

    def post(self) -> None:
        """The providers' banks and their couriers do what is due."""
        with make.moment(self.at):
            wechat.settle_due(self.at)
            try:
                notices.deliver_due(self.at, notices.into(Client()))
            except Died:
                pass  # the courier heard nothing: it posts again

    def post_and_work(self) -> None:
        self.post()
        self.work()

    def beat(self) -> None:
        """What the beat table does every minute."""
        with make.moment(self.at):
            for each in (outbox.sweep, polling.ask_open, waits.end_due):
                try:
                    each(self.at)
                except Died:
                    pass  # the next beat takes it up
        if self.is_prompt:
            self.work()

    def pass_time(self, by: timedelta) -> None:
        self.at += by
        self.post()
        self.beat()

    def come_to(self, day: date, hour: int = 10) -> None:
        """Time goes on to that day; the jobs run on each day on which a bill falls due or a month begins."""
        today = calendar.business_date(self.at)
        due = Bill.objects.filter(state=Bill.State.OPEN, due_date__gt=today, due_date__lt=day)
        days = {one for one in due.values_list("due_date", flat=True) if one}
        days |= {first for n in range(1, 13) if (first := calendar.add_months(today.replace(day=1), n)) < day}
        self.at = max(self.at, calendar.instant(day, hour, 5))
        with make.moment(self.at):
            try:
                for on in sorted(days):
                    jobs.run_day(on, self.at)
                jobs.catch_up(jobs.last_day(self.at), self.at)
            except Died:
                pass  # the day is taken up where it broke off
        self.post()
        self.beat()
        self.look()

    def reconcile(self) -> None:
        """Every statement that is out and was not taken."""
        self.act("reconcile", lambda: statements.reconcile_due(self.at))

    # the end of a run

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.settle()
        finally:
            self._ground.__exit__(Died, Died(), None)

    def settle(self) -> None:
        """Faults end and time goes on, until every question has its answer."""
        raise NotImplementedError
