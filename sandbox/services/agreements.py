"""Agreements on periodic deductions at the pretended Alipay, and the deductions. Each write locks its row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from sandbox import wire
from sandbox.magic import Quirk
from sandbox.models import AlipayAccount, FaultOrder, Trade, UserAgreement
from sandbox.services import notices, people, trades
from sandbox.wire import Refused

Status = UserAgreement.Status
Kind = FaultOrder.Kind
LIVES = timedelta(days=1)
UNKNOWN = "USER_AGREEMENT_NOT_EXIST"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A signed page request, read."""

    external_agreement_no: str
    sign_scene: str
    single_amount: Decimal
    notify_url: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Deduction:
    """A signed deduction, read."""

    agreement_no: str
    out_trade_no: str
    amount: Decimal
    subject: str
    notify_url: str
    fault: FaultOrder | None = None


@transaction.atomic
def open_page(proposal: Proposal, at: datetime) -> UserAgreement:
    """The agreement behind a page; the same page opened again is the same one."""
    agreement, _ = UserAgreement.objects.get_or_create(
        external_agreement_no=proposal.external_agreement_no,
        defaults={
            "agreement_no": wire.new_number(at),
            "sign_scene": proposal.sign_scene,
            "single_amount": proposal.single_amount,
            "notify_url": proposal.notify_url,
            "return_url": proposal.return_url,
            "created_at": at,
            "expires_at": at + LIVES,
        },
    )
    return agreement


@transaction.atomic
def sign_in(agreement_no: str, account: AlipayAccount) -> UserAgreement:
    agreement = _locked(agreement_no=agreement_no)
    if agreement.status == Status.TEMP:
        agreement.account = account
        agreement.save(update_fields=["account"])
    return agreement


@transaction.atomic
def agree(agreement_no: str, at: datetime) -> UserAgreement:
    """The customer agrees. A second press changes nothing."""
    agreement = _locked(agreement_no=agreement_no)
    if agreement.status != Status.TEMP or agreement.account is None or at >= agreement.expires_at:
        return agreement
    agreement.status, agreement.signed_at = Status.NORMAL, at
    agreement.save(update_fields=["status", "signed_at"])
    notices.put(agreement.notify_url, "dut_user_sign", told(agreement), at)
    return agreement


@transaction.atomic
def end(agreement_no: str, at: datetime) -> UserAgreement:
    """By the merchant's call or on the customer's own page; what is over stays over."""
    agreement = _locked(agreement_no=agreement_no)
    if agreement.status != Status.NORMAL:
        return agreement
    agreement.status, agreement.ended_at = Status.UNSIGN, at
    agreement.save(update_fields=["status", "ended_at"])
    notices.put(agreement.notify_url, "dut_user_unsign", told(agreement), at)
    return agreement


def known(**which: str) -> UserAgreement:
    """What a merchant can ask about: agreed to, and not over."""
    agreement = UserAgreement.objects.select_related("account").filter(**which, status=Status.NORMAL).first()
    if agreement is None:
        raise Refused(UNKNOWN, "用户协议不存在")
    return agreement


def of(phone: str) -> list[UserAgreement]:
    """The newest fifty of an account, newest first."""
    return list(UserAgreement.objects.filter(account__phone=phone).order_by("-pk")[:50])


@transaction.atomic
def deduct(asked: Deduction, at: datetime) -> Trade:
    """Take money once for a number. A trade that waits is one whose outcome is told later."""
    agreement = UserAgreement.objects.select_for_update().filter(agreement_no=asked.agreement_no).first()
    earlier = Trade.objects.select_for_update().filter(out_trade_no=asked.out_trade_no).first()
    if earlier is not None:
        return _again(trades.lapse(earlier, at), asked)
    if agreement is None or agreement.status != Status.NORMAL or agreement.account is None:
        raise Refused("ACQ.AGREEMENT_NOT_EXIST", "用户协议不存在")
    if asked.amount > agreement.single_amount:
        raise Refused("ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED", "周期扣款单笔金额超限")
    kind = asked.fault.kind if asked.fault else ""
    if kind == Kind.NO_BALANCE or _is_poor(agreement.account):
        raise Refused("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足")
    trade = _trade(agreement, asked, at)
    if kind != Kind.FAIL_LATER:
        trade.status, trade.paid_at = Trade.Status.TRADE_SUCCESS, at
        trade.save(update_fields=["status", "paid_at"])
        notices.put(asked.notify_url, "trade_status_sync", trades.told(trade), at)
    return trade


def _trade(agreement: UserAgreement, asked: Deduction, at: datetime) -> Trade:
    hours = int((asked.fault and asked.fault.argument) or 48)
    return Trade.objects.create(
        trade_no=wire.new_number(at),
        out_trade_no=asked.out_trade_no,
        subject=asked.subject,
        total_amount=asked.amount,
        account=agreement.account,
        agreement=agreement,
        method="alipay.trade.pay",
        notify_url=asked.notify_url,
        created_at=at,
        expires_at=at + timedelta(hours=hours),
    )


def _again(earlier: Trade, asked: Deduction) -> Trade:
    """The same number again moves nothing."""
    if earlier.total_amount != asked.amount:
        raise Refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
    if earlier.status == Trade.Status.TRADE_CLOSED:
        raise Refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    return earlier


def _is_poor(account: AlipayAccount) -> bool:
    person = people.owner(account)
    return person is not None and person.quirk == Quirk.NO_BALANCE


def told(agreement: UserAgreement) -> dict[str, str]:
    """An agreement in the words of a notice and of an answer."""
    return {
        "agreement_no": agreement.agreement_no,
        "external_agreement_no": agreement.external_agreement_no,
        "personal_product_code": "CYCLE_PAY_AUTH_P",
        "sign_scene": agreement.sign_scene,
        "status": agreement.status,
        "alipay_user_id": agreement.account.user_id if agreement.account else "",
        "sign_time": wire.text(agreement.signed_at),
        "unsign_time": wire.text(agreement.ended_at),
    }


def _locked(**which: str) -> UserAgreement:
    return UserAgreement.objects.select_for_update(of=("self",)).select_related("account").get(**which)
