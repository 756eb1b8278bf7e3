"""IMEI numbers: 15 digits, the last one by Luhn."""

DIGITS = 15


def is_valid(imei: str) -> bool:
    """Whether `imei` is 15 ASCII digits whose last one fits."""
    return len(imei) == DIGITS and imei.isascii() and imei.isdigit() and luhn(imei[:-1]) == int(imei[-1])


def luhn(body: str) -> int:
    """The check digit that follows `body`: 49015420323751 → 8."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
