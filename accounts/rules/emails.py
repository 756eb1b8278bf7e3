"""The shape of an e-mail address."""

import re
from typing import Final

LONGEST: Final = 254  # RFC 5321
_SHAPE = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def normalise(text: str) -> str:
    """ " Wang.Fang@Example.COM " → "wang.fang@example.com", one box, one address. ValueError for no address."""
    address = text.strip().lower()
    if len(address) > LONGEST or not _SHAPE.fullmatch(address):
        raise ValueError("not an e-mail address")
    return address
