"""A worker that is killed in a back-test, with a real process: whoever takes its message again goes on where it was."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.faults import KILLED
from core.models import OutboxMessage
from credit.rules.backtest import Case
from credit.rules.grading import Inputs
from credit.services import tiers
from orders.models import BackTest, RiskRule, RuleTrial
from orders.services import backtests, rule_trials
from tests import make
from tests.faults import together
from tests.trust import AT, tiers_in_force

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_worker_loses_no_piece_and_repeats_none() -> None:
    table = tiers.draft_from(tiers_in_force().pk, "operator:1", AT)
    count = backtests.PIECE + 30
    cases = [
        Case(date(2026, 1, 1) + timedelta(days=i % 200), Inputs(640 + i % 50, "file"), (Decimal(1000),), i % 4 == 0)
        for i in range(count)
    ]
    made = backtests.request(table, None, "operator:1", AT, cases=cases)
    message = OutboxMessage.objects.get(topic="backtest.requested", payload={"backtest_id": made.pk})
    assert together.child("work", message.pk, AT, "backtest.piece") == KILLED
    half = BackTest.objects.get(pk=made.pk)
    assert (half.state, half.done, half.cases.filter(judged__isnull=False).count()) == ("RUNNING", 200, 200)
    assert OutboxMessage.objects.get(pk=message.pk).done_at is None  # it is offered again
    assert together.child("work", message.pk, AT) == 0
    whole = BackTest.objects.get(pk=made.pk)
    assert whole.result is not None
    assert (whole.state, whole.done, whole.result["cases"]) == ("DONE", count, count)
    assert together.child("work", message.pk, AT) == 0
    assert BackTest.objects.get(pk=made.pk).result == whole.result


def test_a_killed_worker_leaves_a_rule_trial_where_it_was() -> None:
    of = make.customer()
    make.order(of=of)
    rule = RiskRule.objects.create(kind="MANY_LEASES", threshold=2, window_days=7)
    made = rule_trials.request(rule, "operator:1", make.AT)
    message = OutboxMessage.objects.get(topic="rule_trial.requested", payload={"trial_id": made.pk})
    assert together.child("work", message.pk, make.AT, "rule_trial.piece") == KILLED
    half = RuleTrial.objects.get(pk=made.pk)
    assert (half.state, half.done, half.orders.filter(seen=True).count()) == ("RUNNING", 1, 1)
    make.order(of=of)  # not among those that were written down
    assert together.child("work", message.pk, make.AT) == 0
    whole = RuleTrial.objects.get(pk=made.pk)
    assert whole.result is not None
    assert (whole.state, whole.done, whole.result["orders"]) == ("DONE", 1, 1)
