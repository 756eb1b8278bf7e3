"""Notices to the merchant, posted until they are taken: Alipay wants exactly `success`, WeChat and Stripe any 2xx."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from sandbox import conf, forms, keys, rsa2, stripe, wechat, wire
from sandbox.models import FaultOrder, OutgoingNotice
from sandbox.services import faults


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted."""

    url: str
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str


Post = Callable[[Letter], Answer]
Kind = FaultOrder.Kind
Wire = OutgoingNotice.Wire
WAITS: Final = {  # from each try to the next, until the notice is taken
    Wire.ALIPAY: tuple(timedelta(minutes=m) for m in (4, 10, 10, 60, 120, 360, 900)),
    Wire.WECHAT: (
        *(timedelta(seconds=s) for s in (15, 15, 30)),
        *(timedelta(minutes=m) for m in (3, 10, 20, 30, 30, 30, 60, 180, 180, 180, 360, 360)),
    ),
    Wire.STRIPE: tuple(timedelta(minutes=m) for m in (5, 30, 120, 300, 600, 720, 720, 720, 720)),
    Wire.KUAIDI100: tuple(timedelta(minutes=m) for m in (30, 30, 30)),
}
FORM_NOTICE: Final = "form"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
AMOUNTS: Final = {"trade_status_sync": "total_amount", "fund_auth_freeze": "amount", "fund_auth_unfreeze": "amount"}


def put(url: str, notify_type: str, told: Mapping[str, str], at: datetime) -> None:
    """Queue one of Alipay's notices, as the ordered faults will have it. No url, no notice."""
    if not url:
        return
    parameters = {
        "notify_time": wire.text(at),
        "notify_type": notify_type,
        "notify_id": secrets.token_hex(17),
        "app_id": conf.app_id(),
        "auth_app_id": conf.app_id(),
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        **{name: value for name, value in told.items() if value},
    }
    fault = faults.take(f"notice:{notify_type}", faults.ANY_NOTICE)
    kind, argument = (fault.kind, fault.argument) if fault else ("", "")
    if kind == Kind.DROP:
        return
    if kind == Kind.WRONG_AMOUNT and notify_type in AMOUNTS:
        field = AMOUNTS[notify_type]
        parameters[field] = argument or str(Decimal(parameters[field]) - Decimal("0.01"))
    key = keys.forger() if kind == Kind.FORGED else keys.alipay()
    form = {**parameters, "sign": rsa2.sign(rsa2.notice_text(parameters), key)}
    _queue(OutgoingNotice(url=url, notify_id=parameters["notify_id"], notify_type=notify_type, form=form), fault, at)


def put_form(url: str, told: Mapping[str, str], sign_type: str, at: datetime) -> None:
    """Queue a notice of the gateway that signs forms, as the ordered faults will have it. It wants `success`."""
    fault = faults.take(f"notice:{FORM_NOTICE}", faults.ANY_NOTICE)
    if not url or (fault and fault.kind == Kind.DROP):
        return
    words = {**told, "notice": secrets.token_hex(16)}
    if fault and fault.kind == Kind.WRONG_AMOUNT:
        words["amount"] = fault.argument or str(Decimal(words["amount"]) - Decimal("0.01"))
    form = forms.signed(words, sign_type, forged=bool(fault and fault.kind == Kind.FORGED))
    _queue(OutgoingNotice(url=url, notify_id=words["notice"], notify_type=FORM_NOTICE, form=form), fault, at)


def put_wechat(url: str, event: str, told: Mapping[str, Any], at: datetime) -> None:
    """Queue one of WeChat Pay's notices, as the ordered faults will have it."""
    fault = faults.take(f"notice:{event}", faults.ANY_NOTICE)
    if fault and fault.kind == Kind.DROP:
        return
    resource = dict(told)
    if fault and fault.kind == Kind.WRONG_AMOUNT and "amount" in told:
        moved = "total" if event.startswith("TRANSACTION.") else "refund"
        fen = int(Decimal(fault.argument) * 100) if fault.argument else told["amount"][moved] - 1
        resource["amount"] = {**told["amount"], moved: fen}
    form = {"event_type": event, "resource": resource, "forged": bool(fault and fault.kind == Kind.FORGED)}
    notice = OutgoingNotice(wire=Wire.WECHAT, url=url, notify_id=secrets.token_hex(16), notify_type=event, form=form)
    _queue(notice, fault, at)


def put_stripe(url: str, kind: str, told: Mapping[str, Any], at: datetime) -> None:
    """Queue one of Stripe's events, as the ordered faults will have it."""
    fault = faults.take(f"notice:{kind}", faults.ANY_NOTICE)
    if fault and fault.kind == Kind.DROP:
        return
    resource = dict(told)
    if fault and fault.kind == Kind.WRONG_AMOUNT:
        moved = "amount" if "amount_captured" not in told or not told["captured"] else "amount_captured"
        resource[moved] = int(Decimal(fault.argument) * 100) if fault.argument else told[moved] - 1
    forged = bool(fault and fault.kind == Kind.FORGED)
    form = {"type": kind, "resource": resource, "created": at.isoformat(), "forged": forged}
    notice_id = f"evt_{secrets.token_hex(12)}"
    _queue(OutgoingNotice(wire=Wire.STRIPE, url=url, notify_id=notice_id, notify_type=kind, form=form), fault, at)


