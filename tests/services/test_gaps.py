"""A statement that does not come is an open exception with an age, never dropped in silence (reliability.md 40)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from billing.models import StatementGap
from billing.services import gaps, reconciliation
from core.calendar import instant
from core.invariants import all_invariants, violations
from core.services import events
from integrations import registry
from integrations.errors import BadStatement, NotYet
from orders.services import statements
from tests import movements, things

pytestmark = pytest.mark.django_db
DAY = things.ON


class Silent:
    """A provider whose statement is what the test says."""

    capabilities = frozenset({"statement"})

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def statement(self, day: Any) -> Any:
        raise self.answer


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Silent:
    made = Silent(NotYet("none"))
    monkeypatch.setattr(registry, "payments", lambda name: made)
    monkeypatch.setattr(reconciliation, "channels", lambda: ["alipay"])
    return made


def tried(days: int) -> None:
    """The half-hourly attempt, so many days after the day, at ten."""
    at = instant(DAY + timedelta(days=days), 10)
    statements.reconcile_due(at)


def booked() -> None:
    movements.payment(things.customer(), "alipay", Decimal("309.00"), things.AT)


def test_one_that_is_not_out_on_the_second_morning_is_an_open_exception(silent: Silent) -> None:
    booked()
    tried(1)
    assert not StatementGap.objects.exists()
    tried(2)
    [gap] = gaps.waiting()
    assert (gap.channel, gap.day, gap.opened_at) == ("alipay", DAY, instant(DAY + timedelta(days=2), 10))
    tried(2)
    assert StatementGap.objects.get().answer == "not yet"


def test_it_is_asked_for_after_the_two_weeks_too(silent: Silent) -> None:
    booked()
    tried(2)
    later = instant(DAY + timedelta(days=40), 10)
    assert reconciliation.due(later)[0] == ("alipay", DAY)
    tried(40)
    assert ("alipay", DAY) in {(gap.channel, gap.day) for gap in gaps.waiting()}


def test_one_that_cannot_be_read_says_why(silent: Silent) -> None:
    booked()
    silent.answer = BadStatement("the sum of payments")
    tried(2)
    tried(2)
    assert "sum of payments" in StatementGap.objects.get(day=DAY).answer


def test_it_closes_by_itself_when_the_statement_comes() -> None:
    booked()
    gaps.open_for([("alipay", DAY)], DAY + timedelta(days=1), things.AT)
    at = instant(DAY + timedelta(days=1), 10)
    with time_machine.travel(at, tick=False):
        statements.reconcile_due(at)
    gap = StatementGap.objects.get()
    assert (gap.state, gap.closed_at, gap.actor) == ("CLOSED", at, "")
    assert [one.number for one in all_invariants() if one.number == "40b" and violations(one)] == []


def test_a_person_explains_a_day_on_which_nothing_moved(silent: Silent) -> None:
    booked()
    tried(3)  # the day after has no movement
    gap = StatementGap.objects.get(day=DAY + timedelta(days=1))
    gaps.explain(gap.pk, "nothing moved, no file", "operator:1", instant(DAY + timedelta(days=3), 11))
    assert ("alipay", gap.day) not in reconciliation.due(instant(DAY + timedelta(days=5), 10))
    assert events.of(gap).get().actor == "operator:1"
    with pytest.raises(gaps.GapClosed):
        gaps.explain(gap.pk, "again", "operator:1", things.AT)
    with pytest.raises(gaps.GapUnknown):
        gaps.explain(10**9, "again", "operator:1", things.AT)


def test_a_day_with_money_is_never_explained_away(silent: Silent) -> None:
    booked()
    tried(2)
    gap = StatementGap.objects.get(day=DAY)
    with pytest.raises(gaps.MovedThatDay) as refusal:
        gaps.explain(gap.pk, "never mind", "operator:1", things.AT)
    assert refusal.value.params == {"count": 1}
    assert StatementGap.objects.get(pk=gap.pk).is_open


def test_nor_one_of_which_a_lost_dispute_took_money() -> None:
    """It stands on the channel's statement as a payment does."""
    before = things.AT - timedelta(days=1)
    movements.taken_back(movements.payment(things.customer(), "wechat", Decimal("309.00"), before), things.AT)
    gap = StatementGap.objects.create(channel="wechat", day=DAY, opened_at=things.AT)
    with pytest.raises(gaps.MovedThatDay):
        gaps.explain(gap.pk, "never mind", "operator:1", things.AT)
