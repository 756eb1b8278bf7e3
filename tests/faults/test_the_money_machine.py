"""Thousands of steps of customers, operators, providers, clock and misfortune; no fen is lost and none moves twice.

Here a small run that is the same every time. Long ones: docs/faults.md.
"""

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from billing.rules.postings import Kind
from billing.services import ledger
from core import calendar, money
from orders.models import Order, State
from orders.models.orders import CLOSED
from orders.services import cancellations
from sandbox.services import faults
from tests import walks
from tests.machine import oracle, stage
from tests.machine.disputes import Disputes
from tests.machine.operators import Operators
from tests.machine.weather import Weather

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("MACHINE_RUNS", "8"))
STEPS = int(os.environ.get("MACHINE_STEPS", "60"))
SEED = os.environ.get("MACHINE_SEED")
SOUND_EVERY = 10
ROUNDS = 4
QUIET = [timedelta(minutes=m) for m in (3, 5, 16, 62, 130, 600)] + [timedelta(days=d) for d in (1, 2)]


class Machine(Disputes, Operators, Weather):
    """A colleague's rules are one more class in this line."""

    steps = 0

    @invariant()
    def nothing_is_claimed_that_did_not_happen(self) -> None:
        self.steps += 1
        oracle.require_modest()
        self.require_by_hand()
        if self.steps % SOUND_EVERY == 0:
            oracle.require_sound()

    def require_by_hand(self) -> None:
        """What operators moved themselves is in the ledger as they moved it."""
        for channel, fen in self.by_hand.items():
            stands = ledger.account(Kind.CLEARING, channel=channel)
            assert stands.debits - stands.credits == money.from_cents(abs(fen)) * (-1 if fen < 0 else 1), channel

    def settle(self) -> None:
        faults.forget()
        stage._dies_at.clear()
        self.is_prompt = True
        for by in QUIET:
            cache.clear()
            self.pass_time(by)
        self.come_to(calendar.business_date(self.at) + timedelta(days=1))
        self.reconcile()
        self.pass_time(timedelta(hours=10))
        for _ in range(ROUNDS):  # an order's wait that ended just now has begun a refund, and a bank takes its time
            if not oracle.is_anything_under_way():
                break
            self.pass_time(timedelta(minutes=3))
        oracle.require_sound()
        oracle.require_nothing_waits(self.at)
        oracle.require_agreed()
        if not self.has_lied:
            oracle.require_nothing_differs()
        self.require_by_hand()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[stage.World]:
    with walks.kept(django_db_blocker), stage.world() as made:
        yield made


def test_money_moves_once_whatever_happens(world: stage.World) -> None:
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=SEED is None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if os.environ.get("MACHINE_SHRINKS") else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run = seed(int(SEED))(Machine) if SEED else Machine
    run_state_machine_as_test(run, settings=how)
    for (act, outcome), count in sorted(world.tally.items()):
        sys.stdout.write(f"{act:24} {outcome:28} {count}\n")


# the machine itself can fail


@pytest.fixture
def machine(world: stage.World) -> Iterator[Machine]:
    made = Machine()
    yield made
    made._ground.__exit__(stage.Died, stage.Died(), None)


def test_by_the_usual_steps_an_order_comes_to_its_end(machine: Machine) -> None:
    """So that the random runs above have a way to everything: to the deposit's release and the last refund."""
    machine.place(who=4, offer=0, term=0, kind="PAID", twice=True)
    last = Order.objects.latest("pk")
    for _ in range(12):
        under_way = [pk for state, pks in machine.standing.items() if state not in CLOSED for pk in pks]
        if last.pk in under_way:
            machine.go_on(pick=under_way.index(last.pk), steps=4)
    assert Order.objects.get(pk=last.pk).state == State.COMPLETED
    machine.settle()
    assert machine.world.times("inspect") > 0


PLANTED = {
    "money back that nobody intended": "UPDATE sandbox_refund SET out_request_no = 'X' || out_request_no",
    "another amount back": "UPDATE sandbox_refund SET amount = amount + 1",
    "money there under another number": "UPDATE sandbox_trade SET out_trade_no = 'X' || trade_no",
    "more posted than came in": "UPDATE sandbox_trade SET paid_at = NULL",
    "a release of another amount": "UPDATE sandbox_release SET amount = amount - 1",
}


@pytest.mark.parametrize("what", PLANTED)
def test_the_oracle_sees(machine: Machine, what: str) -> None:
    order = machine.one(0, State.PAID)
    cancellations.cancel(order.pk, "operator:1", "test", machine.at)
    machine.pass_time(timedelta(minutes=5))
    oracle.require_modest()
    oracle.require_agreed()
    with connection.cursor() as cursor:
        cursor.execute(PLANTED[what])
        assert cursor.rowcount > 0
    with pytest.raises(AssertionError):
        oracle.require_modest()
