"""Doing things at the same moment: threads with connections of their own, and a child process that may be killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections

from core.errors import DomainError

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_S = 60


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each act gave, all set off together; a refusal of the domain is an answer, anything else is raised."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(PATIENCE_S)
        try:
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def meeting(count: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, but every caller waits until all `count` of them have come so far: the race is certain, not lucky."""
    barrier = threading.Barrier(count)

    def together(*args: Any, **named: Any) -> Any:
        barrier.wait(PATIENCE_S)
        return act(*args, **named)

    return together


def child(work: str, pk: int, at: datetime, fault: str = "", *, module: str = "tests.faults.together") -> int:
    """Run the function `work` of `module` in another process on the test's database; its exit status.

    137 when it was killed at the point `fault`.
    """
    from tests import database  # needs Django set up, which a child does later

    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database.url(),
        "FAULT": fault,
    }
    command = [sys.executable, "-m", module, work, str(pk), at.isoformat()]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=PATIENCE_S)
    return done.returncode


# what a child does


def sign(pk: int, at: datetime) -> None:
    from orders.services import signing

    signing.complete(pk, at)


def paper(pk: int, at: datetime) -> None:
    from orders.services import addenda

    addenda.make(pk, at)


def relay(pk: int, at: datetime) -> None:
    """Publish everything that waits; each message is worked on at once, by a worker quicker than the relay."""
    from django.utils.module_loading import import_string

    from core.services import outbox
    from rental.routes import ROUTES

    def send(task: str, message_id: int, payload: dict[str, Any]) -> None:
        def work() -> None:
            import_string(task)(message_id, payload)
            connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        sent.append(thread)

    sent: list[threading.Thread] = []
    outbox.publish(send, ROUTES, at)


def day(pk: int, at: datetime) -> None:
    """The jobs of the business day of `at`."""
    from core import calendar, jobs

    jobs.run_day(calendar.business_date(at), at)


def post(pk: int, at: datetime) -> None:
    """The web server takes a notice of the sandbox."""
    from django.test import Client

    from sandbox.models import OutgoingNotice
    from sandbox.services import notices

    OutgoingNotice.objects.exclude(pk=pk).update(due_at=None)
    notices.deliver_due(at, notices.into(Client()))


def place(pk: int, at: datetime) -> None:
    """The customer orders the only offer, under one key however often."""
    from accounts.models import Customer
    from catalog.models import LeasePlan
    from core import calendar
    from orders.services import checkout

    customer, plan = Customer.objects.get(pk=pk), LeasePlan.objects.get()
    cost = checkout.quote(customer, plan, 3, calendar.business_date(at))
    checkout.place(customer, plan.pk, 3, customer.addresses.get(), cost.digest, "the key", at)


def work(pk: int, at: datetime) -> None:
    """What a worker does with one message."""
    from django.utils.module_loading import import_string

    from core.models import OutboxMessage
    from rental.routes import ROUTES

    message = OutboxMessage.objects.get(pk=pk)
    import_string(ROUTES[message.topic])(message.pk, message.payload)


if __name__ == "__main__":
    import django
    import time_machine

    django.setup()
    moment = datetime.fromisoformat(sys.argv[3])
    with time_machine.travel(moment, tick=False):
        globals()[sys.argv[1]](int(sys.argv[2]), moment)
