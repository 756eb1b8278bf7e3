"""The outbox: work commits with its change, is published at least once, takes effect once, is never lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from core.consumers import consumer
from core.models import Consumed, Holiday, OutboxMessage
from core.services import outbox
from tests import make

pytestmark = pytest.mark.django_db
AT = make.AT
ROUTES = {"a": "tasks.a", "b": "tasks.b"}


class Broker:
    """Remembers what was sent; `fails_at` loses the connection at that message."""

    def __init__(self, fails_at: int = 0) -> None:
        self.sent: list[tuple[str, int, dict[str, Any]]] = []
        self.fails_at = fails_at

    def __call__(self, task: str, message_id: int, payload: dict[str, Any]) -> None:
        if len(self.sent) + 1 == self.fails_at:
            raise OSError("connection lost")
        self.sent.append((task, message_id, payload))


def effect(day: str = "2026-01-01") -> Callable[[], None]:
    def act() -> None:
        Holiday.objects.create(day=day, working=False, name=f"{Holiday.objects.count()}")

    return act


def put(topic: str = "a", **payload: Any) -> OutboxMessage:
    return outbox.put(topic, **(payload or {"id": 1}))


# put and publish


def test_work_disappears_with_the_change_that_failed() -> None:
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_work_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        put()


def test_messages_are_published_once_in_their_order_to_their_tasks() -> None:
    first, second = put("a", id=1), put("b", id=2)
    broker = Broker()
    assert outbox.publish(broker, ROUTES, AT) == 2
    assert outbox.publish(broker, ROUTES, AT) == 0
    assert broker.sent == [("tasks.a", first.pk, {"id": 1}), ("tasks.b", second.pk, {"id": 2})]
    assert set(OutboxMessage.objects.values_list("published_at", "attempts")) == {(AT, 1)}


def test_a_broker_that_breaks_in_the_middle_leaves_all_to_be_published_again() -> None:
    put(), put()
    with pytest.raises(OSError, match="connection lost"):
        outbox.publish(Broker(fails_at=2), ROUTES, AT)
    assert OutboxMessage.objects.filter(published_at=None, attempts=0).count() == 2
    assert outbox.publish(Broker(), ROUTES, AT) == 2


def test_a_topic_without_a_route_stops_nobody_and_is_given_up_at_last() -> None:
    lost, fine = put("unheard of"), put("b")
    broker = Broker()
    outbox.publish(broker, ROUTES, AT)
    assert [message_id for _task, message_id, _payload in broker.sent] == [fine.pk]
    lost.refresh_from_db()
    assert lost.error == "no route for this topic"
    at = AT
    for _ in range(outbox.MOST_ATTEMPTS + 1):
        at += timedelta(days=1)
        outbox.sweep(at)
        outbox.publish(broker, ROUTES, at)
    lost.refresh_from_db()
    assert lost.dead_at is not None
    assert lost.attempts == outbox.MOST_ATTEMPTS


def test_a_batch_is_bounded() -> None:
    for _ in range(5):
        put()
    assert outbox.publish(Broker(), ROUTES, AT, most=3) == 3
    assert outbox.publish(Broker(), ROUTES, AT, most=3) == 2


# consume


@pytest.mark.parametrize("own_commits", [True, False])
def test_a_message_delivered_twice_takes_effect_once(own_commits: bool) -> None:
    message = put()
    ran = [outbox.consume(message.pk, "c", effect(), at=AT, own_commits=own_commits) for _ in range(3)]
    assert ran == [True, False, False]
    assert Holiday.objects.count() == 1
    message.refresh_from_db()
    assert message.done_at == AT


def test_two_consumers_of_one_message_each_take_effect() -> None:
    message = put()
    for name, day in (("c", "2026-01-01"), ("d", "2026-01-02")):
        assert outbox.consume(message.pk, name, effect(day), at=AT, own_commits=False)
    assert Holiday.objects.count() == 2


def test_an_effect_that_fails_leaves_neither_effect_nor_mark() -> None:
    message = put()

    def fail() -> None:
        effect()()
        raise LookupError

    with pytest.raises(LookupError):
        outbox.consume(message.pk, "c", fail, at=AT, own_commits=False)
    assert not Holiday.objects.exists()
    assert not Consumed.objects.exists()
    assert outbox.consume(message.pk, "c", effect(), at=AT, own_commits=False)


def test_a_failing_task_is_noted_beside_its_message_and_raises() -> None:
    message = put()

    @consumer()
    def doomed(at: Any) -> None:
        raise LookupError("no such thing")

    with pytest.raises(LookupError):
        doomed(message.pk, {})
    message.refresh_from_db()
    assert (message.error, message.done_at) == ("LookupError: no such thing", None)


# sweep


def published(attempts: int = 1, **fields: Any) -> OutboxMessage:
    message = put()
    OutboxMessage.objects.filter(pk=message.pk).update(published_at=AT, attempts=attempts, **fields)
    return message


def waits_again(message: OutboxMessage) -> bool:
    return OutboxMessage.objects.filter(pk=message.pk, published_at=None, dead_at=None).exists()


def test_work_that_did_not_finish_in_two_minutes_is_offered_again() -> None:
    message = published()
    assert outbox.sweep(AT + timedelta(minutes=2)) == 0
    assert not waits_again(message)
    assert outbox.sweep(AT + timedelta(minutes=2, seconds=1)) == 1
    assert waits_again(message)


def test_finished_work_is_not_offered_again() -> None:
    published(done_at=AT)
    assert outbox.sweep(AT + timedelta(days=9)) == 0


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 2), (2, 4), (3, 8), (9, 512), (11, 512)])
def test_each_further_offer_waits_twice_as_long_up_to_a_bound(attempts: int, minutes: int) -> None:
    published(attempts)
    assert outbox.sweep(AT + timedelta(minutes=minutes)) == 0
    assert outbox.sweep(AT + timedelta(minutes=minutes, seconds=1)) == 1


def test_poison_is_given_up_visibly_and_published_no_more() -> None:
    message = published(outbox.MOST_ATTEMPTS)
    at = AT + timedelta(days=2)
    assert outbox.sweep(at) == 0
    message.refresh_from_db()
    assert message.dead_at == at
    assert outbox.publish(Broker(), ROUTES, at) == 0


def test_a_worker_that_died_with_its_task_is_followed_by_another() -> None:
    """Taken and killed: the sweep offers it, the next worker does it, the dead one's copy comes late."""
    message = put()
    broker = Broker()
    outbox.publish(broker, ROUTES, AT)
    later = AT + timedelta(minutes=3)
    outbox.sweep(later)
    outbox.publish(broker, ROUTES, later)
    assert [message_id for _task, message_id, _payload in broker.sent] == [message.pk, message.pk]
    assert outbox.consume(message.pk, "c", effect(), at=later, own_commits=False)
    assert not outbox.consume(message.pk, "c", effect(), at=later, own_commits=False)
    assert outbox.sweep(later + timedelta(days=1)) == 0
