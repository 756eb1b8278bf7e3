"""No state of an order is left only by a person: the table of docs/domain/clock.md, row by row, by day-ends alone."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core import calendar, jobs
from orders import jobs as order_jobs
from orders.models import Order, State
from orders.models.orders import CLOSED
from orders.services import early_returns, inspections, returns
from tests import make, walks, worked

pytestmark = pytest.mark.django_db
AT = make.AT
FINAL = {*CLOSED, State.WRITTEN_OFF}
ROWS = worked.table("clock", "The table")
DAY = timedelta(days=1)
LAST_DAY = date(2026, 6, 1)
OWN = "room-1"  # ends in owning


def test_every_state_has_a_row_every_row_a_job_and_an_edge() -> None:
    assert {row["state"] for row in ROWS} == set(State) - FINAL
    assert {row["job"] for row in ROWS} <= {job.name for job in jobs.all_jobs()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, target FROM core_stateedge WHERE machine = 'orders.order'")
        edges = set(cursor.fetchall())
    assert {(row["state"], row["then"]) for row in ROWS} <= edges


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """An order in each state before and on lease, of three months, and one that ends in owning."""
    with walks.kept(django_db_blocker):
        anne, bob = make.customer(812), make.customer(812)
        walked = {
            str(state): make.order(state, slug="mini-4", months=3, of=of).pk
            for state, of in (
                (State.ACTIVE, anne),
                (State.SHIPPED, anne),
                (State.PAID, bob),
                (State.SIGNED, bob),
                (State.APPROVED, make.customer(None)),
                (State.PLACED, make.customer(563)),
            )
        }
        own = make.order(State.ACTIVE, of=make.customer(812), slug=OWN, months=12)
        yield walked | {OWN: own.pk}


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def sending_early(order: Order) -> None:
    early_returns.open(order.pk, me(order), AT + 20 * DAY)


def sent_early_unscanned(order: Order) -> None:
    sending_early(order)
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), AT + 21 * DAY)


def sending(order: Order) -> None:
    returns.open_return(order.pk, me(order), calendar.instant(LAST_DAY, 12))


def sent_unscanned(order: Order) -> None:
    sending(order)
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), calendar.instant(LAST_DAY, 12))


def sent(order: Order) -> None:
    sent_unscanned(order)
    make.scan(order, calendar.instant(LAST_DAY, 13))


def arrived(order: Order) -> None:
    sent(order)
    inspections.arrive(order.pk, "merchant:1", calendar.instant(LAST_DAY, 14))


def nothing(order: Order) -> None:
    pass


LEFT: list[tuple[str, Callable[[Order], None]]] = [
    (State.PLACED, nothing), (State.APPROVED, nothing), (State.SIGNED, nothing), (State.PAID, nothing),
    (State.SHIPPED, nothing), (State.ACTIVE, nothing),
    (State.ACTIVE, sending_early), (State.ACTIVE, sent_early_unscanned), (State.ACTIVE, sending),
    (OWN, nothing), (State.ACTIVE, sent_unscanned), (State.ACTIVE, sent), (State.ACTIVE, arrived),
]  # fmt: skip


@pytest.mark.parametrize(("state", "step"), LEFT, ids=lambda each: each if isinstance(each, str) else each.__name__)
def test_left_to_the_clock_every_order_is_closed(
    staged: dict[str, int], state: str, step: Callable[[Order], None]
) -> None:
    order = Order.objects.get(pk=staged[state])
    step(order)
    at = AT
    for _look in range(20):
        order = walks.read(order)
        if order.state in FINAL:
            break
        at = next_look(order, at)
        day_end(at)
    assert walks.read(order).state in FINAL
    assert walks.broken() == {}


def next_look(order: Order, at: datetime) -> datetime:
    """When something is due: the end of its wait, else ten days later, and not before the lease is over."""
    if order.waits_until is not None:
        return max(at, order.waits_until)
    over = order.lease.last_day or calendar.business_date(at)
    return max(at + 10 * DAY, calendar.instant(over + 4 * DAY, 12))


def day_end(at: datetime) -> None:
    """The day's work about orders, and what it asked of providers."""
    for job in order_jobs.JOBS:
        job.run(calendar.business_date(at), at)
    make.drain(at)
