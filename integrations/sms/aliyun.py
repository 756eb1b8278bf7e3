"""Aliyun SendSms (Dysmsapi 2017-05-25) and its SmsReport receipts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from integrations.acs3 import Acs3
from integrations.errors import ProviderRefused
from integrations.sms import SmsAccepted, SmsReceipt, beijing, rows_of


@dataclass(frozen=True, slots=True)
class AliyunSms:
    called: ClassVar[str] = "aliyun-sms"
    endpoint: str
    access_key_id: str
    secret_file: str
    sign_name: str = "信租"

    @property
    def address(self) -> str:
        return self.endpoint

    def check(self) -> None:
        """One line of the list of our templates."""
        self._called("QuerySmsTemplateList", {"PageIndex": "1", "PageSize": "1"})

    def send(self, phone: str, template: str, params: Mapping[str, str], out_id: str) -> SmsAccepted:
        answer = self._called(
            "SendSms",
            {
                "PhoneNumbers": phone.removeprefix("+86"),
                "SignName": self.sign_name,
                "TemplateCode": template,
                "TemplateParam": json.dumps(dict(params), ensure_ascii=False),
                "OutId": out_id,
            },
        )
        return SmsAccepted(provider_id=str(answer["BizId"]))

    def _called(self, action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        api = Acs3(self.endpoint, self.access_key_id, self.secret_file, "2017-05-25", self.called)
        answer = api.call(action, parameters)
        if answer.get("Code") != "OK":
            raise ProviderRefused(str(answer.get("Code")), str(answer.get("Message", "")))
        return answer

    def parse_receipts(self, body: bytes) -> list[SmsReceipt]:
        return [
            SmsReceipt(
                provider_id=str(row.get("biz_id", "")),
                out_id=str(row.get("out_id") or ""),
                phone=str(row.get("phone_number", "")),
                arrived=row.get("success") is True,
                reason=" ".join(str(row.get(name) or "") for name in ("err_code", "err_msg")).strip(),
                at=beijing(row.get("report_time")),
            )
            for row in rows_of(body)
        ]

    def acknowledgement(self) -> bytes:
        return '{"code":0,"msg":"成功"}'.encode()
