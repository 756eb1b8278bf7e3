"""Mainland mobile numbers as people type them."""

import re
import unicodedata

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SEPARATORS = re.compile(r"[\s\-().‐-―]+")  # ‐ to ―: every dash
_COUNTRY = re.compile(r"(\+|00)86|86(?=1[3-9][0-9]{9}$)")


def normalise(text: str) -> str:
    """ "+86 138-0000-0000" → "13800000000"; full-width digits are read too. ValueError for anything else."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    number = _COUNTRY.sub("", digits, count=1) if _COUNTRY.match(digits) else digits
    if not _MOBILE.fullmatch(number):
        raise ValueError("not a mainland mobile number")
    return number
