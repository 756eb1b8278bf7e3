"""Resident identity numbers 公民身份号码 (GB 11643): 18 places, a birthday inside, a check digit at the end."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS: Final = "10X98765432"
ADULT_AGE: Final = 18
OLDEST: Final = date(1900, 1, 1)

# Documents that people have instead, by their shape: told by name, so that nobody hunts for a typing error.
OTHER_DOCUMENTS: Final = (
    ("foreign_permit", re.compile(r"9[0-9]{16}[0-9X]|[A-Z]{3}[0-9]{12}")),  # 外国人永久居留身份证
    ("residence_permit", re.compile(r"8[123]0000[0-9]{11}[0-9X]")),  # 港澳台居民居住证
    ("home_return_permit", re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}")),  # 来往内地通行证
    ("passport", re.compile(r"[A-Z][0-9]{8}|[A-Z]{2}[0-9]{7}")),
    ("fifteen_digits", re.compile(r"[1-9][0-9]{14}")),  # the first generation, void since 2013
)


class NotAnIdNumber(ValueError):
    """`reason`: length, characters, date, checksum, or the name of another document."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class IdNumber:
    number: str
    birthday: date
    woman: bool

    def age(self, on: date) -> int:
        """Full years; who was born on 29 February is a year older on 1 March."""
        return on.year - self.birthday.year - ((on.month, on.day) < (self.birthday.month, self.birthday.day))

    def is_adult(self, on: date) -> bool:
        return self.age(on) >= ADULT_AGE


def parse(text: str, on: date) -> IdNumber:
    """The number in `text`, born not after `on`. NotAnIdNumber with its reason otherwise."""
    number = re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()
    for document, shape in OTHER_DOCUMENTS:
        if shape.fullmatch(number):
            raise NotAnIdNumber(document)
    if len(number) != 18:
        raise NotAnIdNumber("length")
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise NotAnIdNumber("characters")
    birthday = _birthday(number[6:14], on)
    if check_digit(number[:17]) != number[17]:
        raise NotAnIdNumber("checksum")
    return IdNumber(number, birthday, woman=int(number[16]) % 2 == 0)


def check_digit(body: str) -> str:
    """Of the first 17 places: Σ digit·weight mod 11, looked up."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def _birthday(digits: str, on: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise NotAnIdNumber("date") from error
    if not OLDEST <= born <= on:
        raise NotAnIdNumber("date")
    return born
