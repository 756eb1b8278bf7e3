"""Alipay's agreements on periodic deductions (周期扣款): what is asked for, and what its words mean."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from integrations.alipay import Gateway, word
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import AgreementFact, AgreementIntent, AgreementStatus, Declined

SIGN: Final = "alipay.user.agreement.page.sign"
QUERY: Final = "alipay.user.agreement.query"
UNSIGN: Final = "alipay.user.agreement.unsign"
PERSONAL_PRODUCT: Final = "CYCLE_PAY_AUTH_P"
PRODUCT: Final = "CYCLE_PAY_AUTH"
SCENE: Final = "INDUSTRY|RENT"
LAST_DAY: Final = 28  # a monthly period may not begin on a later day
NO_AGREEMENT: Final = frozenset({"USER_AGREEMENT_NOT_EXIST", "AGREEMENT_NOT_EXIST"})
STATUSES: Final = {
    "TEMP": AgreementStatus.OPEN,
    "NORMAL": AgreementStatus.ACTIVE,
    "STOP": AgreementStatus.ENDED,
    "UNSIGN": AgreementStatus.ENDED,
}
REFUSALS: Final = {
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": Declined.BALANCE,
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": Declined.BALANCE,
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": Declined.LIMIT,
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": Declined.LIMIT,
    "ACQ.BEYOND_PAY_RESTRICTION": Declined.LIMIT,
    "ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED": Declined.LIMIT,
    "ACQ.AGREEMENT_NOT_EXIST": Declined.AGREEMENT,
    "ACQ.AGREEMENT_INVALID": Declined.AGREEMENT,
}


def asked(intent: AgreementIntent) -> dict[str, Any]:
    """What the customer is asked to agree to."""
    return {
        "personal_product_code": PERSONAL_PRODUCT,
        "product_code": PRODUCT,
        "sign_scene": SCENE,
        "external_agreement_no": intent.number,
        "access_params": {"channel": "QRCODE" if intent.device == "desktop" else "ALIPAYAPP"},
        "period_rule_params": {
            "period_type": "MONTH",
            "period": "1",
            "execute_time": intent.first_on.replace(day=min(intent.first_on.day, LAST_DAY)).isoformat(),
            "single_amount": str(intent.most),
        },
    }


def deduction(agreement_no: str, request_no: str, amount: Decimal, subject: str) -> dict[str, Any]:
    return {
        "out_trade_no": request_no,
        "total_amount": str(amount),
        "subject": subject,
        "product_code": PRODUCT,
        "agreement_params": {"agreement_no": agreement_no},
    }


def query(gateway: Gateway, number: str) -> AgreementFact:
    content = {"personal_product_code": PERSONAL_PRODUCT, "sign_scene": SCENE, "external_agreement_no": number}
    try:
        return read(gateway.call(QUERY, content, again=True))
    except ProviderRefused as refusal:
        if refusal.provider_code in NO_AGREEMENT:
            return AgreementFact(number, "", AgreementStatus.NOT_FOUND, "")
        raise


def unsign(gateway: Gateway, agreement_no: str, notify_url: str) -> None:
    """Over afterwards, whether by this call or before it."""
    try:
        gateway.call(UNSIGN, {"agreement_no": agreement_no}, again=True, notify_url=notify_url)
    except ProviderRefused as refusal:
        if refusal.provider_code not in NO_AGREEMENT:
            raise


def read(told: Mapping[str, Any]) -> AgreementFact:
    """An agreement in a notice or an answer. ProviderUnavailable when it says nothing."""
    number, status = word(told.get("external_agreement_no")), str(told.get("status"))
    if not number or status not in STATUSES:
        raise ProviderUnavailable(f"an agreement without number or status: {status[:30]!r}")
    payer = told.get("alipay_user_id") or told.get("principal_id")
    return AgreementFact(number, word(told.get("agreement_no")), STATUSES[status], word(payer))


def is_payers(refusal: ProviderRefused) -> bool:
    """Whether it is about this payer and trade; the gateway's own refusals say that our call was wrong."""
    return refusal.provider_code.startswith("ACQ.")


def declined(refusal: ProviderRefused) -> Declined:
    return REFUSALS.get(refusal.provider_code, Declined.OTHER)
