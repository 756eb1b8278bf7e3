"""What the demo tells: every state of an order's diagram, and open work for each merchant. The ends are walked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

import pytest

from billing.models import Chargeback
from core import seals
from orders.models import Order, State
from orders.services import risks
from rental.demo import cast, seed, walk
from rental.demo.life import Goes, Life, Rental, Story
from rental.demo.stories import STORIES
from tests import walks
from tests.quick_paper import quick_paper

UNTIL = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # Friday 16:00 in Shanghai
ENDS = {
    Rental("r5-kit", 3, goes="placed", hours_ago=5): (566, State.PLACED),
    Rental("kid-8", 12, goes="papers", hours_ago=5): (566, State.PLACED),
    Rental("room-1", 24, goes="visit_today", hours_ago=20): (566, State.PLACED),
    Rental("note-13", 24, 0, 2, "visited"): (566, State.SHIPPED),
    Rental("pro-16", 12, 0, 3, "refused"): (552, State.REFUSED),
    Rental("lite-14", 12, goes="approved", hours_ago=4): (584, State.APPROVED),
    Rental("air-3", 6, goes="signed", hours_ago=3): (571, State.SIGNED),
    Rental("pods-max", 12, goes="paid", hours_ago=47.6): (716, State.PAID),
    Rental("bar-5", 12, 0, 3, "shipped"): (676, State.SHIPPED),
    Rental("nano", 3, 1, 0): (700, State.ACTIVE),
    Rental("act-9", 3, 3, -1, "unsent", habit="ahead"): (729, State.RETURNING),
    Rental("tele-200", 3, 3, -5, "at_limit", habit="ahead"): (752, State.INSPECTING),
    Rental("act-9", 3, 3, 8, habit="ahead", paid_to=2): (643, State.SETTLING),
    Rental("act-9", 3, 4, 8, habit="ahead", paid_to=2): (812, State.WRITTEN_OFF),
    Rental("mini-4", 3, 3, 8, habit="ahead"): (655, State.COMPLETED),
    Rental("q7-max", 12, 0, 9, "changed_mind"): (791, State.CANCELLED),
}


@pytest.fixture(scope="module")
def ends(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[dict[Rental, str]]:
    """Where each rental of ENDS came to, each lived by somebody of his own."""
    with walks.kept(django_db_blocker):
        seed.stage(UNTIL)
        yield {rental: _lived(story, rental, score) for story, (rental, (score, _)) in zip(STORIES, ENDS.items())}  # noqa: B905


def _lived(like: Story, rental: Rental, score: int) -> str:
    role = cast.PersonRole(like.role.phone, like.role.name, like.role.id_number, score, "")
    with walk.unseen(), quick_paper():
        Life(Story(role, (rental,)), UNTIL).walk()
    index = seals.blind_index("phone", role.phone)
    return str(Order.objects.get(customer__user__phone_index=index).state)


@pytest.mark.django_db
def test_every_state_of_the_diagram_is_lived(ends: dict[Rental, str]) -> None:
    assert ends == {rental: state for rental, (_score, state) in ENDS.items()}
    assert set(ends.values()) == set(State)


@pytest.mark.django_db
def test_payers_dispute_what_they_paid_and_the_platform_decides(ends: dict[Rental, str]) -> None:
    disputing = Rental("mini-4", 3, 2, 12, habit="ahead", disputes=((2, True), (3, None)))
    assert _lived(STORIES[len(ENDS)], disputing, 701) == State.ACTIVE
    assert list(Chargeback.objects.order_by("pk").values_list("state", flat=True)) == ["LOST", "OPEN"]
    told = {ends for story in STORIES for rental in story.rentals for _bill, ends in rental.disputes}
    assert told == {True, False, None}


def test_the_stories_take_every_way_there_is() -> None:
    told = {rental.goes for story in STORIES for rental in story.rentals}
    assert told == set(get_args(Goes))


def test_open_work_waits_for_each_merchant() -> None:
    of = {role.slug: role.merchant for role in cast.MODELS}
    ways: dict[str, set[str]] = {role.login: set() for role in cast.MERCHANTS}
    for rental in (rental for story in STORIES for rental in story.rentals):
        ways[of[rental.slug]].add(rental.goes)
    open_work = {"placed", "paid", "unsent", "uninspected", "at_limit", "promised"}
    assert {login: open_work - told for login, told in ways.items() if open_work - told} == {}


def test_leases_began_in_every_month_of_the_past_year() -> None:
    assert set(range(13)) <= {rental.months_ago for story in STORIES for rental in story.rentals}
    assert 70 <= len(STORIES) <= 100


@pytest.mark.django_db
def test_the_third_order_in_two_days_waits_for_a_person(ends: dict[Rental, str]) -> None:
    """By the rule that the demo has in force; who looks reads why."""
    [told] = [story for story in STORIES if story.role.story.startswith("the third order in two days")]
    with walk.unseen(), quick_paper():
        Life(told, UNTIL).walk()
    orders = list(Order.objects.filter(customer__user__phone_index=seals.blind_index("phone", told.role.phone)))
    held = max(orders, key=lambda order: order.pk)
    assert sorted(order.state for order in orders) == [State.PAID, State.PAID, State.PLACED]
    assert (held.state, [hit.kind for hit in held.risk_hits.all()]) == (State.PLACED, ["MANY_LEASES"])
    assert [order.pk for order in orders if risks.is_held(order)] == [held.pk]
    assert "3" in risks.explain(held.risk_hits.get())
