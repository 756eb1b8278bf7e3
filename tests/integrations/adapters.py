"""Every adapter with the person and the post around it: a second one is one line in its list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings

from integrations import keypairs, registry
from integrations.credit import CreditProvider
from integrations.identity import IdentityProvider
from integrations.payments import ClientCall, Code, DeductProvider, HoldProvider, Notice, PayIntent, PaymentProvider
from integrations.payments.signed_form import SignedForm
from integrations.sms import SmsProvider
from sandbox import keys, visitors
from sandbox.services import cards, notices, sms, wechat
from sandbox.services.notices import Answer, Letter

PHONE = "13800010001"


def _at_once(_at: datetime) -> None:
    """Its refunds are settled when they are accepted."""


@dataclass(frozen=True)
class PaymentRig:
    """`agree` and `look` are the customer's acts on a page; `post` hands over the due notices, as they come in.

    `settle`: what the banks do later with refunds that were accepted.
    """

    make: Callable[[], PaymentProvider]
    agree: Callable[[str, str], str]
    look: Callable[[str, str], str]
    post: Callable[[datetime], list[Letter]]
    settle: Callable[[datetime], object] = _at_once

    def page(self, intent: PayIntent) -> str:
        """Where the customer pays: the address, or what the code to scan says."""
        way = self.make().pay(intent)
        assert not isinstance(way, ClientCall)
        return way.content if isinstance(way, Code) else way.url

    def told(self, at: datetime) -> list[Notice]:
        return [self.make().parse_notice(letter.body, letter.headers, at) for letter in self.post(at)]


@dataclass(frozen=True)
class HoldRig(PaymentRig):
    hold: Callable[[], HoldProvider] = lambda: registry.holds("alipay")


@dataclass(frozen=True)
class DeductRig(PaymentRig):
    """`cancel`: the customer ends an agreement on the provider's side, by its number there."""

    deduct: Callable[[], DeductProvider] = lambda: registry.deducts("alipay")
    cancel: Callable[[str], None] = visitors.end_agreement


@dataclass(frozen=True)
class CreditRig:
    make: Callable[[], CreditProvider]
    consent: Callable[[str, str], str]


@dataclass(frozen=True)
class SmsRig:
    make: Callable[[], SmsProvider]
    received: Callable[[str], list[Mapping[str, str]]]


def posted(at: datetime) -> list[Letter]:
    """The notices that are due, each taken."""
    letters: list[Letter] = []

    def post(letter: Letter) -> Answer:
        letters.append(letter)
        return Answer(200, "success")

    notices.deliver_due(at, post)
    return letters


def received(phone: str) -> list[Mapping[str, str]]:
    return [message.params for message in sms.inbox(phone)]


HOLDS = {
    "alipay": HoldRig(lambda: registry.payments("alipay"), visitors.pay, visitors.look, posted),
    "stripe": HoldRig(
        lambda: registry.payments("stripe"), visitors.pay, visitors.look, posted, settle=cards.settle_due,
        hold=lambda: registry.holds("stripe"),
    ),
}  # fmt: skip
DEDUCTS = {"alipay": DeductRig(lambda: registry.payments("alipay"), visitors.pay, visitors.look, posted)}
PAYMENTS = {
    **HOLDS,
    "wechat": PaymentRig(
        lambda: registry.payments("wechat"), visitors.pay, visitors.look, posted, settle=wechat.settle_due
    ),
}
FORM = {
    "page": f"{settings.SANDBOX_URL}/form/pay",
    "api": f"{settings.SANDBOX_URL}/form",
    "merchant": "F100001",
    "notify_url": f"{settings.SITE_URL}/api/notices/form/",
    "secret": "form-secret",
    "private_key": "alipay-merchant.pem",
    "provider_key": "sandbox-alipay.pub",
}


def _by_form(sign_type: str) -> PaymentRig:
    def make() -> PaymentProvider:
        keys.make_all()
        keypairs.merchant_key(FORM["private_key"])
        return SignedForm(**FORM, sign_type=sign_type)

    return PaymentRig(make, visitors.pay, visitors.look, posted)


FORMS = {f"form {sign_type}": _by_form(sign_type) for sign_type in ("MD5", "RSA")}
CREDIT = {"zhima": CreditRig(lambda: registry.credit("zhima"), visitors.auth_code)}
IDENTITY: dict[str, Callable[[], IdentityProvider]] = {"aliyun": registry.identity}
SMS = {name: SmsRig(partial(registry.sms, name), received) for name in ("aliyun", "tencent")}
