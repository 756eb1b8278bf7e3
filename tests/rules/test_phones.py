"""Phones as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import phones

NUMBERS = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "138–0000–0001",
        "+8613800000001",
        "+86 138 0000 0001",
        "（+86）13800000001",
        "008613800000001",
        "8613800000001",
        "１３８００００００01",
        "138\u00a00000\u30000001",
    ],
)
def test_usual_spellings_are_one_number(text: str) -> None:
    assert phones.normalise(text) == "13800000001"


@pytest.mark.parametrize(
    "text",
    ["", "1380000000", "138000000011", "12800000001", "010-62770000", "+85291234567", "+113800000001", "8613800000"],
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a mainland mobile number"):
        phones.normalise(text)


def test_letters_do_not_vanish_from_a_number() -> None:
    with pytest.raises(ValueError, match="not a mainland"):
        phones.normalise("138a00000001")


def test_digits_of_other_scripts_are_no_digits() -> None:
    with pytest.raises(ValueError, match="not a mainland"):
        phones.normalise("١٣٨٠٠٠٠٠٠٠١")


@given(NUMBERS)
def test_a_number_stays_itself(number: str) -> None:
    assert phones.normalise(number) == number


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = phones.normalise(text)
    except ValueError:
        return
    assert phones.normalise(number) == number
