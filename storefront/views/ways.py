"""Which channel this customer pays through, and what he holds in his hand."""

from django.http import HttpRequest

from billing.models import PaymentChannel
from integrations.payments import Device

CHOSEN, CODE = "channel", "payment_code"


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
    """In WeChat's own browser its script would need the customer's number there, which we never learn: a code it is."""
    found = held(request)
    if found == "wechat":
        return "desktop" if channel == "wechat" else "phone"
    return found


def keep_code(request: HttpRequest, number: str, content: str) -> None:
    """Of one payment at a time: the page that shows it looks again every few seconds without asking for a new one."""
    request.session[CODE] = [number, content]


def code_of(request: HttpRequest, number: str) -> str:
    kept: list[str] = request.session.get(CODE, ["", ""])
    return kept[1] if kept[0] == number else ""
