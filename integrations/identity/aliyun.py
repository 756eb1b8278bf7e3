"""Aliyun Id2MetaVerify and Mobile3MetaDetailVerify (Cloudauth 2019-03-07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from integrations.acs3 import Acs3
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.identity import IdentityAnswer, Result

RESULTS = {"1": Result.MATCH, "2": Result.MISMATCH, "3": Result.NO_RECORD}
BAD_INPUT = "401"  # "参数非法": a name or number that no register could hold


@dataclass(frozen=True, slots=True)
class AliyunIdentity:
    called: ClassVar[str] = "aliyun-identity"
    endpoint: str
    access_key_id: str
    secret_file: str

    @property
    def address(self) -> str:
        return self.endpoint

    def check(self) -> None:
        """A question without a person in it, which is answered and never billed."""
        self.check_identity("", "")

    def check_identity(self, name: str, id_number: str) -> IdentityAnswer:
        return self._ask("Id2MetaVerify", {"UserName": name, "IdentifyNum": id_number})

    def check_phone_owner(self, name: str, id_number: str, phone: str) -> IdentityAnswer:
        return self._ask(
            "Mobile3MetaDetailVerify",
            {"UserName": name, "IdentifyNum": id_number, "Mobile": phone.removeprefix("+86")},
        )

    def _ask(self, action: str, parameters: Mapping[str, str]) -> IdentityAnswer:
        api = Acs3(self.endpoint, self.access_key_id, self.secret_file, "2019-03-07", self.called)
        answer = api.call(action, {"ParamType": "normal", **parameters})
        code = str(answer.get("Code"))
        if code == BAD_INPUT:
            return IdentityAnswer(Result.INVALID_INPUT, code, billed=False)
        if code != "200":
            raise ProviderRefused(code, str(answer.get("Message", "")))
        found = answer.get("ResultObject") or {}
        biz_code = str(found.get("BizCode"))
        if biz_code not in RESULTS:
            raise ProviderUnavailable(f"BizCode {biz_code}")
        return IdentityAnswer(RESULTS[biz_code], f"{biz_code}/{found.get('SubCode', '')}".rstrip("/"), billed=True)
