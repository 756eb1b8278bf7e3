"""People who behave on order: the three sequence digits of an ID number (places 15–17) say how.

The one table; sandbox/README.md shows the same. Any other valid number is an ordinary person with a score from a hash.
"""

import hashlib
import re
from datetime import date
from enum import StrEnum

LOWEST, HIGHEST = 480, 820


class Quirk(StrEnum):
    NONE = ""
    IDENTITY_MISMATCH = "identity_mismatch"
    NO_RECORD = "no_record"
    PHONE_MISMATCH = "phone_mismatch"
    NO_SCORE = "no_score"
    SCORE_REFUSED = "score_refused"
    SLOW = "slow"
    DOWN = "down"
    REAL_FREEZE = "real_freeze"
    SCORE_DOWN = "score_down"
    SLOW_RELEASE = "slow_release"
    NO_BALANCE = "no_balance"
    SCORE_SLOW = "score_slow"


QUIRKS = {
    "987": Quirk.SCORE_SLOW,  # identity holds, Zhima takes 2 s for its answer
    "988": Quirk.NO_BALANCE,  # Alipay finds too little money for any deduction
    "989": Quirk.SLOW_RELEASE,  # Alipay takes ten days over giving back what it froze
    "990": Quirk.SCORE_DOWN,  # identity holds, Zhima does not answer
    "991": Quirk.IDENTITY_MISMATCH,  # name and number do not belong together
    "992": Quirk.NO_RECORD,  # the register does not know the number
    "993": Quirk.PHONE_MISMATCH,  # identity holds, the phone is someone else's
    "994": Quirk.NO_SCORE,  # Zhima answers N/A
    "995": Quirk.SCORE_REFUSED,  # Zhima refuses to tell
    "996": Quirk.SLOW,  # the registers take 2 s for every answer
    "997": Quirk.DOWN,  # the registers answer 503
    "998": Quirk.REAL_FREEZE,  # Alipay does not vouch: a freeze takes real money
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def quirk(id_number: str) -> Quirk:
    return QUIRKS.get(id_number[14:17], Quirk.NONE)


def score(id_number: str) -> int:
    """480–820, the same for the same number for ever."""
    digest = hashlib.sha256(f"zhima:{id_number}".encode()).digest()
    return LOWEST + int.from_bytes(digest[:4], "big") % (HIGHEST - LOWEST + 1)


def is_valid(id_number: str) -> bool:
    """18 places, a date that exists, and the check digit of GB 11643."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", id_number, re.ASCII):
        return False
    try:
        date.fromisoformat(id_number[6:14])
    except ValueError:
        return False
    return check_digit(id_number[:17]) == id_number[17]


def check_digit(body: str) -> str:
    return _CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def number(born: date, sequence: str, area: str = "110101") -> str:
    """A valid ID number for tests and the demo."""
    body = f"{area}{born:%Y%m%d}{sequence}"
    return body + check_digit(body)
