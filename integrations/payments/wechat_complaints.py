"""WeChat Pay's 消费者投诉 2.0: a payer asks the platform for his money back.

Its notices (COMPLAINT.CREATE, COMPLAINT.STATE_CHANGE) name the complaint only. A complaint moves no money while it is
open; that it was lost is `complaint_full_refunded` once it is PROCESSED. No time of a decision is told, and no
deadline. What the platform took is a refund of the trade in the statement, under the complaint's number.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from core import money
from integrations.errors import ProviderUnavailable
from integrations.payments import DisputeFact, DisputeStatus
from integrations.wechat import instant

PATH: Final = "/v3/merchant-service/complaints-v2"
PAGE: Final = 50
PAGES_MAX: Final = 40
ASKS_FOR_MONEY: Final = "REFUND"
NUMBER: Final = re.compile(r"[\w-]{1,64}", re.ASCII)


def number(told: object) -> str:
    """A complaint's number, which goes into an address."""
    if not isinstance(told, str) or not NUMBER.fullmatch(told):
        raise ProviderUnavailable(f"complaint {str(told)[:40]!r}")
    return told


def fact(told: Mapping[str, Any]) -> DisputeFact | None:
    """None for one that asks for no money, or is about none or several of our orders, which a person reads there."""
    about = told.get("complaint_order_info")
    if told.get("problem_type") != ASKS_FOR_MONEY or not isinstance(about, list) or len(about) != 1:
        return None
    order = about[0] if isinstance(about[0], dict) else {}
    fen = told.get("apply_refund_amount") or order.get("amount")
    if not isinstance(fen, int) or isinstance(fen, bool) or not 0 < fen < 10**13:
        raise ProviderUnavailable(f"amount {str(fen)[:30]!r}")
    return DisputeFact(
        dispute_no=number(told.get("complaint_id")),
        request_no=str(order.get("out_trade_no", ""))[:64],
        status=_status(told),
        amount=money.from_cents(fen),
        withheld=False,
        reason=str(told.get("complaint_detail", ""))[:200],
        opened_at=instant(told.get("complaint_time")),
        respond_by=None,
        decided_at=None,
    )


def _status(told: Mapping[str, Any]) -> DisputeStatus:
    match told.get("complaint_state"):
        case "PENDING" | "PROCESSING":
            return DisputeStatus.OPEN
        case "PROCESSED":
            return DisputeStatus.LOST if told.get("complaint_full_refunded") is True else DisputeStatus.WON
    raise ProviderUnavailable(f"state {str(told.get('complaint_state'))[:30]!r}")
