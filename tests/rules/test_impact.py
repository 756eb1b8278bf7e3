"""What a draft of the tier table would change, in people and in yuan."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.money import ZERO
from credit.rules import impact
from credit.rules.impact import Past, Table
from tests import tiers

D = Decimal
OLD = Table(tuple(tiers.documented()))
SCORES = st.dictionaries(st.integers(350, 950), st.integers(1, 50), max_size=40)


def changed(grade: str, **figures: object) -> Table:
    """The documented table with one band changed."""
    return Table(tuple(replace(b, **figures) if b.grade == grade else b for b in OLD.bands))  # type: ignore[arg-type]


def test_a_higher_share_moves_the_band_up_and_leaves_the_quota() -> None:
    """620–679 from 60 % to 70 %: the ten people there move up, nobody's quota changes."""
    found = impact.movement({600: 3, 650: 10, 700: 5}, OLD, changed("C", percent=70))
    assert (found.up, found.down, found.mixed, found.same) == (10, 0, 0, 8)
    assert found.quota_before == found.quota_after == 3 * 1000 + 10 * 3000 + 5 * 6000


def test_a_band_that_begins_later_moves_people_down() -> None:
    """680 becomes 690: five people at 685 go from A (6,000) to C (3,000)."""
    found = impact.movement({685: 5, 690: 2}, OLD, changed("A", from_score=690))
    assert (found.down, found.same) == (5, 2)
    assert found.quota_after - found.quota_before == -5 * 3000


def test_more_quota_for_a_smaller_share_is_told_as_both() -> None:
    found = impact.movement({650: 1}, OLD, changed("C", percent=50, quota_limit=D(4000)))
    assert (found.mixed, found.up, found.down) == (1, 0, 0)


def test_without_a_table_in_force_everybody_who_gets_something_moves_up() -> None:
    found = impact.movement({400: 4, 700: 2}, None, OLD)
    assert (found.up, found.same) == (2, 4)
    assert found.quota_before == 0
    assert found.quota_after == 12000


def test_the_waiver_of_past_orders_by_hand() -> None:
    """Two of D 3,000 at 650: 60 % = 1,800 each; 70 % = 2,100 each. One at 400: nothing. Cap 2,500 stands."""
    past = [Past(650, D(3000), 2), Past(400, D(3000), 1), Past(650, D(5000), 1)]
    assert impact.waived(past, OLD) == impact.Waived(3, D("6100.00"))  # 2 × 1,800 + min(3,000; 2,500)
    assert impact.waived(past, changed("C", percent=70)) == impact.Waived(3, D("6700.00"))
    assert impact.waived(past, Table(OLD.bands, D(2000))).amount == 2 * 1000 + 2500


def test_each_person_is_counted_in_one_band() -> None:
    assert impact.people_in({350: 1, 549: 1, 550: 2, 950: 3}, OLD.bands) == {350: 2, 550: 2, 620: 0, 680: 0, 750: 3}


@given(SCORES)
def test_the_same_table_moves_nobody(customers: dict[int, int]) -> None:
    found = impact.movement(customers, OLD, OLD)
    assert (found.up, found.down, found.mixed, found.same) == (0, 0, 0, sum(customers.values()))
    assert found.quota_before == found.quota_after


@given(SCORES, st.integers(621, 679))
def test_everybody_is_counted_once_and_there_and_back_is_nothing(customers: dict[int, int], start: int) -> None:
    new = changed("A", from_score=start)
    there, back = impact.movement(customers, OLD, new), impact.movement(customers, new, OLD)
    assert there.customers == sum(customers.values()) == sum(impact.people_in(customers, new.bands).values())
    assert (there.up, there.down) == (back.down, back.up)
    assert there.quota_after - there.quota_before == back.quota_before - back.quota_after


@given(st.integers(350, 950), st.decimals(0, 20000, places=2), st.decimals(0, 5000, places=2))
def test_no_waiver_passes_the_deposit_less_its_floor(score: int, deposit: Decimal, floor: Decimal) -> None:
    assert ZERO <= impact.waiver(score, deposit, Table(OLD.bands, floor)) <= max(ZERO, deposit - floor)
