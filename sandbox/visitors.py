"""A person at a browser, by program: for tests, the simulation and the demo. It uses the real pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox import conf
from sandbox.models import Complaint, WechatOrder


class TurnedAway(ValueError):
    """The page did not lead on: a bad signature, an amount that differs, or a payment that is closed."""


def pay(url: str, phone: str) -> str:
    """Open a payment or a freeze page, sign in, agree; where the browser is sent back to.

    The notice is queued by then: `notices.deliver_due(at)` posts it.
    """
    return _at_cashier(url, phone, "yes")


def end_agreement(agreement_no: str) -> None:
    """The customer takes his agreement back on the provider's own page; the notice is queued."""
    with _browser() as browser:
        browser.post(f"/cashier/agreement/{agreement_no}/answer/", data={"answer": "end"})


def complain(number: str, words: str = "") -> None:
    """The payer of an order, by the merchant's number, asks WeChat Pay for his money back; the notice is queued."""
    prepay_id = WechatOrder.objects.values_list("prepay_id", flat=True).get(out_trade_no=number)
    with _browser() as browser:
        browser.post(f"/complaints/{prepay_id}/", data={"words": words})


def decide_complaint(number: str, *, gives_back: bool) -> None:
    """The platform decides about what waits on an order; the notice is queued."""
    waiting = Complaint.objects.get(order__out_trade_no=number, state=Complaint.State.PENDING)
    with _browser() as browser:
        browser.post(f"/complaints/{waiting.complaint_id}/decision/", data={"answer": "back" if gives_back else "no"})


def decline(url: str, phone: str) -> str:
    """Open the page, sign in, walk away: the payment stays open."""
    return _at_cashier(url, phone, "no")


def look(url: str, phone: str) -> str:
    """Open the page and sign in, no more; the address of the cashier."""
    with _browser() as browser:
        return _signed_in(browser, url, phone)


def authorize(url: str, phone: str) -> str:
    """Consent on the Zhima page; where the browser is sent back to, with `auth_code` and `state`."""
    with _browser() as browser:
        return browser.post(url, data={"phone": phone, "answer": "yes"}).headers["location"]


def known_to_wechat(url: str, phone: str) -> str:
    """Open the page that tells who holds the browser; where it is sent back to, with `code` and `state`."""
    with _browser() as browser:
        return browser.post(url, data={"phone": phone}).headers["location"]


def refuse(url: str) -> str:
    """Say no on the Zhima page; where the browser is sent back to."""
    with _browser() as browser:
        return browser.post(url, data={"answer": "no"}).headers["location"]


def auth_code(url: str, phone: str) -> str:
    """Consent, and only the code."""
    return parse_qs(urlsplit(authorize(url, phone)).query)["auth_code"][0]


def _at_cashier(url: str, phone: str, answer: str) -> str:
    with _browser() as browser:
        page = _signed_in(browser, url, phone)
        back = browser.post(f"{page}answer/", data={"answer": answer}).headers["location"]
    if back.startswith("/cashier/"):
        raise TurnedAway("the payment is closed")
    return back


def _signed_in(browser: httpx.Client, url: str, phone: str) -> str:
    page = url
    if urlsplit(url).path.startswith("/cashier/wechat/"):
        browser.get(url)  # it is told here where to go back to
        page = str(httpx.URL(url).copy_with(query=None))
    if urlsplit(url).path in ("/gateway.do", "/form/pay"):
        opened = browser.get(url)
        if not opened.is_redirect:
            raise TurnedAway(f"the cashier did not open: {opened.text[:200]}")
        page = str(httpx.URL(url).join(opened.headers["location"]))
    browser.post(f"{page}sign-in/", data={"phone": phone})
    return page


@contextmanager
def _browser() -> Iterator[httpx.Client]:
    from sandbox.wsgi import transport

    with httpx.Client(transport=transport(), base_url=conf.url(), trust_env=False) as browser:
        yield browser