def put_parcel(url: str, form: Mapping[str, str], magic: FaultOrder | None, at: datetime) -> None:
    """Queue a carrier's push, as the ordered faults or a magic waybill will have it."""
    fault = faults.take("notice:parcel", faults.ANY_NOTICE) or magic
    if fault and fault.kind == Kind.DROP:
        return
    told = {**form, "sign": "0" * 32} if fault and fault.kind == Kind.FORGED else dict(form)
    notice = OutgoingNotice(
        wire=Wire.KUAIDI100, url=url, notify_id=secrets.token_hex(16), notify_type="parcel", form=told
    )
    _queue(notice, fault, at)


def _queue(notice: OutgoingNotice, fault: FaultOrder | None, at: datetime) -> None:
    kind, argument = (fault.kind, fault.argument) if fault else ("", "")
    delay = timedelta(seconds=int(argument or 3600)) if kind == Kind.DELAY else timedelta(0)
    notice.goes_last, notice.due_at = kind == Kind.REORDER, at + delay
    for _ in range(1 + (int(argument or 1) if kind == Kind.DUPLICATE else 0)):
        notice.pk = None
        notice.save(force_insert=True)


def deliver_due(at: datetime, post: Post | None = None) -> int:
    """Post every notice that is due; how many were taken. Safe to run twice at once: each try is claimed first.

    `post(letter)` gives the answer and raises httpx.HTTPError or OSError when there is none.
    """
    send = post or default_post
    due = OutgoingNotice.objects.filter(due_at__lte=at, delivered_at=None).order_by("goes_last", "due_at", "pk")
    return sum(_try(notice, at, send) for notice in list(due))


def _try(notice: OutgoingNotice, at: datetime, send: Post) -> bool:
    waits = WAITS[Wire(notice.wire)]
    again = at + waits[notice.posts] if notice.posts < len(waits) else None
    mine = OutgoingNotice.objects.filter(pk=notice.pk, posts=notice.posts, delivered_at=None)
    if not mine.update(posts=notice.posts + 1, due_at=again):
        return False
    try:
        answer = send(_letter(notice, at))
    except (httpx.HTTPError, OSError) as error:
        answer = Answer(0, type(error).__name__)
    taken = _is_taken(notice, answer)
    outcome: dict[str, Any] = {"delivered_at": at, "due_at": None} if taken else {}
    OutgoingNotice.objects.filter(pk=notice.pk).update(answered=f"{answer.status} {answer.text}"[:100], **outcome)
    return taken


def _is_taken(notice: OutgoingNotice, answer: Answer) -> bool:
    if notice.wire == Wire.ALIPAY:
        return answer.text == "success"
    in_time = 200 <= answer.status < 300
    return in_time and (
        notice.wire in (Wire.WECHAT, Wire.STRIPE) or '"returnCode":"200"' in answer.text.replace(" ", "")
    )


def _letter(notice: OutgoingNotice, at: datetime) -> Letter:
    if notice.wire == Wire.WECHAT:
        form = notice.form
        body = wechat.envelope(notice.notify_id, form["event_type"], form["resource"], at)
        signer = keys.forger() if form["forged"] else keys.wechat()
        return Letter(notice.url, body, "application/json", wechat.signed(body, signer, at))
    if notice.wire == Wire.STRIPE:
        form = notice.form
        body = stripe.event(notice.notify_id, form["type"], form["resource"], datetime.fromisoformat(form["created"]))
        return Letter(notice.url, body, "application/json", stripe.signature(body, at, forged=form["forged"]))
    return Letter(notice.url, urlencode(notice.form).encode(), FORM_TYPE)


def default_post(letter: Letter) -> Answer:
    """Through SANDBOX_TRANSPORT when it is set, else over the network."""
    below = import_string(settings.SANDBOX_TRANSPORT)() if settings.SANDBOX_TRANSPORT else None
    with httpx.Client(transport=below, timeout=10, trust_env=False) as client:
        headers = {**letter.headers, "content-type": letter.content_type}
        reply = client.post(letter.url, content=letter.body, headers=headers)
    return Answer(reply.status_code, reply.text)


def into(client: Any) -> Post:
    """A `post` through a django.test.Client: the platform in this process and in the test's transaction."""

    def post(letter: Letter) -> Answer:
        path = urlsplit(letter.url).path
        reply = client.post(path, letter.body, content_type=letter.content_type, headers=dict(letter.headers))
        return Answer(reply.status_code, reply.content.decode())

    return post
