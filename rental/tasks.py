"""What runs by the clock (beat table: rental/celery.py). Each looks for due rows, none is the guarantee."""

from celery import shared_task
from django.conf import settings

from core import clock, demo, jobs
from core.services import outbox
from notices.services import sending
from orders.services import polling, statements, waits

DAY_END_LIMIT_S = 3000  # below the broker's visibility timeout; a day that takes longer is taken up by the next beat


@shared_task(name="rental.tasks.sweep_outbox")
def sweep_outbox() -> None:
    """Lost work is offered again; deferred messages whose hour has come go out."""
    at = clock.now()
    outbox.sweep(at)
    sending.send_due(at)


@shared_task(name="rental.tasks.ask_providers")
def ask_providers() -> None:
    """No notice is guaranteed: ask about what is still open."""
    polling.ask_open(clock.now())


@shared_task(name="rental.tasks.end_waits")
def end_waits() -> None:
    waits.end_due(clock.now())


@shared_task(name="rental.tasks.reconcile")
def reconcile() -> None:
    """The channels' statements of the last days, as soon as each is out; in the demo once its past stands."""
    if demo.progress() is None:
        statements.reconcile_due(clock.now())


@shared_task(name="rental.tasks.business_day", time_limit=DAY_END_LIMIT_S)
def business_day() -> None:
    """Run every business day that has not run, in order, up to today; from 10:00, when people may be written to.

    Where something is left to do, other workers are called to share it; without them it is done alone.
    """
    at = clock.now()
    until = jobs.last_day(at)
    if not jobs.is_whole(until):
        for _other in range(1, settings.DAY_END_RUNNERS):
            join_business_day.delay()
    jobs.catch_up(until, at)


@shared_task(name="rental.tasks.join_business_day", time_limit=DAY_END_LIMIT_S)
def join_business_day() -> None:
    """Do a share of what `business_day` does, at the same time."""
    at = clock.now()
    jobs.join(jobs.last_day(at), at)
