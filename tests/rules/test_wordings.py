"""What operators may write into a message: known places, the amount, no threat, nothing that is evaluated."""

import pytest

from notices.rules import wordings
from notices.rules.wordings import Wrong

BILL = {"lease", "number", "amount", "due"}


@pytest.mark.parametrize(
    ("text", "event", "by_sms", "why"),
    [
        ("Rent ${number}, ¥${amount}, is due on ${due}.", "bill_due", True, None),
        ("¥${amount} ${user.password}", "bill_due", True, Wrong.BROKEN_PLACE),
        ("¥${amount} {{ settings.SECRET_KEY }}", "bill_due", False, Wrong.BROKEN_PLACE),
        ("¥${amount} {% load x %}", "bill_due", False, Wrong.BROKEN_PLACE),
        ("¥${amount} $amount", "bill_due", False, Wrong.BROKEN_PLACE),
        ("¥${amount} ${waybill}", "bill_due", True, Wrong.UNKNOWN_PLACE),
        ("Please pay.", "bill_due", True, Wrong.NO_AMOUNT),
        ("Your order is on its way.", "order_shipped", True, None),
        ("Your code.", "code", True, Wrong.NO_CODE),
        ("Your code was sent.", "code", False, None),
        ("请还 ${amount} 元，否则联系你的家人。", "bill_overdue", True, Wrong.THREAT),
        ("Pay ¥${amount} or the POLICE will come.", "bill_overdue", True, Wrong.THREAT),
        ("¥${amount} " + "x" * 140, "bill_due", True, Wrong.LONG),
        ("¥${amount} " + "x" * 140, "bill_due", False, None),
    ],
)
def test_a_text_is_taken_or_refused(text: str, event: str, by_sms: bool, why: Wrong | None) -> None:
    assert wordings.wrong(text, event, BILL, by_sms=by_sms) is why


def test_a_value_is_never_read_as_a_place() -> None:
    assert wordings.filled("${a} ${b}\n ${gone}.", {"a": "${b}", "b": 2}) == "${b} 2 ."


def test_the_house_text_says_which_places_there_are() -> None:
    own = '{% if reason == "X" %}{% translate "y" as why %}{% endif %}{{ amount }} {{ why }} {{ day }}'
    assert wordings.places(own, "${lease}") == {"amount", "day", "lease"}
