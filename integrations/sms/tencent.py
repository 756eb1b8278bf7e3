"""Tencent SendSms (2021-01-11) and its status notifications.

Its templates have numbered places: the values go in the order of the text. Its receipts name its own serial number
only, so a message that was lost on the way there stays unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.sms import SmsAccepted, SmsReceipt, beijing, rows_of
from integrations.tc3 import Tc3


@dataclass(frozen=True, slots=True)
class TencentSms:
    called: ClassVar[str] = "tencent-sms"
    endpoint: str
    secret_id: str
    secret_file: str
    app_id: str
    region: str = "ap-guangzhou"
    sign_name: str = "信租"

    @property
    def address(self) -> str:
        return self.endpoint

    def check(self) -> None:
        """One line of the list of our templates."""
        self._called("DescribeSmsTemplateList", {"International": 0, "Limit": 1, "Offset": 0})

    def send(self, phone: str, template: str, params: Mapping[str, str], out_id: str) -> SmsAccepted:
        answer = self._called(
            "SendSms",
            {
                "PhoneNumberSet": [phone if phone.startswith("+") else f"+86{phone}"],
                "SmsSdkAppId": self.app_id,
                "SignName": self.sign_name,
                "TemplateId": template,
                "TemplateParamSet": list(params.values()),
                "SessionContext": out_id,
            },
        )
        told = answer.get("SendStatusSet")
        if not isinstance(told, list) or len(told) != 1 or not isinstance(told[0], dict):
            raise ProviderUnavailable("no status of the one number")
        [status] = told
        if status.get("Code") != "Ok":
            raise ProviderRefused(str(status.get("Code")), str(status.get("Message", "")))
        return SmsAccepted(provider_id=str(status["SerialNo"]))

    def _called(self, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        api = Tc3(self.endpoint, self.secret_id, self.secret_file, "sms", "2021-01-11", self.region, self.called)
        return api.call(action, parameters)

    def parse_receipts(self, body: bytes) -> list[SmsReceipt]:
        return [
            SmsReceipt(
                provider_id=str(row.get("sid", "")),
                out_id="",
                phone=str(row.get("mobile", "")),
                arrived=row.get("report_status") == "SUCCESS",
                reason=" ".join(str(row.get(name) or "") for name in ("errmsg", "description")).strip(),
                at=beijing(row.get("user_receive_time")),
            )
            for row in rows_of(body)
        ]

    def acknowledgement(self) -> bytes:
        return b'{"result":0,"errmsg":"OK"}'
