"""Resident identity numbers: every class of bad input has its reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import id_numbers, names
from accounts.rules.id_numbers import NotAnIdNumber

ON = date(2026, 11, 23)


def made(birthday: str, sequence: str = "001", area: str = "110105") -> str:
    body = f"{area}{birthday}{sequence}"
    return body + id_numbers.check_digit(body)


def reason_or_none(text: str) -> str | None:
    try:
        id_numbers.parse(text, ON)
    except NotAnIdNumber as refusal:
        return refusal.reason
    return None


def reason(text: str) -> str:
    with pytest.raises(NotAnIdNumber) as refusal:
        id_numbers.parse(text, ON)
    return refusal.value.reason


def test_the_example_of_the_standard() -> None:
    """GB 11643-1999 gives 11010519491231002X: Σ = 167, 167 mod 11 = 2 → X; an even sequence number is a woman."""
    card = id_numbers.parse("11010519491231002X", ON)
    assert (card.birthday, card.woman) == (date(1949, 12, 31), True)


def test_the_second_example_of_the_standard() -> None:
    """440524188001010014 is valid by its check digit, but nobody born in 1880 rents."""
    assert id_numbers.check_digit("44052418800101001") == "4"
    assert reason("440524188001010014") == "date"


@pytest.mark.parametrize(
    "text",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X"],
)
def test_spellings_are_one_number(text: str) -> None:
    assert id_numbers.parse(text, ON).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "length"),
        ("1101051949123100", "length"),
        ("110105194912310020X", "length"),
        ("01010519491231002X", "characters"),
        ("1101051949123100X2", "characters"),
        ("11010519491231A02X", "characters"),
        ("110105194912310021", "checksum"),
        ("110105194912310012", "checksum"),
        (made("20230229"), "date"),
        (made("20261124"), "date"),  # tomorrow
        (made("19001301"), "date"),
        (made("18991231"), "date"),
        ("110105491231002", "fifteen_digits"),
        ("E12345678", "passport"),
        ("EA1234567", "passport"),
        ("H12345678", "home_return_permit"),
        ("M1234567801", "home_return_permit"),
        ("12345678", "home_return_permit"),
        ("CHN110105123456", "foreign_permit"),
        ("911105199001010012", "foreign_permit"),
        ("830000199201300022", "residence_permit"),
    ],
)
def test_bad_numbers_have_their_reason(text: str, why: str) -> None:
    assert reason(text) == why


@pytest.mark.parametrize(
    ("birthday", "adult"), [("20081123", True), ("20081124", False), ("20261123", False), ("19000101", True)]
)
def test_eighteen_begins_on_the_birthday(birthday: str, adult: bool) -> None:
    assert id_numbers.parse(made(birthday), ON).is_adult(ON) is adult


def test_who_was_born_on_a_leap_day_is_older_on_the_first_of_march() -> None:
    card = id_numbers.parse(made("20080229"), ON)
    assert not card.is_adult(date(2026, 2, 28))
    assert card.is_adult(date(2026, 3, 1))


@given(st.dates(date(1900, 1, 1), ON), st.integers(0, 999))
def test_a_made_number_is_read_back(born: date, sequence: int) -> None:
    card = id_numbers.parse(made(f"{born:%Y%m%d}", f"{sequence:03d}"), ON)
    assert card.birthday == born
    assert card.woman == (sequence % 2 == 0)


@given(st.dates(date(1950, 1, 1), date(2008, 1, 1)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(born: date, sequence: int, place: int, by: int) -> None:
    """Weights and modulus 11 are coprime, so no single digit can change unseen."""
    number = made(f"{born:%Y%m%d}", f"{sequence:03d}")
    changed = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(NotAnIdNumber):
        id_numbers.parse(changed, ON)


@given(st.text(max_size=25))
def test_any_text_is_a_number_or_has_a_reason(text: str) -> None:
    assert reason_or_none(text) != ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("林晓", "林晓"),
        (" 林 晓 ", "林晓"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("𠮷永", "𠮷永"),
    ],
)
def test_names_as_on_the_card(text: str, name: str) -> None:
    assert names.normalise(text) == name


@pytest.mark.parametrize("text", ["", "林", "Lin Xiao", "林晓1", "·林晓", "林晓·", "林··晓", "晓" * 31, "林晓<b>"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        names.normalise(text)
