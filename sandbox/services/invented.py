"""People to try the shop with: a name and a valid number that belong to nobody, another one each time."""

import secrets
from datetime import date, timedelta

from sandbox import magic
from sandbox.magic import Quirk

SURNAMES, GIVEN = "林周陈吴赵沈陆苏程叶", ("知夏", "明远", "安然", "予微", "景行", "若溪", "书言", "清和")
AREAS = ("110101", "310115", "440305", "330106", "510107")
OLDEST, DAYS = date(1980, 1, 1), 20 * 365
GOOD_SCORE = 700


def person() -> tuple[str, str]:
    """Name and ID number of an adult whose identity holds and whose score is good."""
    while True:
        born = OLDEST + timedelta(days=secrets.randbelow(DAYS))
        card = magic.number(born, f"{secrets.randbelow(900):03d}", secrets.choice(AREAS))
        if magic.quirk(card) == Quirk.NONE and magic.score(card) >= GOOD_SCORE:
            return secrets.choice(SURNAMES) + secrets.choice(GIVEN), card
