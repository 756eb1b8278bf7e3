"""Zhima score through the Alipay gateway: consent page, token, zhima.credit.score.get and brief.get (yes or no)."""

from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import urlencode

from integrations.alipay import Gateway
from integrations.credit import AdmissionAnswer, ScoreAnswer, ScoreDelayed
from integrations.errors import ProviderRefused, ProviderUnavailable

PRODUCT: Final = "w1010100100000000001"
ADMISSION_PRODUCT: Final = "w1010100000000002733"
SCOPE: Final = "auth_zhima"
GRANT: Final = "grant:"  # no code of Alipay's looks so
NOBODYS: Final = "0" * 32
SPENT: Final = "isv.code-invalid"
LOWEST, HIGHEST = 350, 950


@dataclass(frozen=True, slots=True)
class Zhima:
    called: ClassVar[str] = "zhima"
    gateway: str
    app_id: str
    private_key: str
    alipay_key: str
    authorize: str
    notify_url: str = ""

    @property
    def address(self) -> str:
        return self.gateway

    def check(self) -> None:
        """A code that nobody was given: the gateway says so, which it says to callers in good order only."""
        try:
            self._exchange(NOBODYS)
        except ProviderRefused as refusal:
            if refusal.provider_code != SPENT:
                raise

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        asked = {"app_id": self.app_id, "scope": SCOPE, "redirect_uri": redirect_uri, "state": state}
        return f"{self.authorize}?{urlencode(asked)}"

    def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
        token, user = _granted(auth_code) or self._exchange(auth_code)
        content = {"transaction_id": request_no, "product_code": PRODUCT}
        try:
            answer = self._api.call("zhima.credit.score.get", content, again=True, auth_token=token)
            return ScoreAnswer(_score(str(answer.get("zm_score", ""))), user, str(answer.get("biz_no", "")))
        except ProviderUnavailable as error:
            raise ScoreDelayed(error.detail, grant=f"{GRANT}{token}:{user}") from error

    def fetch_admission(self, auth_code: str, bar: int, request_no: str) -> AdmissionAnswer:
        token, user = _granted(auth_code) or self._exchange(auth_code)
        content = {
            "transaction_id": request_no,
            "product_code": ADMISSION_PRODUCT,
            "cert_type": "ALIPAY_USER_ID",
            "cert_no": user,
            "admittance_score": bar,
        }
        try:
            answer = self._api.call("zhima.credit.score.brief.get", content, again=True, auth_token=token)
            return AdmissionAnswer(
                _yes_or_no(str(answer.get("is_admittance", ""))), user, str(answer.get("biz_no", ""))
            )
        except ProviderUnavailable as error:
            raise ScoreDelayed(error.detail, grant=f"{GRANT}{token}:{user}") from error

    def _exchange(self, auth_code: str) -> tuple[str, str]:
        asked = {"grant_type": "authorization_code", "code": auth_code}
        answer = self._api.call("alipay.system.oauth.token", {}, again=False, **asked)
        if not answer.get("access_token"):
            raise ProviderUnavailable("no access_token")
        return str(answer["access_token"]), str(answer.get("user_id") or answer.get("open_id", ""))

    @property
    def _api(self) -> Gateway:
        return Gateway(self.gateway, self.app_id, self.private_key, self.alipay_key, whom=self.called)


def _granted(text: str) -> tuple[str, str] | None:
    """(token, user) of an earlier grant; None for a code."""
    if not text.startswith(GRANT):
        return None
    token, _, user = text.removeprefix(GRANT).partition(":")
    return token, user


def _yes_or_no(text: str) -> bool | None:
    if text not in ("Y", "N", "N/A"):
        raise ProviderUnavailable(f"not an answer: {text[:10]}")
    return None if text == "N/A" else text == "Y"


def _score(text: str) -> int | None:
    if text == "N/A":
        return None
    if not text.isascii() or not text.isdigit() or not LOWEST <= int(text) <= HIGHEST:
        raise ProviderUnavailable(f"not a score: {text[:10]}")
    return int(text)
