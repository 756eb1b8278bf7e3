"""The demo's past: offers that the real guard lets pass, and lives walked by the real services."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import MerchantMember, User
from billing.models import Allocation, Bill, MerchantStatement, Refund, SettlementLine
from catalog.models import DeviceType, LeasePlan
from core import calendar, clock
from core.models import JobRun, OutboxMessage
from notices.models import Message
from orders.models import Order, State
from rental.demo import cast, histories, seed, stories
from rental.demo.life import Rental, Story
from rental.demo.stories import STORIES
from rental.management.commands import demo_accounts
from sandbox.services import sms
from tests import walks

UNTIL = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # Friday 16:00 in Shanghai


def _story(name: str, *rentals: Rental, score: int = 726) -> Story:
    like = next(story for story in STORIES if story.role.name == name)
    return Story(like.role, rentals or like.rentals)


SHORT = (
    _story("程远舟", Rental("mini-4", 3, 4, 10, habit="late")),  # completed, each rent with a late fee
    _story("金陵", Rental("fold-5", 12, 0, 20, "tired_of_waiting")),  # paid, cancelled, refunded
    _story("俞曼"),  # waits for the operator
)


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The stage and three lives, with what was said meanwhile."""
    said: list[str] = []
    with walks.kept(django_db_blocker):
        seed.stage(UNTIL)
        histories.fill(UNTIL, said.append, SHORT)
        yield said


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("filled")]


def test_every_model_of_the_cast_is_published() -> None:
    published = set(LeasePlan.objects.filter(state="PUBLISHED").values_list("sku__device_model__slug", flat=True))
    assert published == {role.slug for role in cast.MODELS}
    assert len(published) >= 40
    assert {role.type_code for role in cast.MODELS} == set(DeviceType.objects.values_list("code", flat=True))
    assert MerchantMember.objects.values("merchant").distinct().count() == 3
    assert User.objects.get(login="xingyun-dai").check_password(cast.PASSWORD)


def test_each_history_ends_as_it_is_told() -> None:
    ends = {order.customer.user.phone_index: (order.state, order.reason) for order in Order.objects.all()}
    assert sorted(ends.values()) == [
        (State.CANCELLED, "不想租了"),
        (State.COMPLETED, "returned"),
        (State.PLACED, ""),
    ]


def test_late_rents_carry_their_fees_and_cancelled_ones_come_back() -> None:
    rents = Bill.objects.filter(lease__order__state=State.COMPLETED, number__gt=1)
    assert len(rents) == 2
    assert all(bill.state == Bill.State.PAID and bill.paid > bill.rent for bill in rents)
    assert Refund.objects.get(payment__customer__orders__state=State.CANCELLED).state == "SUCCEEDED"


def test_reminders_came_on_their_days_and_some_messages_were_read() -> None:
    steps = Message.objects.filter(template__startswith="bill_", channel="IN_APP")
    assert steps.filter(step__endswith="T-7").count() == 2
    assert steps.filter(step__endswith="T+3").count() == 2
    assert all(message.created_at.hour == 2 for message in steps)  # 10:05 in Shanghai


def test_every_past_month_is_settled_with_its_merchants_when_all_lives_stand() -> None:
    statements = MerchantStatement.objects.order_by("pk")
    assert [one.month for one in statements] == sorted(one.month for one in statements)
    assert max(one.month for one in statements) == date(2026, 10, 1)
    assert {(one.issued_at.hour, one.issued_at.minute) for one in statements} == {(2, 5)}  # 10:05 in Shanghai
    settled = set(SettlementLine.objects.exclude(allocation=None).values_list("allocation", flat=True))
    assert settled == set(Allocation.objects.filter(at__lt=UNTIL.replace(day=1)).values_list("pk", flat=True))
    assert {one.month for one in statements if one.waits_for_payment} <= {date(2026, 10, 1)}
    assert {one.paid_out_at.astimezone(calendar.SHANGHAI).day for one in statements if one.paid_out_at} == {5}
    assert min(one.payable for one in statements.filter(month__lt=date(2026, 10, 1))) > 0


def test_no_work_is_left_and_every_invariant_holds() -> None:
    assert not OutboxMessage.objects.filter(done_at=None).exists()
    assert not Message.objects.exclude(state="SENT").exists()
    assert walks.broken() == {}


def test_business_days_stand_in_order() -> None:
    days = list(JobRun.objects.filter(job="end-waits").order_by("pk").values_list("day", flat=True))
    assert days == sorted(days)
    assert (days[-1] - days[0]).days == len(days) - 1 >= 449
    assert not JobRun.objects.filter(finished_at=None).exists()


def test_filling_again_changes_nothing(filled: list[str]) -> None:
    assert filled[-1] == "3 of 3 histories"
    with walks.nothing_changes():
        assert histories.fill(UNTIL, lambda _: None, SHORT) == 3


def test_an_interrupted_history_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from orders.services import checkout

    class Interrupted(BaseException):
        pass

    def break_off(*_args: object, **_named: object) -> None:
        raise Interrupted

    monkeypatch.setattr(checkout, "place", break_off)
    with walks.nothing_changes(), pytest.raises(Interrupted):
        histories.fill(UNTIL, lambda _: None, (STORIES[0],))


def test_a_history_that_cannot_be_made_is_named_and_the_others_go_on() -> None:
    said: list[str] = []
    not_offered = Rental("mini-4", 24, 1)
    with walks.nothing_changes():
        made = histories.fill(UNTIL, said.append, (_story("方知之", not_offered), *SHORT))
    assert made == 3
    assert said[0].startswith("方知之 ")
    assert "PlanUnavailable" in said[0]
    assert said[-1] == "3 of 4 histories"


def test_a_visitor_s_code_stays_on_top_of_the_pretended_phone() -> None:
    code = sms.send("13800000001", "信租", "code", {"code": "246810"}, "", UNTIL + timedelta(minutes=1))
    sms.send("13700001001", "信租", "code", {"code": "135791"}, "", UNTIL - timedelta(days=100))  # of a history, later
    assert sms.inbox()[0] == code


def test_histories_are_for_the_demo_only() -> None:
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("demo_histories")


@override_settings(DEBUG=True)
def test_histories_end_at_a_clear_instant_that_has_come() -> None:
    for wrong in ("yesterday", "2026-01-01T10:00", (clock.now() + timedelta(days=1)).isoformat()):
        with pytest.raises(CommandError, match="instant"):
            call_command("demo_histories", until=wrong)


@override_settings(DEBUG=True)
def test_the_accounts_name_one_person_for_each_situation() -> None:
    out = StringIO()
    call_command("demo_accounts", "--all", stdout=out)
    told = out.getvalue()
    assert all(story.role.phone in told for story in STORIES if story.role.story)
    assert all(login in told for role in cast.MERCHANTS for login in (role.login, *role.staff))
    assert len({story.role.phone for story in STORIES}) == len({s.role.id_number for s in STORIES}) == len(STORIES)


@override_settings(DEBUG=True)
def test_the_short_block_of_accounts_names_people_who_are_there() -> None:
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    names = {story.role.name: story.role.story for story in STORIES}
    telling = [name for group in demo_accounts.TELLING.values() for name in group]
    assert all(names[name] and f"{name}  {names[name]}" in out.getvalue() for name in telling)
    assert len(out.getvalue().splitlines()) <= 38


def test_the_stage_stands_once() -> None:
    before = User.objects.count()
    seed.stage(UNTIL)
    assert User.objects.count() == before
    assert stories.STORIES == STORIES
