"""W = max(0, min(tier, quota left, what the cap leaves, D − floor)); P = D − W (domain.md §4)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import ZERO, total
from credit.rules.waiver import Line, TierTerms, Waiver, waive
from tests import tiers, worked

D = Decimal


def terms(**changed: Any) -> TierTerms:
    """The design's band 680–749: 80 %, quota 6,000, cap 5,000, two devices, no floor."""
    usual: dict[str, Any] = {
        "waives": "PERCENT",
        "amount": ZERO,
        "percent": 80,
        "quota_limit": D(6000),
        "checkout_cap": D(5000),
        "devices": 2,
        "floor": ZERO,
    }
    return TierTerms(**usual | changed)


def one(deposit: str, tier: TierTerms | None, quota: str = "6000", held: int = 0) -> Waiver:
    return waive([Line(1, D(deposit))], tier, D(quota), held)[0]


@pytest.mark.parametrize(
    ("deposit", "changed", "quota", "waived", "limit"),
    [
        ("2000.00", {}, "6000", "1600.00", "tier"),  # 80 % of 2,000
        ("2999.99", {}, "6000", "2399.99", "tier"),  # 2,399.992 floored: a benefit never rounds up
        ("2000.00", {}, "1000.55", "1000.55", "quota"),
        ("7000.00", {}, "6000", "5000.00", "cap"),  # 80 % is 5,600
        ("2000.00", {"floor": D(500)}, "6000", "1500.00", "floor"),
        ("400.00", {"floor": D(500)}, "6000", "0.00", "floor"),  # D below the floor: nothing, never negative
        ("2000.00", {"waives": "ALL"}, "6000", "2000.00", "none"),
        ("2000.00", {"waives": "ALL"}, "2000", "2000.00", "none"),
        ("2000.00", {"waives": "AMOUNT", "amount": D(1000)}, "6000", "1000.00", "tier"),
        ("800.00", {"waives": "AMOUNT", "amount": D(1000)}, "6000", "800.00", "none"),
        ("2000.00", {}, "0", "0.00", "quota"),
        ("0.00", {"waives": "ALL"}, "6000", "0.00", "none"),
    ],
)
def test_the_tightest_limit_decides(deposit: str, changed: dict[str, Any], quota: str, waived: str, limit: str) -> None:
    answer = one(deposit, terms(**changed), quota)
    assert (answer.waived, answer.to_hold, answer.limited_by) == (D(waived), D(deposit) - D(waived), limit)


def test_without_a_tier_the_whole_deposit_is_held() -> None:
    assert one("2000.00", None) == Waiver(1, D("2000.00"), ZERO, D("2000.00"), "tier")


def test_a_device_beyond_the_number_pays_its_deposit() -> None:
    answer = one("2000.00", terms(), held=2)
    assert (answer.waived, answer.limited_by) == (ZERO, "devices")


def test_lines_are_served_by_falling_deposit_and_answered_in_their_order() -> None:
    """ALL, cap 5,000: line 2 (4,000) first, line 3 (2,000) gets 1,000 of the cap, line 1 is the third device."""
    lines = [Line(1, D(1000)), Line(2, D(4000)), Line(3, D(2000))]
    answers = waive(lines, terms(waives="ALL"), D(6000), 0)
    assert [answer.number for answer in answers] == [1, 2, 3]
    assert [answer.waived for answer in answers] == [ZERO, D(4000), D(1000)]
    assert [answer.limited_by for answer in answers] == ["devices", "none", "cap"]


def test_equal_deposits_are_served_by_number() -> None:
    answers = waive([Line(2, D(1000)), Line(1, D(1000))], terms(waives="ALL", checkout_cap=D(1500)), D(6000), 0)
    assert [(answer.number, answer.waived) for answer in answers] == [(2, D(500)), (1, D(1000))]


def test_a_line_without_waiver_takes_no_place_among_the_devices() -> None:
    """The floor leaves nothing to the dearest line, so the two others are the two devices."""
    lines = [Line(1, D(300)), Line(2, D(200)), Line(3, D(100))]
    answers = waive(lines, terms(waives="ALL", quota_limit=D(250), checkout_cap=D(250)), D(250), 1)
    assert [answer.waived for answer in answers] == [D(250), ZERO, ZERO]
    assert [answer.limited_by for answer in answers] == ["quota", "devices", "devices"]


@pytest.mark.parametrize(("quota", "held", "deposit"), [("-1", 0, "1"), ("1", -1, "1"), ("1", 0, "-1")])
def test_negative_values_are_nonsense(quota: str, held: int, deposit: str) -> None:
    with pytest.raises(ValueError, match="never negative"):
        one(deposit, terms(), quota, held)


AMOUNTS = st.decimals(0, 20000, places=2)
TERMS = st.builds(
    TierTerms,
    waives=st.sampled_from(["AMOUNT", "PERCENT", "ALL"]),
    amount=AMOUNTS,
    percent=st.integers(0, 100),
    quota_limit=AMOUNTS,
    checkout_cap=AMOUNTS,
    devices=st.integers(0, 4),
    floor=AMOUNTS,
)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), TERMS, AMOUNTS, st.integers(0, 4))
def test_no_limit_is_ever_passed(deposits: list[Decimal], tier: TierTerms, quota: Decimal, held: int) -> None:
    lines = [Line(number, deposit) for number, deposit in enumerate(deposits, 1)]
    answers = waive(lines, tier, quota, held)
    assert total(answer.waived for answer in answers) <= min(quota, tier.checkout_cap)
    assert sum(answer.waived > 0 for answer in answers) <= max(0, tier.devices - held)
    for line, answer in zip(lines, answers, strict=True):
        assert answer.waived + answer.to_hold == line.deposit
        assert ZERO <= answer.waived <= max(ZERO, min(line.deposit - tier.floor, tier.of(line.deposit)))
        assert (answer.limited_by == "none") == (answer.to_hold == 0)


@given(st.lists(AMOUNTS, min_size=2, max_size=6, unique=True), TERMS, AMOUNTS, st.randoms())
def test_the_order_of_lines_does_not_matter(deposits: list[Decimal], tier: TierTerms, quota: Decimal, mix: Any) -> None:
    lines = [Line(number, deposit) for number, deposit in enumerate(deposits, 1)]
    mixed = list(lines)
    mix.shuffle(mixed)
    by_number = {answer.number: answer for answer in waive(mixed, tier, quota, 0)}
    assert [by_number[line.number] for line in lines] == waive(lines, tier, quota, 0)


@pytest.mark.parametrize("row", worked.table("credit", "The waiver"))
def test_the_documented_waivers(row: dict[str, str]) -> None:
    tier = tiers.terms(row["grade"], D(row["floor"]))
    answer = waive([Line(1, D(row["deposit"]))], tier, D(row["quota left"]), int(row["devices held"]))[0]
    assert (answer.waived, answer.to_hold) == (D(row["waived"]), D(row["to hold"]))
    assert answer.limited_by == row["limited by"]
