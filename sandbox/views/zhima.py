"""alipay.system.oauth.token and zhima.credit.score.get."""

from typing import Any

from sandbox.services import consents
from sandbox.views.calls import Call
from sandbox.wire import Refused


def token(call: Call) -> dict[str, Any]:
    if call.common("grant_type") != "authorization_code":
        raise Refused("isv.grant-type-invalid", "grant_type参数不正确", "40002")
    consent = consents.token(call.common("code"), call.at)
    return {
        "user_id": consent.account.user_id,
        "access_token": consent.access_token,
        "expires_in": 1296000,
        "re_expires_in": 2592000,
    }


def score(call: Call) -> dict[str, Any]:
    if call.text("product_code") != "w1010100100000000001":
        raise Refused("ZMCREDIT.PRODUCT_CODE_INVALID", "产品码错误")
    receipt = consents.score(call.common("auth_token"), call.text("transaction_id"), call.at)
    return {"biz_no": receipt.biz_no, "zm_score": receipt.zm_score}
