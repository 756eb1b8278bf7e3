"""Parcels at the pretended Kuaidi100: subscribed to, moved by a person, pushed at every move, with its own signature.

Waybills with 9999 in front and a last digit of 1 to 4 behave badly: see MAGIC.
"""

import hashlib
import json
import re
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from sandbox import conf, keys, wire
from sandbox.models import FaultOrder
from sandbox.services import notices
from sandbox.shipments import Shipment, ShipmentScan

Kind = FaultOrder.Kind
COMPANIES: Final = {"shunfeng": "顺丰速运", "jd": "京东物流", "ems": "EMS", "zhongtong": "中通快递"}
MOVES: Final = {  # what a person may let happen: state, status, the carrier's words
    "collected": ("1", "揽收", "快件已由收派员揽收"),
    "transit": ("0", "在途", "快件已到达中转场，正发往下一站"),
    "delivering": ("5", "派件", "快件正在派送，请保持电话畅通"),
    "delivered": ("3", "签收", "快件已签收，感谢使用"),
    "problem": ("2", "疑难", "派送不成功：收件人电话无人接听"),
    "refused": ("14", "拒签", "收件人拒收，快件将退回寄件人"),
    "returned": ("4", "退签", "快件已退回并由寄件人签收"),
}
MAGIC: Final = {"1": Kind.DUPLICATE, "2": Kind.FORGED, "3": Kind.DELAY, "4": Kind.DROP}
_MAGIC_NUMBER = re.compile(r"[A-Z]*9999\d*([1-4])", re.ASCII)


def subscribe(company: str, number: str, callback_url: str, salt: str, at: datetime) -> bool:
    """Whether it is a new subscription."""
    row, new = Shipment.objects.get_or_create(
        company=company, number=number, defaults={"callback_url": callback_url, "salt": salt, "made_at": at}
    )
    if not new and not row.callback_url:
        row.callback_url, row.salt = callback_url, salt
        row.save(update_fields=["callback_url", "salt"])
        return True
    return new


@transaction.atomic
def move(shipment: Shipment, name: str, at: datetime, area: str = "广东,深圳市") -> ShipmentScan:
    """Let something happen to a parcel; whoever subscribed is told."""
    code, status, context = MOVES[name]
    made = ShipmentScan.objects.create(shipment=shipment, at=at, code=code, status=status, context=context, area=area)
    if shipment.callback_url:
        magic = _MAGIC_NUMBER.fullmatch(shipment.number)
        fault = FaultOrder(kind=MAGIC[magic[1]]) if magic else None
        notices.put_parcel(shipment.callback_url, _form(shipment), fault, at)
    return made


def known(company: str, number: str) -> dict[str, Any] | None:
    """The `lastResult` of a parcel with at least one line; None for a number that no carrier knows."""
    row = Shipment.objects.filter(company=company, number=number).first()
    lines = list(row.scans.order_by("-at", "-pk")) if row else []
    if row is None or not lines or _is_unknown(number):
        return None
    return {
        "message": "ok",
        "state": lines[0].code,
        "status": "200",
        "condition": "F00",
        "ischeck": "1" if lines[0].code in ("3", "4") else "0",
        "com": company,
        "nu": number,
        "data": [
            {"context": line.context, "time": wire.text(line.at), "ftime": wire.text(line.at), "status": line.status,
             "areaName": line.area}
            for line in lines
        ],
    }  # fmt: skip


def query_sign(param: str) -> str:
    return _md5(f"{param}{keys.kuaidi100_key()}{conf.kuaidi100_customer()}")


def _form(shipment: Shipment) -> dict[str, str]:
    result = known(shipment.company, shipment.number) or {}
    over = result.get("state") in ("3", "4")
    told = {"status": "shutdown" if over else "polling", "message": "", "lastResult": result}
    param = json.dumps(told, ensure_ascii=False)
    return {"param": param, "sign": _md5(param + shipment.salt)}


def _md5(text: str) -> str:
    return hashlib.new("md5", text.encode(), usedforsecurity=False).hexdigest().upper()


def _is_unknown(number: str) -> bool:
    found = _MAGIC_NUMBER.fullmatch(number)
    return found is not None and found[1] == "4"
