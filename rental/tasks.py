"""What runs by the clock (beat table: rental/celery.py). Each looks for due rows, none is the guarantee."""

from celery import shared_task

from core import clock, demo, jobs
from core.services import outbox
from notices.services import sending
from orders.services import polling, statements, waits


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


@shared_task(name="rental.tasks.business_day")
def business_day() -> None:
    """Run every business day that has not run, in order, up to today; from 10:00, when people may be written to."""
    at = clock.now()
    jobs.catch_up(jobs.last_day(at), at)
