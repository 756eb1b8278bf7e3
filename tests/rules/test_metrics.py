"""AUC with ties by rank, and KS: worked by hand, against counting of pairs, and against scikit-learn if it is here."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import metrics

D = Decimal
CASES = st.lists(st.tuples(st.integers(350, 380), st.booleans()), max_size=60)


def test_every_good_one_above_every_bad_one() -> None:
    found = metrics.separation([400, 500, 600, 700], [True, True, False, False])
    assert found.auc == found.ks == 1
    assert found.ks_at == 500
    assert (found.good, found.bad, found.bad_share) == (2, 2, D("0.5"))


def test_the_pairs_counted_by_hand() -> None:
    """Good 500 600 600 800 against bad 400: 4 wins; against bad 600: one win, two halves. 6 of 8."""
    scores, bad = [500, 600, 600, 800, 400, 600], [False, False, False, False, True, True]
    found = metrics.separation(scores, bad)
    assert found.auc == D("0.75")
    assert (found.ks, found.ks_at) == (D("0.5"), 400)  # up to 400: half of the bad, none of the good


def test_all_equal_scores_tell_nothing() -> None:
    found = metrics.separation([600, 600, 600], [True, False, False])
    assert found.auc == D("0.5")
    assert found.ks == 0


def test_an_upside_down_score_is_below_a_half() -> None:
    assert metrics.separation([700, 400], [True, False]).auc == 0


@pytest.mark.parametrize("bad", [[], [True], [False, False]])
def test_with_one_kind_only_nothing_is_said(bad: list[bool]) -> None:
    found = metrics.separation([600] * len(bad), bad)
    assert (found.auc, found.ks, found.ks_at) == (None, None, None)
    assert metrics.curve([600] * len(bad), bad) == []


def test_each_score_needs_its_label() -> None:
    with pytest.raises(ValueError, match="one label"):
        metrics.separation([600], [])


@given(CASES)
def test_auc_is_the_share_of_pairs_that_the_good_one_wins(cases: list[tuple[int, bool]]) -> None:
    good, bad = [s for s, is_bad in cases if not is_bad], [s for s, is_bad in cases if is_bad]
    found = metrics.separation([s for s, _ in cases], [b for _, b in cases])
    if not good or not bad:
        assert found.auc is None
        return
    won = sum(2 * (g > b) + (g == b) for g in good for b in bad)
    assert found.auc == D(won) / (2 * len(good) * len(bad))


@given(CASES)
def test_ks_is_the_largest_gap_of_the_curve_that_ends_at_one(cases: list[tuple[int, bool]]) -> None:
    scores, bad = [s for s, _ in cases], [b for _, b in cases]
    found, points = metrics.separation(scores, bad), metrics.curve(scores, bad)
    if found.ks is None:
        assert points == []
        return
    assert found.ks == max(abs(point.bad - point.good) for point in points)
    assert points[-1].bad == points[-1].good == 1
    assert 0 <= found.ks <= 1


@given(CASES, st.randoms())
def test_the_order_of_the_cases_does_not_matter(cases: list[tuple[int, bool]], mix: object) -> None:
    mixed = list(cases)
    mix.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (metrics.separation([s for s, _ in rows], [b for _, b in rows]) for rows in (cases, mixed))
    assert one == other


@given(CASES)
def test_auc_and_ks_agree_with_scikit_learn(cases: list[tuple[int, bool]]) -> None:
    """Needs requirements/research.txt; without it there is nothing to compare with."""
    judges = pytest.importorskip("sklearn.metrics", reason="scikit-learn is an optional extra")
    scores, bad = [s for s, _ in cases], [b for _, b in cases]
    found = metrics.separation(scores, bad)
    if found.auc is None:
        return
    good = [not is_bad for is_bad in bad]
    assert found.ks is not None
    assert abs(judges.roc_auc_score(good, scores) - float(found.auc)) < 1e-9
    false_rate, true_rate, _thresholds = judges.roc_curve(good, scores, drop_intermediate=False)
    assert abs(max(abs(true_rate - false_rate)) - float(found.ks)) < 1e-9
