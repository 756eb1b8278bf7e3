"""What an operator's words for a message may hold: known places, never a program, nothing that threatens.

Places are written `${name}`, as SMS providers want them. Nothing else in a text is ever evaluated.
"""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final

PLACE = re.compile(r"\$\{([a-z_]+)\}")
_NAMED = re.compile(r"\{\{\s*([a-z_]+)")
_SENTENCE = re.compile(r"。|(?<=\.)\s")
MOST_SUBJECT: Final = 60  # characters
MOST_SMS: Final = 140  # characters, two segments of Chinese
NEVER: Final = (  # lawful collection asks; it neither threatens nor reaches for others (domain.md §9)
    "家人", "亲友", "单位", "通讯录", "联系人", "坐牢", "拘留", "警察", "公安", "上门抓", "后果自负", "骗贷", "老赖",
    "family", "friends", "employer", "colleagues", "police", "jail", "prison", "arrest", "criminal",
)  # fmt: skip


class Wrong(StrEnum):
    """Why a text is refused."""

    UNKNOWN_PLACE = "UNKNOWN_PLACE"
    BROKEN_PLACE = "BROKEN_PLACE"
    NO_AMOUNT = "NO_AMOUNT"
    NO_CODE = "NO_CODE"
    THREAT = "THREAT"
    LONG = "LONG"


def places(own_text: str, sms_text: str) -> set[str]:
    """The names that a message of this kind brings: those that the house's own words for it use."""
    return (set(_NAMED.findall(own_text)) | set(PLACE.findall(sms_text))) - {"why"}


def wrong(text: str, event: str, known: Collection[str], *, by_sms: bool, by_mail: bool = False) -> Wrong | None:
    """The first reason why `text` may not be put in force; None when it may.

    "Rent ${number}, ¥${amount}, is due on ${due}.": None. "${user.password}": BROKEN_PLACE. "Pay today!": NO_AMOUNT.
    """
    used = set(PLACE.findall(text))
    rest = PLACE.sub("", text)
    if "$" in rest or "{" in rest or "}" in rest:
        return Wrong.BROKEN_PLACE
    if not used <= set(known):
        return Wrong.UNKNOWN_PLACE
    if event.startswith("bill_") and "amount" not in used:
        return Wrong.NO_AMOUNT
    if event == "code" and (by_sms or by_mail) and "code" not in used:
        return Wrong.NO_CODE
    if any(word in text.casefold() for word in NEVER):
        return Wrong.THREAT
    return Wrong.LONG if by_sms and len(text) > MOST_SMS else None


def subject(text: str) -> str:
    """Of a mail that has none of its own: its first sentence, or as much of it as a list of mails shows.

    "Rent 3, ¥541.83, is due today. Until 8 Dec nothing is added." → "Rent 3, ¥541.83, is due today"
    """
    first = _SENTENCE.split(text, maxsplit=1)[0].rstrip(".")
    return first if len(first) <= MOST_SUBJECT else f"{first[: MOST_SUBJECT - 1]}…"


def filled(text: str, params: Mapping[str, Any]) -> str:
    """With its places filled; one that the message does not bring is left empty. A value is never read as a place."""
    return " ".join(PLACE.sub(lambda place: str(params.get(place[1], "")), text).split())
