"""Back-tests: cases from decisions and repayment or from a file, judged in pieces, resumed after a death."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core import faults
from core.models import OutboxMessage
from credit.models import TierSet
from credit.rules.backtest import Case
from credit.rules.grading import Inputs
from credit.services import tiers
from orders.models import BackTest, BackTestCase
from orders.services import backtests, runs
from tests import walks
from tests.trust import AT, graded, id_number, proven, tiers_in_force

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def wider() -> TierSet:
    """A draft in which everybody from 620 on has everything waived."""
    draft = tiers.draft_from(tiers_in_force().pk, "operator:1", AT)
    bands = [replace(band, waives="ALL") if band.grade == "C" else band for band in tiers.bands(draft)]
    return tiers.revise(draft.pk, bands, D(0), seen=tiers.fingerprint(draft), actor="operator:1", at=AT)


def cases(count: int) -> list[Case]:
    return [
        Case(date(2026, 1, 1) + timedelta(days=i), Inputs(640 + i % 3, "file"), (D(1000),), i % 4 == 0)
        for i in range(count)
    ]


def asked(wider: TierSet, count: int = 12) -> BackTest:
    return backtests.request(wider, None, "operator:1", AT, cases=cases(count))


def test_a_file_is_judged_and_reported(wider: TierSet) -> None:
    """Twelve of D 1,000 in C: 60 % waived before, all of it after; three of them went bad."""
    made = asked(wider)
    assert (made.state, made.total) == ("QUEUED", 12)
    assert OutboxMessage.objects.filter(topic="backtest.requested", payload={"backtest_id": made.pk}).exists()
    backtests.run(made.pk, AT)
    found = BackTest.objects.get(pk=made.pk)
    assert found.result is not None
    assert (found.state, found.done, found.result["cases"]) == ("DONE", 12, 12)
    assert (found.result["old"]["waived"], found.result["new"]["waived"]) == ("7200.00", "12000.00")
    assert (found.result["old"]["lost"], found.result["new"]["lost"]) == ("1800.00", "3000.00")
    assert found.result["matrix"] == [["C", "C", 12]]


def test_past_decisions_are_judged_by_a_worker_without_changing_anything_else(wider: TierSet) -> None:
    graded(proven(), 640)
    graded(proven("13800000002", id_number("124")), 700)
    made = backtests.request(wider, None, "operator:1", AT)
    with walks.nothing_changes("orders_backtest", "orders_backtestcase", "core_event"):
        backtests.run(made.pk, AT)
    found = BackTest.objects.get(pk=made.pk)
    assert found.result is not None
    assert (found.state, found.total, found.result["labelled"]) == ("DONE", 2, 0)
    assert found.result["new"]["separation"]["auc"] is None


def test_who_takes_over_from_a_dead_worker_goes_on_and_repeats_nothing(
    wider: TierSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtests, "PIECE", 5)
    whole = asked(wider)
    backtests.run(whole.pk, AT)
    broken = asked(wider)

    def die(name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(faults, "point", die)
        with pytest.raises(KeyboardInterrupt):
            backtests.run(broken.pk, AT)
    half = BackTest.objects.get(pk=broken.pk)
    assert (half.state, half.done) == ("RUNNING", 5)
    first = list(
        BackTestCase.objects.filter(backtest=broken).filter(judged__isnull=False).values_list("place", flat=True)
    )
    assert first == [1, 2, 3, 4, 5]
    backtests.run(broken.pk, AT)
    assert BackTest.objects.get(pk=broken.pk).result == BackTest.objects.get(pk=whole.pk).result


def test_a_second_delivery_changes_nothing(wider: TierSet) -> None:
    made = asked(wider)
    backtests.run(made.pk, AT)
    with walks.nothing_changes():
        backtests.run(made.pk, AT)


def test_what_cannot_be_judged_fails_visibly(wider: TierSet) -> None:
    made = asked(wider)
    BackTestCase.objects.filter(backtest=made, place=3).update(inputs={"score": 9999, "source": "file"})
    backtests.run(made.pk, AT)
    found = BackTest.objects.get(pk=made.pk)
    assert (found.state, found.result) == ("FAILED", None)
    assert "9999" in found.failure


def test_a_table_that_cannot_stand_is_not_tested() -> None:
    unsound = tiers.draft_from(tiers_in_force().pk, "operator:1", AT)
    unsound.tiers.filter(grade="C").update(checkout_cap=90000)
    with pytest.raises(backtests.TableUnsound):
        backtests.request(unsound, None, "operator:1", AT)
    assert BackTest.objects.count() == 0


def test_without_a_table_in_force_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(backtests.NothingInForce):
        backtests.request(TierSet.objects.create(version=1), None, "operator:1", AT)


def test_what_failed_or_stands_still_is_begun_anew_with_the_same_cases(wider: TierSet) -> None:
    made = asked(wider)
    later = AT + runs.STUCK_AFTER + timedelta(seconds=1)
    with pytest.raises(runs.NotOver):
        backtests.again(made.pk, "operator:1", AT)
    fresh = backtests.again(made.pk, "operator:1", later)
    old = BackTest.objects.get(pk=made.pk)
    assert (old.state, bool(old.failure), fresh.total) == ("FAILED", True, 12)
    backtests.run(made.pk, later)  # its message comes after all
    assert BackTest.objects.get(pk=made.pk).done == 0
    backtests.run(fresh.pk, later)
    assert BackTest.objects.get(pk=fresh.pk).state == "DONE"
    with pytest.raises(runs.NotOver):
        backtests.again(fresh.pk, "operator:1", later + timedelta(days=1))
