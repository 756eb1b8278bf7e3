"""The instant, the dice, and what the platform does by itself: relay, workers, couriers, the beat, business days."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.test import Client  # posts into our own site without closing this thread's connection
from django.utils.module_loading import import_string

from accounts.models import User
from core import calendar, clock, jobs
from core.errors import DomainError
from core.services import outbox
from notices.services import sending
from orders.models import Order
from orders.services import polling, statements, waits
from rental.routes import ROUTES
from sandbox.services import notices, wechat
from sandbox.visitors import TurnedAway

DONE = "done"
T = TypeVar("T")


class Stage:
    """`tally` counts what came of each act: act, outcome (a refusal's code) → times."""

    def __init__(self, seed: int, at: datetime) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same story for the same seed, no secret
        self.at = at
        self.tally: Counter[tuple[str, str]] = Counter()
        self._client = Client()

    def act(self, name: str, what: Callable[..., T], *args: Any, **more: Any) -> T | None:
        """Do it now, then what follows by itself. A refusal or a silent provider is an outcome; all else is a fault."""
        answer, outcome = None, DONE
        with clock.standing_at(self.at):
            try:
                answer = what(*args, **more)
            except DomainError as refusal:
                outcome = refusal.code
            except TurnedAway:
                outcome = "turned_away"
        self.tally[name, outcome] += 1
        self.work()
        return answer

    def happens(self, share: float) -> bool:
        return self.chance.random() < share

    def one_of(self, many: Any) -> Any:
        """One of the rows, or None."""
        rows = list(many)
        return self.chance.choice(rows) if rows else None

    def work(self, at: datetime | None = None) -> None:
        """Relay and workers do what waits; what fails is noted beside it and offered again by the sweeper."""
        with clock.standing_at(at or self.at):
            while waiting := self._published():
                for task, message_id, payload in waiting:
                    self._run(task, message_id, payload)

    def deliver(self) -> None:
        """The providers' banks and their couriers."""
        with clock.standing_at(self.at):
            wechat.settle_due(self.at)
            notices.deliver_due(self.at, notices.into(self._client))
        self.work()

    def tick(self) -> None:
        """What the beat does every minute, after whatever came in from outside."""
        self.deliver()
        with clock.standing_at(self.at):
            outbox.sweep(self.at)
            sending.send_due(self.at)
            polling.ask_open(self.at)
            waits.end_due(self.at)
        self.work()

    def business_day(self) -> None:
        """Every business day that is due, in order; then the channels' statements."""
        with clock.standing_at(self.at):
            jobs.catch_up(jobs.last_day(self.at), self.at)
            statements.reconcile_due(self.at)
        self.work()

    def come_to(self, at: datetime) -> None:
        """Time only goes on."""
        self.at = max(at, self.at + timedelta(seconds=1))

    @property
    def on(self) -> date:
        return calendar.business_date(self.at)

    def _published(self) -> list[tuple[str, int, dict[str, Any]]]:
        waiting: list[tuple[str, int, dict[str, Any]]] = []
        outbox.publish(lambda *message: waiting.append(message), ROUTES, self.at)
        return waiting

    def _run(self, task: str, message_id: int, payload: dict[str, Any]) -> None:
        outcome = DONE
        try:
            import_string(task)(message_id, payload)
        except DomainError as failed:
            outcome = failed.code
        self.tally[f"worker {task.rsplit('.', 1)[1]}", outcome] += 1


def read(order_id: int) -> Order:
    """Fresh, with what the steps look at."""
    rows = Order.objects.select_related("customer__user", "merchant", "lease__deposit", "plan__sku")
    return rows.get(pk=order_id)


def operator(login: str) -> User:
    return User.objects.get(login=login)
