"""Old rules against new on past applications: decisions, waivers, what bad payers took, AUC and KS, out of time."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import backtest, case_files
from credit.rules.backtest import Case, Rules
from credit.rules.case_files import Fault
from credit.rules.grading import Inputs
from credit.rules.scorecards import Bin, Card, Factor
from tests import tiers

D = Decimal
DAY = date(2026, 1, 1)
OLD = Rules(tuple(tiers.documented()))
NEW = replace(OLD, bands=tuple(replace(b, percent=70) if b.grade == "C" else b for b in OLD.bands))


def case(score: int, bad: bool | None = None, deposit: int = 3000, day: int = 0) -> Case:
    return Case(DAY + timedelta(days=day), Inputs(score, "zhima"), (D(deposit),), bad)


def told(cases: list[Case], new: Rules = NEW) -> backtest.Report:
    return backtest.report([backtest.judge(each, OLD, new) for each in cases])


def test_the_waivers_and_the_losses_by_hand() -> None:
    """Three of D 3,000 in C: 60 % is 1,800 each, 70 % is 2,100 each; one of them went bad. One at 400 has nothing."""
    found = told([case(650), case(650, bad=False), case(650, bad=True), case(400, bad=True)])
    assert (found.cases, found.labelled, found.bad) == (4, 3, 2)
    assert (found.old.orders, found.old.waived, found.old.lost) == (3, D(5400), D(1800))
    assert (found.new.orders, found.new.waived, found.new.lost) == (3, D(6300), D(2100))
    assert (found.new.approved, found.new.referred, found.new.refused) == (3, 0, 1)
    assert found.matrix == {("C", "C"): 3, ("E", "E"): 1}
    assert (found.better, found.worse) == (3, 0)


def test_a_boundary_that_moves_changes_the_matrix() -> None:
    """680 becomes 690: the one at 685 goes from A to C, and its waiver from 80 % to 60 %."""
    new = replace(OLD, bands=tuple(replace(b, from_score=690) if b.grade == "A" else b for b in OLD.bands))
    found = told([case(685), case(700)], new)
    assert found.matrix == {("A", "A"): 1, ("A", "C"): 1}
    assert (found.better, found.worse) == (0, 1)
    assert found.old.waived - found.new.waived == D(600)


def test_a_new_card_scores_the_stored_readings_again() -> None:
    """The only factor gives everything from 3 on: 0 → 350, 3 → 950; a case without readings keeps its score."""
    card = Card({"history": 100}, (Factor("kept", "history", (Bin(0, 0), Bin(3, 100))),))
    cases = [Case(DAY, Inputs(600, "own", factors={"kept": value})) for value in (0, 3)] + [case(600)]
    seen = [backtest.see(each, replace(OLD, card=card)).score for each in cases]
    assert seen == [350, 950, 600]


def test_the_separation_of_a_card_is_measured_on_repayment_alone() -> None:
    """The old score is upside down, the new one right: AUC 0 against 1, on the same labels."""
    card = Card({"history": 100}, (Factor("kept", "history", (Bin(0, 0), Bin(1, 100))),))
    cases = [
        Case(DAY, Inputs(800, "own", factors={"kept": 0}), (), True),
        Case(DAY, Inputs(400, "own", factors={"kept": 1}), (), False),
    ]
    found = told(cases, replace(OLD, card=card))
    assert found.old.separation.auc == 0
    assert found.new.separation.auc == 1


def test_the_latest_three_tenths_are_out_of_time() -> None:
    """Ten labelled days: the first seven in time, the last three not; the unlabelled one is in neither."""
    cases = [case(500 + 10 * day, bad=day % 2 == 0, day=day) for day in range(10)] + [case(600, day=99)]
    found = told(cases)
    assert found.split_on == DAY + timedelta(days=7)
    assert found.new.earlier.good + found.new.earlier.bad == 7
    assert found.new.later.good + found.new.later.bad == 3


def test_a_hard_stop_refuses_under_any_rules() -> None:
    seen = backtest.see(Case(DAY, Inputs(900, "zhima", blocked=True), (D(3000),)), OLD)
    assert seen.outcome == "REFUSE"
    assert seen.waived == 0


def test_nothing_is_said_of_nothing() -> None:
    found = told([])
    assert (found.cases, found.split_on, found.old.separation.auc, found.old.curve) == (0, None, None, ())


CASES = st.lists(
    st.builds(
        case, st.integers(350, 950), st.sampled_from([None, True, False]), st.integers(0, 9000), st.integers(0, 90)
    ),
    max_size=40,
)


@given(CASES)
def test_the_same_rules_change_nothing_and_every_case_is_counted_once(cases: list[Case]) -> None:
    found = told(cases, OLD)
    assert found.old == found.new
    assert (found.better, found.worse) == (0, 0)
    assert sum(found.matrix.values()) == found.cases == len(cases)
    assert found.new.approved + found.new.referred + found.new.refused == len(cases)
    assert found.new.lost <= found.new.waived
    separations = found.new.earlier, found.new.later
    assert sum(each.good + each.bad for each in separations) == found.labelled


@given(st.lists(st.integers(350, 950), min_size=2, max_size=300))
def test_a_curve_is_thinned_and_keeps_its_end(scores: list[int]) -> None:
    found = told([case(score, bad=i == 0) for i, score in enumerate(scores)])
    assert len(found.new.curve) <= backtest.MOST_POINTS
    assert found.new.curve[-1].bad == found.new.curve[-1].good == 1


GOOD_FILE = "on,score,deposit,bad,kept\n2026-01-05,650,3000,0,2\n2026-01-06,400,2999.50,1,\n2026-01-07,700,0,,5\n"


def test_a_file_is_read_whole() -> None:
    found = case_files.read(GOOD_FILE.encode(), ["kept"])
    assert found.faults == []
    assert [(each.inputs.score, each.bad, each.deposits) for each in found.cases] == [
        (650, False, (D(3000),)), (400, True, (D("2999.50"),)), (700, None, (D(0),)),
    ]  # fmt: skip
    assert [each.inputs.factors["kept"] for each in found.cases] == [2, None, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_spreadsheets_write_is_read(encoding: str) -> None:
    assert len(case_files.read(GOOD_FILE.encode(encoding), ["kept"]).cases) == 3


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", [Fault(1, name, "missing_column") for name in case_files.NEEDED]),
        (b"\xff\xfe\x00\x01\x80", [Fault(1, "", "encoding")]),
        (b"on,score,deposit,bad\n", [Fault(2, "", "empty")]),
        (b"on,score,deposit,bad,income\n2026-01-05,650,1,0,9\n", [Fault(1, "income", "unknown_column")]),
        (b"on,on,score,deposit,bad\n", [Fault(1, "on", "twice")]),
        (b"on,score,deposit,bad\n2026-02-30,349,-1,2\n", [Fault(2, name, "value") for name in case_files.NEEDED]),
        (b"on,score,deposit,bad\n2026-01-05,650,NaN,0\n", [Fault(2, "deposit", "value")]),
        (
            b"on,score,deposit,bad\n2026-01-05,650,1e3,0\n2026-01-05,650,0.001,0\n",
            [Fault(2, "deposit", "value"), Fault(3, "deposit", "value")],
        ),
        (b"on,score,deposit,bad\n2026-01-05,650,1\n", [Fault(2, "", "columns")]),
        (b"on,score,deposit,bad\n2026-01-05,650,1,0,7\n", [Fault(2, "", "columns")]),
        (b'on,score,deposit,bad\n"2026-01-05"x,650,1,0\n', [Fault(2, "", "quotes")]),
        (b"x" * (case_files.MOST_BYTES + 1), [Fault(1, "", "too_large")]),
    ],
)
def test_each_fault_is_named_and_nothing_is_taken(content: bytes, faults: list[Fault]) -> None:
    found = case_files.read(content, ["kept"])
    assert found.faults == faults
    assert found.cases == []


def test_bad_line_5000_keeps_the_other_4999_out() -> None:
    lines = (
        ["on,score,deposit,bad"] + ["2026-01-05,650,3000,0"] * 4998 + ["2026-01-05,6500,3000,0", "2026-13-01,650,1,0"]
    )
    found = case_files.read("\n".join(lines).encode(), [])
    assert found.cases == []
    assert found.faults == [Fault(5000, "score", "value"), Fault(5001, "on", "value")]
