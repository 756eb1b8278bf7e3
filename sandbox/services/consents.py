"""Zhima: a consent on a page, a token for it, a score for the token."""

import secrets
import time
from datetime import datetime, timedelta

from sandbox import wire
from sandbox.magic import Quirk
from sandbox.models import AlipayAccount, Consent, ScoreReceipt
from sandbox.services import people
from sandbox.wire import Refused

CODE_LIVES = timedelta(hours=24)
RECEIPT_LIVES = timedelta(hours=24)
SLOW_S = 2


def give(account: AlipayAccount, scope: str, at: datetime) -> str:
    """The person says yes: a code for the merchant."""
    return Consent.objects.create(code=secrets.token_hex(16), account=account, scope=scope, given_at=at).code


def token(code: str, at: datetime, scope: str = "") -> Consent:
    """Spend a code (of a scope) on a token; a code works once and within a day."""
    access_token = f"authusrB{secrets.token_hex(14)}"
    fresh = Consent.objects.filter(code=code, access_token=None, given_at__gt=at - CODE_LIVES)
    if scope:
        fresh = fresh.filter(scope=scope)
    if not fresh.update(access_token=access_token):
        raise Refused("isv.code-invalid", "授权码code无效", "40002")
    return Consent.objects.select_related("account").get(access_token=access_token)


def score(access_token: str, transaction_id: str, at: datetime, bar: int | None = None) -> ScoreReceipt:
    """The score, or whether it reaches `bar`, or N/A. One transaction_id has one answer for a day, then none."""
    consent = Consent.objects.select_related("account").filter(access_token=access_token, scope="auth_zhima").first()
    if consent is None:
        raise Refused("aop.invalid-auth-token", "无效的访问令牌", "40002")
    person = people.owner(consent.account)
    if person is not None and person.quirk == Quirk.SCORE_REFUSED:
        raise Refused("ZMCREDIT.USER_NOT_ALLOWED", "用户不允许查询")
    if person is not None and person.quirk == Quirk.SCORE_DOWN:
        raise Refused("isp.unknown-error", "服务暂不可用", "20000")
    if person is not None and person.quirk == Quirk.SCORE_SLOW:
        time.sleep(SLOW_S)
    value = _told(person.score if person is not None else None, bar)
    receipt, is_new = ScoreReceipt.objects.get_or_create(
        transaction_id=transaction_id,
        defaults={"account": consent.account, "biz_no": wire.new_number(at), "zm_score": value, "answered_at": at},
    )
    if not is_new and (receipt.account_id != consent.account_id or receipt.answered_at <= at - RECEIPT_LIVES):
        raise Refused("ZMCREDIT.TRANSACTION_ID_INVALID", "transaction_id 已失效")
    return receipt


def _told(points: int | None, bar: int | None) -> str:
    if points is None:
        return "N/A"
    return str(points) if bar is None else "Y" if points >= bar else "N"
