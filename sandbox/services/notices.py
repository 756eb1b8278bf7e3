"""Notices to the merchant: signed forms, posted until they are answered with exactly `success`."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from sandbox import conf, keys, rsa2, wire
from sandbox.models import FaultOrder, OutgoingNotice
from sandbox.services import faults

Post = Callable[[str, Mapping[str, str]], str]
Kind = FaultOrder.Kind
# Alipay: 4 min, 10 min, 10 min, 1 h, 2 h, 6 h, 15 h after the first try.
WAITS: Final = tuple(timedelta(minutes=m) for m in (4, 10, 10, 60, 120, 360, 900))
FORM_TYPE: Final = "application/x-www-form-urlencoded"
AMOUNTS: Final = {"trade_status_sync": "total_amount", "fund_auth_freeze": "amount", "fund_auth_unfreeze": "amount"}


def put(url: str, notify_type: str, told: Mapping[str, str], at: datetime) -> None:
    """Queue a notice, as the ordered faults will have it. No url, no notice."""
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
    if kind == Kind.WRONG_AMOUNT:
        field = AMOUNTS[notify_type]
        parameters[field] = argument or str(Decimal(parameters[field]) - Decimal("0.01"))
    key = keys.forger() if kind == Kind.FORGED else keys.alipay()
    form = {**parameters, "sign": rsa2.sign(rsa2.notice_text(parameters), key)}
    delay = timedelta(seconds=int(argument or 3600)) if kind == Kind.DELAY else timedelta(0)
    for _ in range(1 + (int(argument or 1) if kind == Kind.DUPLICATE else 0)):
        OutgoingNotice.objects.create(
            url=url,
            notify_id=parameters["notify_id"],
            notify_type=notify_type,
            form=form,
            goes_last=kind == Kind.REORDER,
            due_at=at + delay,
        )


def deliver_due(at: datetime, post: Post | None = None) -> int:
    """Post every notice that is due; how many were taken. Safe to run twice at once: each try is claimed first.

    `post(url, form)` gives the answer's text and raises httpx.HTTPError or OSError when there is none.
    """
    send = post or default_post
    due = OutgoingNotice.objects.filter(due_at__lte=at, delivered_at=None).order_by("goes_last", "due_at", "pk")
    return sum(_try(notice, at, send) for notice in list(due))


def _try(notice: OutgoingNotice, at: datetime, send: Post) -> bool:
    again = at + WAITS[notice.posts] if notice.posts < len(WAITS) else None
    mine = OutgoingNotice.objects.filter(pk=notice.pk, posts=notice.posts, delivered_at=None)
    if not mine.update(posts=notice.posts + 1, due_at=again):
        return False
    try:
        answer = send(notice.url, notice.form)
    except (httpx.HTTPError, OSError) as error:
        answer = type(error).__name__
    taken = answer == "success"
    outcome: dict[str, Any] = {"delivered_at": at, "due_at": None} if taken else {}
    OutgoingNotice.objects.filter(pk=notice.pk).update(answered=answer[:100], **outcome)
    return taken


def default_post(url: str, form: Mapping[str, str]) -> str:
    """Through SANDBOX_TRANSPORT when it is set, else over the network."""
    below = import_string(settings.SANDBOX_TRANSPORT)() if settings.SANDBOX_TRANSPORT else None
    return _post(below, url, form)


def into(client: Any) -> Post:
    """A `post` through a django.test.Client: the platform in this process and in the test's transaction."""

    def post(url: str, form: Mapping[str, str]) -> str:
        body = urlencode(form)
        return str(client.post(urlsplit(url).path, body, content_type=FORM_TYPE).content.decode())

    return post


def _post(below: httpx.BaseTransport | None, url: str, form: Mapping[str, str]) -> str:
    with httpx.Client(transport=below, timeout=10, trust_env=False) as client:
        return client.post(url, data=dict(form)).text
