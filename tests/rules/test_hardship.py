"""How often relief may be asked for."""

from datetime import date, timedelta

import pytest

from arrears.rules import hardship
from arrears.rules.hardship import Former, NoAsk

ASKED, ENDED = date(2026, 4, 29), date(2026, 5, 1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("former", "days", "has_changed", "why"),
    [
        ([], 0, False, None),
        ([Former(ASKED, ENDED, False)], 0, False, NoAsk.LATELY),
        ([Former(ASKED, ENDED, False)], 29, False, NoAsk.LATELY),
        ([Former(ASKED, ENDED, False)], 30, False, None),
        ([Former(ASKED, ENDED, False)], 0, True, None),
        ([Former(ASKED, ENDED, True)], 0, True, NoAsk.LATELY),
        ([Former(ASKED, None, False)], 0, False, None),  # taken back
        ([Former(ASKED, None, False)] * 3, 0, False, None),
        ([Former(ASKED, None, False)] * 4, 0, True, NoAsk.TOO_OFTEN),
        ([Former(ASKED, ENDED, False)] * 4, 362, True, NoAsk.TOO_OFTEN),
        ([Former(ASKED, ENDED, False)] * 4, 363, False, None),  # 365 days after the first of them
    ],
)
def test_whether_it_may_be_asked(former: list[Former], days: int, has_changed: bool, why: NoAsk | None) -> None:
    assert hardship.no_ask(former, ENDED + days * DAY, has_changed=has_changed) is why


def test_from_when_it_may_be_asked_again() -> None:
    former = [Former(ASKED + n * DAY, ENDED + n * DAY, False) for n in range(4)]
    assert hardship.again_from(former, NoAsk.LATELY) == ENDED + 33 * DAY
    assert hardship.again_from(former, NoAsk.TOO_OFTEN) == ASKED + 365 * DAY
    with pytest.raises(ValueError, match="taken back"):
        hardship.again_from([Former(ASKED, None, False)], NoAsk.LATELY)
