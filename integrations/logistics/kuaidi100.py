"""Kuaidi100 (快递100): POST /poll to subscribe, a push of `param` and `sign`, POST /poll/query.do to ask.

sign of a push = MD5(param + salt), of a query = MD5(param + key + customer); both in capitals, over the raw text.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlencode

from core.calendar import SHANGHAI
from integrations import http
from integrations.errors import BadSignature, ProviderRefused
from integrations.keypairs import shared_secret
from integrations.logistics import Condition, Push, Scan, Tracking

COMPANIES: Final = {"sf": "shunfeng", "jd": "jd", "ems": "ems", "zto": "zhongtong"}
CARRIERS: Final = {company: carrier for carrier, company in COMPANIES.items()}
CONDITIONS: Final = {
    "0": Condition.TRANSIT,
    "1": Condition.COLLECTED,
    "2": Condition.PROBLEM,
    "3": Condition.DELIVERED,
    "4": Condition.RETURNED,
    "5": Condition.DELIVERING,
    "6": Condition.TURNED_BACK,
    "7": Condition.TRANSIT,
    "8": Condition.TRANSIT,
    "14": Condition.TURNED_BACK,
}
STATUSES: Final = {  # of one line, where resultv2 is asked for
    "揽收": Condition.COLLECTED,
    "在途": Condition.TRANSIT,
    "派件": Condition.DELIVERING,
    "签收": Condition.DELIVERED,
    "疑难": Condition.PROBLEM,
    "退回": Condition.TURNED_BACK,
    "拒签": Condition.TURNED_BACK,
    "退签": Condition.RETURNED,
}
SUBSCRIBED: Final = ("200", "501")  # 501: repeated
UNKNOWN_YET: Final = ("500", "400")  # the carrier has no line of this number
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
MOST_SCANS: Final = 200


@dataclass(frozen=True, slots=True)
class Kuaidi100:
    called: ClassVar[str] = "kuaidi100"
    url: str
    customer: str
    key_file: str
    salt_file: str
    callback_url: str

    @property
    def address(self) -> str:
        return self.url

    def check(self) -> None:
        """A waybill that no carrier gave out."""
        self.query("sf", "0000000000", "")

    def subscribe(self, carrier: str, waybill: str, phone: str) -> None:
        wanted = {"callbackurl": self.callback_url, "salt": shared_secret(self.salt_file), "resultv2": "1"}
        param = {
            "company": COMPANIES.get(carrier, carrier),
            "number": waybill,
            "key": shared_secret(self.key_file),
            "parameters": {**wanted, "phone": phone},
        }
        answer = self._post("/poll", {"schema": "json", "param": _json(param)})
        if str(answer.get("returnCode")) not in SUBSCRIBED:
            raise ProviderRefused(str(answer.get("returnCode")), str(answer.get("message", "")))

    def query(self, carrier: str, waybill: str, phone: str) -> Tracking:
        param = _json({"com": COMPANIES.get(carrier, carrier), "num": waybill, "phone": phone, "resultv2": "1"})
        sign = _md5(param + shared_secret(self.key_file) + self.customer)
        answer = self._post("/poll/query.do", {"customer": self.customer, "sign": sign, "param": param})
        if str(answer.get("returnCode", "200")) in UNKNOWN_YET:
            return Tracking(carrier, waybill, None, ())
        if answer.get("message") != "ok":
            raise ProviderRefused(str(answer.get("returnCode")), str(answer.get("message", "")))
        return _tracking(answer)

    def parse_push(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Push:
        form = _form(body)
        param, sign = form.get("param", ""), form.get("sign", "")
        if not hmac.compare_digest(_md5(param + shared_secret(self.salt_file)).encode(), sign.upper().encode()):
            raise BadSignature("sign")
        try:
            told = json.loads(param)
            return Push(hashlib.sha256(param.encode()).hexdigest()[:40], _tracking(told["lastResult"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSignature("not a push") from error

    def acknowledgement(self) -> bytes:
        return _json({"result": True, "returnCode": "200", "message": "成功"}).encode()

    def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        reply = http.post(self.url + path, again=True, content=urlencode(form).encode(), headers=FORM, whom=self.called)
        return http.json_object(reply)


def _form(body: bytes) -> dict[str, str]:
    """The first value of each field; BadSignature for what is no form of UTF-8."""
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)
    except ValueError as error:
        raise BadSignature("not a form") from error
    return {name: values[0] for name, values in fields.items()}


def _tracking(result: Mapping[str, Any]) -> Tracking:
    """`data` comes newest first."""
    carrier, waybill = CARRIERS.get(str(result["com"]), str(result["com"])), str(result["nu"])
    condition = CONDITIONS.get(str(result["state"]), Condition.TRANSIT)
    lines = list(result.get("data") or [])[:MOST_SCANS]
    scans = [_scan(line, condition if place == 0 else Condition.TRANSIT) for place, line in enumerate(lines)]
    return Tracking(carrier, waybill, condition, tuple(reversed(scans)))


def _scan(line: Mapping[str, Any], otherwise: Condition) -> Scan:
    at = datetime.strptime(str(line["time"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    condition = STATUSES.get(str(line.get("status", "")), otherwise)
    return Scan(at, str(line["context"])[:300], str(line.get("areaName") or "")[:60], condition)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
