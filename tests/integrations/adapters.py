"""Every adapter with the person and the post around it: a second one is one line in its list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from integrations import registry
from integrations.credit import CreditProvider
from integrations.identity import IdentityProvider
from integrations.payments import PaymentProvider
from integrations.sms import SmsProvider
from sandbox import visitors
from sandbox.services import notices, sms

PHONE = "13800010001"


@dataclass(frozen=True)
class PaymentRig:
    """`agree` and `look` are the customer's acts on a page; `post` hands the due notices to us as raw bodies."""

    make: Callable[[], PaymentProvider]
    agree: Callable[[str, str], str]
    look: Callable[[str, str], str]
    post: Callable[[datetime], list[bytes]]


@dataclass(frozen=True)
class CreditRig:
    make: Callable[[], CreditProvider]
    consent: Callable[[str, str], str]


@dataclass(frozen=True)
class SmsRig:
    make: Callable[[], SmsProvider]
    received: Callable[[str], list[Mapping[str, str]]]


def posted(at: datetime) -> list[bytes]:
    """The bodies of the notices that are due, each taken."""
    bodies: list[bytes] = []

    def post(_url: str, form: Mapping[str, str]) -> str:
        bodies.append(urlencode(form).encode())
        return "success"

    notices.deliver_due(at, post)
    return bodies


def received(phone: str) -> list[Mapping[str, str]]:
    return [message.params for message in sms.inbox(phone)]


PAYMENTS = {"alipay": PaymentRig(lambda: registry.payments("alipay"), visitors.pay, visitors.look, posted)}
CREDIT = {"zhima": CreditRig(lambda: registry.credit("zhima"), visitors.auth_code)}
IDENTITY: dict[str, Callable[[], IdentityProvider]] = {"aliyun": registry.identity}
SMS = {"aliyun": SmsRig(registry.sms, received)}
