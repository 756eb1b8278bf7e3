"""The quota's book: whatever happens in whatever order, nothing is lost and nothing is made (domain.md §4)."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.money import ZERO
from credit.rules.quota import HOLD, LIMIT, RELEASE, Standing, Step, book
from tests.quota_walk import Walk

D = Decimal
AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_book_says_how_the_account_stood_after_each_step() -> None:
    """Limit 1,000; 800 held; limit 400: granted 800, free 0; 800 back: free 400."""
    days = [AT + timedelta(days=n) for n in range(4)]
    steps = [
        Step(LIMIT, days[0], D(1000)),
        Step(HOLD, days[1], D(800), "XO1"),
        Step(LIMIT, days[2], D(400)),
        Step(RELEASE, days[3], D(800), "XO1", "settled"),
    ]
    lines = book(reversed(steps))
    assert [line.step for line in lines] == steps
    assert [(line.after.granted, line.after.free) for line in lines] == [
        (D(1000), D(1000)), (D(1000), D(200)), (D(800), ZERO), (D(400), D(400)),
    ]  # fmt: skip
    assert all(line.after == after.before for line, after in pairwise(lines))


def test_steps_of_one_instant_are_told_limit_first_and_release_last() -> None:
    steps = [Step(RELEASE, AT, D(5), "XO1"), Step(HOLD, AT, D(5), "XO1"), Step(LIMIT, AT, D(9))]
    assert [line.step.kind for line in book(steps)] == [LIMIT, HOLD, RELEASE]


@given(st.decimals(0, 1000, places=2), st.decimals(0, 1000, places=2), st.decimals(0, 1000, places=2))
def test_what_fits_keeps_held_within_granted(limit: Decimal, held: Decimal, amount: Decimal) -> None:
    standing = Standing(limit, held)
    after = standing.after(Step(HOLD, AT, amount))
    assert standing.fits(amount) == (after.held <= max(limit, standing.held) and (amount == 0 or after.held <= limit))
    assert after.after(Step(RELEASE, AT, amount)) == standing


def test_ten_thousand_random_steps_conserve_the_quota() -> None:
    """After each step: held is what was taken and not given back, held ≤ granted, free = max(0, limit − held)."""
    walk = Walk(random.Random(20260302), AT)
    standing = Standing()
    for _ in range(10_000):
        step = walk.next()
        if step is None:
            continue
        assert step.kind != HOLD or standing.fits(step.amount)
        standing = standing.after(step)
        assert standing.held == sum(walk.open.values(), ZERO)
        assert standing.held <= standing.granted
        assert standing.free == max(ZERO, walk.limit - standing.held)
    assert walk.taken - walk.returned == standing.held
    assert len(walk.closed) > 1000
