"""The own scorecard: worked examples, properties, and which cards can stand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import scorecards
from credit.rules.scorecards import Bin, Card, Factor
from tests import cards, worked

D = Decimal
KNOWN = {"age": "identity", "here": "behaviour", "income": "ability", "shared": "network", "paid": "history"}


def factor(code: str, *bins: tuple[int, int]) -> Factor:
    return Factor(code, KNOWN[code], tuple(Bin(*each) for each in bins))


CARD = Card(
    {"identity": 20, "behaviour": 20, "ability": 25, "network": 10, "history": 25},
    (
        factor("age", (0, 0), (18, 40), (25, 100), (60, 70)),
        factor("here", (0, 0), (6, 58), (12, 100)),
        factor("income", (0, 0), (5000, 64), (10000, 100)),
        factor("shared", (0, 100), (1, 50), (2, 0)),
        factor("paid", (0, 0), (3, 52), (12, 100)),
    ),
)
SOUND = {"age": 30, "here": 8, "income": 6000, "shared": 1, "paid": 5}
readings = st.fixed_dictionaries({code: st.none() | st.integers(0, 20_000) for code in KNOWN})


def test_the_sum_of_the_parts_is_the_score() -> None:
    """350 + 6 × (20·100 + 20·58 + 25·64 + 10·50 + 25·52)/100 = 350 + 120 + 69.6 + 96 + 30 + 78 = 743.6 → 744."""
    found = scorecards.score(CARD, SOUND)
    assert [share.worth for share in found.shares] == [D(120), D("69.6"), D(96), D(30), D(78)]
    assert (found.exact, found.score, found.missing) == (D("743.6"), 744, ())


def test_half_a_point_is_rounded_up() -> None:
    """350 + 6 · 25 · 67 / 100 = 450.5 → 451."""
    found = scorecards.score(Card({"identity": 25}, (factor("age", (0, 67)),)), {"age": 0})
    assert (found.exact, found.score) == (D("450.5"), 451)


def test_a_missing_factor_gives_nothing_and_is_named() -> None:
    found = scorecards.score(CARD, {**SOUND, "income": None})
    assert (found.exact, found.missing) == (D("743.6") - 96, ("income",))
    assert scorecards.score(CARD, {}).missing == tuple(KNOWN)
    assert scorecards.score(CARD, {}).score == 350


@pytest.mark.parametrize(("value", "given_points"), [(17, 0), (18, 40), (24, 40), (25, 100), (59, 100), (60, 70)])
def test_a_boundary_lies_in_the_bin_that_it_opens(value: int, given_points: int) -> None:
    assert scorecards.points(CARD.factors[0], value) == given_points


def test_a_value_below_every_bin_is_nonsense() -> None:
    with pytest.raises(ValueError, match="no bin"):
        scorecards.points(factor("age", (18, 40)), 17)


@given(readings)
def test_a_score_lies_in_the_range_and_is_the_rounded_sum(found: dict[str, int | None]) -> None:
    scored = scorecards.score(CARD, found)
    assert 350 <= scored.score <= 950
    assert scored.exact == 350 + sum(share.worth for share in scored.shares)
    assert abs(scored.exact - scored.score) <= D("0.5")
    assert all(share.worth <= share.most for share in scored.shares)


@given(readings, st.sampled_from(list(KNOWN)))
def test_knowing_more_never_costs_points(found: dict[str, int | None], code: str) -> None:
    assert scorecards.score(CARD, {**found, code: None}).exact <= scorecards.score(CARD, found).exact


@given(readings)
def test_each_rise_gains_what_it_says(found: dict[str, int | None]) -> None:
    before = scorecards.score(CARD, found).exact
    for rise in scorecards.rises(CARD, found):
        after = scorecards.score(CARD, {**found, rise.factor: rise.first})
        assert after.exact - before == rise.gain > 0


def test_the_nearest_step_comes_first_and_the_largest_gain_leads() -> None:
    """here 8 → 12: 42 points · 20 % · 6 = 50.4; paid 5 → 12: 48 · 25 % · 6 = 72; income 6000 → 10000: 36·1.5 = 54."""
    told = [(rise.factor, rise.first, rise.last, rise.gain) for rise in scorecards.rises(CARD, SOUND)]
    assert told == [
        ("paid", 12, None, D(72)),
        ("income", 10000, None, D(54)),
        ("here", 12, None, D("50.4")),
        ("shared", 0, 0, D(30)),
    ]


def test_a_sound_card_has_no_objection() -> None:
    assert scorecards.check(CARD, KNOWN) == []


AGE, *REST = CARD.factors


def card(*first: Factor, **changed: object) -> Card:
    """CARD with other factors in place of its first."""
    return replace(CARD, **(changed or {"factors": (*first, *REST)}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("faulty", "code", "params"),
    [
        (card(weights={**CARD.weights, "identity": 19}), "weights", {"total": 99}),
        (card(factor("age", (1, 100))), "bin_gap", {"factor": "age", "from_value": 1}),
        (
            replace(CARD, factors=(factor("age", (0, 1), (0, 100)), *REST)),
            "bin_overlap",
            {"factor": "age", "from_value": 0},
        ),
        (card(factor("age", (0, 101))), "points_outside", {"factor": "age", "points": 101}),
        (
            replace(CARD, factors=(factor("age", (0, 99)), *REST)),
            "dimension_best",
            {"dimension": "identity", "best": 99},
        ),
        (card(), "dimension_best", {"dimension": "identity", "best": 0}),
        (card(AGE, Factor("face", "", ())), "unknown_factor", {"factor": "face"}),
    ],
)
def test_each_fault_of_a_card_is_named_with_its_figures(faulty: Card, code: str, params: dict[str, object]) -> None:
    found = scorecards.check(faulty, KNOWN)
    assert (code, params) in [(each.code, each.params) for each in found]


def test_a_dimension_without_weight_needs_no_factor() -> None:
    weights = {"identity": 0, "behaviour": 40, "ability": 25, "network": 10, "history": 25}
    assert scorecards.check(Card(weights, tuple(REST)), KNOWN) == []


def test_the_documented_card_can_be_published() -> None:
    from credit.services import factors

    assert scorecards.check(cards.documented(), factors.known()) == []


@pytest.mark.parametrize("row", worked.table("credit", "Scores by the own scorecard"))
def test_the_documented_scores(row: dict[str, str]) -> None:
    found = scorecards.score(cards.documented(), cards.readings(row))
    assert [str(share.points) for share in found.shares] == [row[name] for name in scorecards.DIMENSIONS]
    assert (f"{found.exact:.1f}", str(found.score)) == (row["exact"], row["score"])
