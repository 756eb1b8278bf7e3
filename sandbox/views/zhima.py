"""alipay.system.oauth.token, zhima.credit.score.get and zhima.credit.score.brief.get."""

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


def brief(call: Call) -> dict[str, Any]:
    """Whether a score reaches a bar, without the score. The person is the one who consented."""
    if call.text("product_code") != "w1010100000000002733":
        raise Refused("ZMCREDIT.PRODUCT_CODE_INVALID", "产品码错误")
    bar = call.content.get("admittance_score")
    if not isinstance(bar, int) or not 350 <= bar <= 950:
        raise Refused("isv.invalid-parameter", "admittance_score 非法", "40002")
    if call.text("cert_type") != "ALIPAY_USER_ID":
        raise Refused("isv.invalid-parameter", "cert_type 非法", "40002")
    receipt = consents.score(call.common("auth_token"), call.text("transaction_id"), call.at, bar)
    if receipt.account.user_id != call.text("cert_no"):
        raise Refused("ZMCREDIT.CERT_NO_INVALID", "cert_no 与授权用户不一致")
    return {"biz_no": receipt.biz_no, "is_admittance": receipt.zm_score}
