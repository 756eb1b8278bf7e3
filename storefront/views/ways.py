"""Which channel this customer pays through, and what he holds in his hand."""

import secrets
from collections.abc import Mapping

from django.http import HttpRequest

from billing.models import PaymentChannel
from billing.services import channels
from integrations.payments import Device

CHOSEN, CODE, CALL = "channel", "payment_code", "payment_call"
PAYER, STATE = "payment_payer", "payment_state"


def chosen(request: HttpRequest, among: list[PaymentChannel]) -> str:
    """The one that the form names, and from now on remembers; else the last one, if it is among these; else ""."""
    named = request.POST.get("channel", "")
    if named and request.session.get(CHOSEN) != named and named in {channel.code for channel in among}:
        request.session[CHOSEN] = named
    return named or usual(request, among)


def usual(request: HttpRequest, among: list[PaymentChannel]) -> str:
    """What is chosen beforehand: the last one, else the first; "" when none is open."""
    last = request.session.get(CHOSEN, "")
    codes = [channel.code for channel in among]
    return last if last in codes else next(iter(codes), "")


def held(request: HttpRequest) -> Device:
    """By what the browser says of itself."""
    agent = request.headers.get("user-agent", "")
    if "MicroMessenger" in agent:
        return "wechat"
    return "phone" if "Mobi" in agent else "desktop"


def device(request: HttpRequest, channel: str) -> Device:
    """In WeChat's own browser its script pays, once we know the customer's number there; where we cannot, a code."""
    found = held(request)
    if found != "wechat":
        return found
    if channel != "wechat":
        return "phone"
    return "wechat" if channels.tells_payer(channel) and payer(request, channel) != "" else "desktop"


def payer(request: HttpRequest, channel: str) -> str | None:
    """The number by which the provider knows who holds this browser; "" when it would not tell, None if not asked."""
    known: dict[str, str] = request.session.get(PAYER, {})
    return known.get(channel)


def keep_payer(request: HttpRequest, channel: str, number: str) -> None:
    request.session[PAYER] = {**request.session.get(PAYER, {}), channel: number}


def new_state(request: HttpRequest) -> str:
    """What must come back with the code, so that nobody puts another person's number into this session."""
    request.session[STATE] = secrets.token_urlsafe(16)
    return str(request.session[STATE])


def is_state(request: HttpRequest, told: str) -> bool:
    """Once."""
    kept = request.session.pop(STATE, "")
    return bool(kept) and secrets.compare_digest(kept.encode(), told.encode())


def keep_code(request: HttpRequest, number: str, content: str) -> None:
    """Of one payment at a time: the page that shows it looks again every few seconds without asking for a new one."""
    request.session[CODE] = [number, content]


def code_of(request: HttpRequest, number: str) -> str:
    kept: list[str] = request.session.get(CODE, ["", ""])
    return kept[1] if kept[0] == number else ""


def keep_call(request: HttpRequest, number: str, parameters: Mapping[str, str]) -> None:
    """As `keep_code`, for the script of the app's own browser."""
    request.session[CALL] = [number, dict(parameters)]


def call_of(request: HttpRequest, number: str) -> dict[str, str]:
    kept = request.session.get(CALL, ["", {}])
    return dict(kept[1]) if kept[0] == number else {}
