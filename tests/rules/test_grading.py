"""Score → band, and which tables can stand."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import grading
from credit.rules.grading import Band, Inputs
from tests import tiers, worked

D = Decimal


def band(from_score: int, outcome: str = "APPROVE", quota: int = 1000, **changed: object) -> Band:
    made = Band(from_score, "A", outcome, "PERCENT", D(0), 50, D(quota), D(quota), 2)
    return replace(made, **changed)  # type: ignore[arg-type]


TABLE = [band(350, "REFUSE", 0), band(550, "REFER"), band(620, quota=3000), band(750, quota=9000)]


def codes(table: list[Band]) -> list[str]:
    return [objection.code for objection in grading.check_tiers(table)]


@pytest.mark.parametrize(
    ("score", "begins"),
    [(350, 350), (549, 350), (550, 550), (619, 550), (620, 620), (749, 620), (750, 750), (950, 750)],
)
def test_a_boundary_lies_in_the_band_that_it_opens(score: int, begins: int) -> None:
    assert grading.pick(score, TABLE).from_score == begins


@given(st.integers(350, 950), st.permutations(TABLE))
def test_each_score_lies_in_one_band_whatever_the_order(score: int, mixed: list[Band]) -> None:
    assert grading.pick(score, mixed) == grading.pick(score, TABLE)


@pytest.mark.parametrize("score", [349, 951, 0, -1])
def test_what_is_no_score_is_nonsense(score: int) -> None:
    with pytest.raises(ValueError, match="between"):
        grading.pick(score, TABLE)


def test_a_sound_table_has_no_objection() -> None:
    assert codes(TABLE) == []


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ([], ["empty"]),
        ([band(351)], ["starts_late"]),
        ([band(350), band(350)], ["overlap"]),
        ([band(350), band(951)], ["out_of_range"]),
        ([band(349)], ["starts_late", "out_of_range"]),
        ([band(350, percent=101)], ["not_sane"]),
        ([band(350, amount=D(-1))], ["not_sane"]),
        ([band(350, percent=0)], ["waives_nothing"]),
        ([band(350, devices=0)], ["waives_nothing"]),
        ([band(350, waives="AMOUNT")], ["waives_nothing"]),
        ([band(350, "REFUSE", 10)], ["refusal_waives"]),
        ([band(350, checkout_cap=D(1001))], ["cap_above_quota"]),
        ([band(350, quota=2000), band(600, quota=1000)], ["quota_falls"]),
        ([band(350), band(600, "REFER")], ["outcome_worsens"]),
    ],
)
def test_each_fault_of_a_table_is_named(table: list[Band], found: list[str]) -> None:
    assert codes(table) == found


@pytest.mark.parametrize(("days", "sane"), [((1, 1), True), ((180, 30), True), ((0, 30), False), ((180, 731), False)])
def test_a_decision_serves_a_sane_number_of_days(days: tuple[int, int], sane: bool) -> None:
    assert (grading.check_days(*days) == []) is sane


def test_an_objection_names_its_figures() -> None:
    objection = grading.check_tiers([band(350, quota=2000), band(600, quota=1000)])[0]
    assert objection.params == {"from_score": 600, "quota": D(1000), "below": D(2000)}


def test_a_low_score_refuses_the_waiver_and_says_from_where_it_starts() -> None:
    verdict = grading.judge(Inputs(549, "zhima"), TABLE)
    assert verdict.outcome == "REFUSE"
    assert verdict.band == TABLE[0]
    assert verdict.reasons[-1].to_json() == {"code": "below_entry", "params": {"score": 549, "needed": 550}}


def test_a_block_refuses_before_any_score() -> None:
    verdict = grading.judge(Inputs(950, "zhima", blocked=True), TABLE)
    assert (verdict.band, verdict.outcome) == (None, "REFUSE")
    assert [reason.code for reason in verdict.reasons] == ["blocked"]


def test_a_middling_score_is_referred() -> None:
    verdict = grading.judge(Inputs(600, "zhima"), TABLE)
    assert [reason.code for reason in verdict.reasons] == ["score", "needs_review"]


@given(st.integers(350, 950), st.booleans())
def test_inputs_survive_their_storage(score: int, blocked: bool) -> None:
    inputs = Inputs(score, "zhima", blocked)
    assert Inputs.from_json(inputs.to_json()) == inputs


@given(st.integers(350, 949))
def test_a_better_score_never_gets_less(score: int) -> None:
    lower, upper = grading.pick(score, TABLE), grading.pick(score + 1, TABLE)
    assert upper.quota_limit >= lower.quota_limit


@pytest.mark.parametrize("row", worked.table("credit", "Grades"))
def test_the_documented_grades(row: dict[str, str]) -> None:
    found = grading.pick(int(row["score"]), tiers.documented())
    assert (found.grade, found.outcome) == (row["grade"], row["outcome"])


def test_the_documented_table_can_be_published() -> None:
    assert codes(tiers.documented()) == []


@given(st.lists(st.integers(351, 950), max_size=12, unique=True))
def test_whatever_the_boundaries_each_score_lies_in_exactly_one_band(starts: list[int]) -> None:
    """A band ends where the next begins: scores are counted once, none is left out, each boundary opens its band."""
    table = [band(start) for start in (350, *starts)]
    ends = dict(pairwise([350, *sorted(starts), 951]))
    for score in range(350, 951):
        holding = [start for start, end in ends.items() if start <= score < end]
        assert holding == [grading.pick(score, table).from_score]
    assert all(grading.pick(start, table).from_score == start for start in (350, *starts))


@given(st.lists(st.integers(340, 960), max_size=6))
def test_a_table_is_refused_exactly_when_a_score_is_left_out_or_held_twice(starts: list[int]) -> None:
    found = {objection.code for objection in grading.check_tiers([band(start) for start in starts])}
    inside = all(350 <= start <= 950 for start in starts)
    sound = bool(starts) and inside and min(starts) == 350 and len(set(starts)) == len(starts)
    assert (found & {"empty", "starts_late", "out_of_range", "overlap"} == set()) == sound
