"""What becomes of text messages, told to the shop in its provider's own words until it is taken."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from sandbox import conf, keys, wire
from sandbox.models import FaultOrder, SmsMessage
from sandbox.post import SmsReceipt
from sandbox.services import faults
from sandbox.services.notices import Answer, Letter, Post, default_post

Kind = FaultOrder.Kind
Vendor = SmsReceipt.Vendor
TAKES: Final = timedelta(seconds=3)
WAITS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 10))
SILENT: Final = "9909"  # phones that end so: no receipt ever
FATES: Final = {  # the last four digits of a phone: Aliyun's code and words, Tencent's
    "9901": ("MK:0001", "空号", "MK:0001", "号码为空号"),
    "9902": ("REJECT", "运营商拦截", "REJECT", "运营商内部错误"),
    "9903": ("UNDELIV", "用户关机或不在服务区", "UNDELIV", "用户关机或不在服务区"),
}
_ARRIVED: Final = ("DELIVERED", "用户接收成功", "DELIVRD", "用户短信送达成功")


def put(message: SmsMessage, vendor: str, at: datetime) -> None:
    """Queue the receipt, as the ordered faults or a magic phone will have it."""
    if not conf.sms_receipts() or message.phone.endswith(SILENT):
        return
    fault = faults.take("notice:sms")
    kind, argument = (fault.kind, fault.argument) if fault else ("", "")
    if kind == Kind.DROP:
        return
    due = at + (timedelta(seconds=int(argument or 3600)) if kind == Kind.DELAY else TAKES)
    told = {"receipts": [_words(message, vendor, at + TAKES)], "forged": kind == Kind.FORGED}
    copies = 1 + (int(argument or 1) if kind == Kind.DUPLICATE else 0)
    SmsReceipt.objects.bulk_create(SmsReceipt(vendor=vendor, told=told, due_at=due) for _ in range(copies))


def deliver_due(at: datetime, post: Post | None = None) -> int:
    """Post every receipt that is due; how many were taken. Two at once: each try is claimed first."""
    due = SmsReceipt.objects.filter(due_at__lte=at, delivered_at=None).order_by("due_at", "pk")
    return sum(_try(row, at, post or default_post) for row in list(due))


def _try(row: SmsReceipt, at: datetime, send: Post) -> bool:
    again = at + WAITS[row.posts] if row.posts < len(WAITS) else None
    mine = SmsReceipt.objects.filter(pk=row.pk, posts=row.posts, delivered_at=None)
    if not mine.update(posts=row.posts + 1, due_at=again):
        return False
    try:
        answer = send(_letter(row))
    except (httpx.HTTPError, OSError) as error:
        answer = Answer(0, type(error).__name__)
    taken = _is_taken(row.vendor, answer)
    outcome: dict[str, Any] = {"delivered_at": at, "due_at": None} if taken else {}
    SmsReceipt.objects.filter(pk=row.pk).update(answered=f"{answer.status} {answer.text}"[:100], **outcome)
    return taken


def _letter(row: SmsReceipt) -> Letter:
    secret = "0" * 32 if row.told["forged"] else keys.sms_receipt_secret()
    body = json.dumps(row.told["receipts"], ensure_ascii=False).encode()
    return Letter(f"{conf.sms_receipts()}{row.vendor}/{secret}/", body, "application/json")


def _is_taken(vendor: str, answer: Answer) -> bool:
    try:
        said = json.loads(answer.text)
    except ValueError:
        return False
    wanted = "code" if vendor == Vendor.ALIYUN else "result"
    return answer.status == 200 and isinstance(said, dict) and said.get(wanted) == 0


def _words(message: SmsMessage, vendor: str, at: datetime) -> Mapping[str, Any]:
    fate = FATES.get(message.phone[-4:])
    code, words, tencents, description = fate or _ARRIVED
    if vendor == Vendor.ALIYUN:
        return {
            "phone_number": message.phone, "send_time": wire.text(message.sent_at), "report_time": wire.text(at),
            "success": fate is None, "err_code": code, "err_msg": words, "sms_size": "1", "biz_id": message.biz_id,
            "out_id": message.out_id,
        }  # fmt: skip
    return {
        "user_receive_time": wire.text(at), "nationcode": "86", "mobile": message.phone,
        "report_status": "FAIL" if fate else "SUCCESS", "errmsg": tencents, "description": description,
        "sid": message.biz_id,
    }  # fmt: skip
