"""Every state at the admin: no post assigns another one, and no step is taken from where it is not open."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders import actions
from orders.models import Order, State
from tests import make

pytestmark = pytest.mark.django_db


def put(order: Order, state: str) -> Order:
    """Past the guard, which the test of the raw SQL holds to its table (tests/services/test_states.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_order DISABLE TRIGGER orders_order_edge")
        cursor.execute("UPDATE orders_order SET state = %s WHERE id = %s", [state, order.pk])
        cursor.execute("ALTER TABLE orders_order ENABLE TRIGGER orders_order_edge")
    return Order.objects.get(pk=order.pk)


def test_the_admin_assigns_no_state_and_takes_no_step_that_is_closed() -> None:
    order, client = make.order(State.COMPLETED, slug="mini-4", months=3), Client()  # with every date set
    client.force_login(make.operator())
    names = {row.name for row in actions.ACTIONS if row.face == actions.OPERATOR and row.run}
    change, took = reverse("admin:orders_order_change", args=[order.pk]), []
    with time_machine.travel(make.AT, tick=False):
        for source in State.values:
            there = put(order, source)
            closed = names - {one.name for one in actions.offered(actions.OPERATOR, there, make.AT)}
            posts = [(change, {"state": target, "reason": "x"}) for target in (State.ACTIVE, State.COMPLETED)]
            posts += [(reverse("admin:orders_order_act", args=[order.pk, name]), ANSWERS) for name in sorted(closed)]
            for address, told in posts:
                client.post(address, told)
                if Order.objects.get(pk=order.pk).state != source:
                    took.append((source, address, told))
                    put(order, source)
    assert took == []


ANSWERS = {
    "reason": "资料不符", "answer": "看过了，可以再来", "grounds": "看过了", "kind": "CONTACT", "how": "lost",
    "story": "x", "police": "1", "amount": "1.00", "bills": "1", "bill": "1", "part": "RENT", "reference": "x",
    "note": "x", "received_at": "2026-03-01T10:00", "at_most": "1.00", "shown": "x",
}  # fmt: skip
