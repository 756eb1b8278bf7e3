"""alipay.user.agreement.*, and alipay.trade.pay, which either deducts on an agreement or pays out of a freeze."""

from typing import Any

from sandbox import wire
from sandbox.services import agreements
from sandbox.services.agreements import Deduction, Proposal
from sandbox.views import funds
from sandbox.views.calls import Call
from sandbox.wire import Refused

PRODUCT = "CYCLE_PAY_AUTH"
PERSONAL_PRODUCT = "CYCLE_PAY_AUTH_P"


def page(call: Call) -> tuple[str, str]:
    if call.text("personal_product_code") != PERSONAL_PRODUCT or call.text("product_code") != PRODUCT:
        raise Refused("INVALID_PARAMETER", "personal_product_code does not fit")
    if _part(call, "access_params").get("channel") not in ("ALIPAYAPP", "QRCODE", "QRCODEORSMS"):
        raise Refused("INVALID_PARAMETER", "access_params.channel is not known")
    period = _part(call, "period_rule_params")
    if period.get("period_type") not in ("DAY", "MONTH") or not period.get("execute_time"):
        raise Refused("INVALID_PARAMETER", "period_rule_params is not whole")
    proposal = Proposal(
        external_agreement_no=call.text("external_agreement_no", 32),
        sign_scene=call.text("sign_scene"),
        single_amount=wire.amount(period.get("single_amount")),
        notify_url=call.common("notify_url"),
        return_url=call.common("return_url"),
    )
    return "agreement", agreements.open_page(proposal, call.at).agreement_no


def query(call: Call) -> dict[str, Any]:
    """By their number or by the merchant's."""
    theirs = call.maybe("agreement_no")
    which = {"agreement_no": theirs} if theirs else {"external_agreement_no": call.text("external_agreement_no")}
    return agreements.told(agreements.known(**which))


def unsign(call: Call) -> dict[str, Any]:
    agreement = agreements.known(agreement_no=call.text("agreement_no"))
    agreements.end(agreement.agreement_no, call.at)
    return {}


def pay(call: Call) -> dict[str, Any]:
    """Codes to scan are not pretended."""
    if "agreement_params" not in call.content:
        return funds.pay(call)
    if call.text("product_code") != PRODUCT:
        raise Refused("ACQ.INVALID_PARAMETER", "product_code does not fit")
    asked = Deduction(
        agreement_no=str(_part(call, "agreement_params").get("agreement_no") or ""),
        out_trade_no=call.text("out_trade_no"),
        amount=call.amount("total_amount"),
        subject=call.text("subject", 256),
        notify_url=call.common("notify_url"),
        fault=call.fault,
    )
    trade = agreements.deduct(asked, call.at)
    return {
        **({} if trade.paid_at else {"code": "10003", "msg": "order success pay inprocess"}),
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "total_amount": str(trade.total_amount),
        "gmt_payment": wire.text(trade.paid_at),
    }


def _part(call: Call, name: str) -> dict[str, Any]:
    part = call.content.get(name)
    if not isinstance(part, dict):
        raise Refused("ACQ.INVALID_PARAMETER", f"{name} is missing")
    return part
