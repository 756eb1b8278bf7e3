"""Small pieces of Alipay's wire: refusals, numbers, instants, amounts."""

import re
import secrets
from datetime import UTC, datetime
from decimal import Decimal

from core.calendar import SHANGHAI


class Refused(Exception):
    """A reply other than 10000: code, sub_code and the words for people."""

    def __init__(self, sub_code: str, sub_msg: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg

    def content(self) -> dict[str, str]:
        words = {"40002": "Invalid Arguments", "40004": "Business Failed", "20000": "Service Currently Unavailable"}
        return {
            "code": self.code,
            "msg": words[self.code],
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        }


def new_number(at: datetime, digits: int = 28) -> str:
    """A number as Alipay makes them: the date first, digits only."""
    head = at.astimezone(SHANGHAI).strftime("%Y%m%d")
    return head + "".join(secrets.choice("0123456789") for _ in range(digits - len(head)))


def text(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def instant(value: str, field: str) -> datetime:
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError as error:
        raise Refused(f"isv.invalid-{field}", f"{field} is not yyyy-MM-dd HH:mm:ss", "40002") from error


def amount(value: object) -> Decimal:
    """0.01–100000000, at most two places."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", str(value), re.ASCII) or not Decimal(str(value)):
        raise Refused("ACQ.INVALID_PARAMETER", "the amount is not valid")
    return Decimal(str(value)).quantize(Decimal("0.01"))
