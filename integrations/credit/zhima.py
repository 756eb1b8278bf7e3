"""Zhima score through the Alipay gateway: consent page, token, zhima.credit.score.get."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from integrations.alipay import Gateway
from integrations.credit import ScoreAnswer
from integrations.errors import ProviderUnavailable

PRODUCT: Final = "w1010100100000000001"
SCOPE: Final = "auth_zhima"
LOWEST, HIGHEST = 350, 950


@dataclass(frozen=True, slots=True)
class Zhima:
    gateway: str
    app_id: str
    private_key: str
    alipay_key: str
    authorize: str
    notify_url: str = ""

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        asked = {"app_id": self.app_id, "scope": SCOPE, "redirect_uri": redirect_uri, "state": state}
        return f"{self.authorize}?{urlencode(asked)}"

    def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
        gateway = Gateway(self.gateway, self.app_id, self.private_key, self.alipay_key)
        token = gateway.call(
            "alipay.system.oauth.token", {}, again=False, grant_type="authorization_code", code=auth_code
        )
        answer = gateway.call(
            "zhima.credit.score.get",
            {"transaction_id": request_no, "product_code": PRODUCT},
            again=True,
            auth_token=str(token["access_token"]),
        )
        user = str(token.get("user_id") or token.get("open_id", ""))
        return ScoreAnswer(_score(str(answer.get("zm_score", ""))), user, str(answer.get("biz_no", "")))


def _score(text: str) -> int | None:
    if text == "N/A":
        return None
    if not text.isascii() or not text.isdigit() or not LOWEST <= int(text) <= HIGHEST:
        raise ProviderUnavailable(f"not a score: {text[:10]}")
    return int(text)
