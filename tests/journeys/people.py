"""Customer and merchant at their browsers: each method is one thing that a person does, by what the page shows."""

import re
import time
from base64 import b32decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django_otp.oath import TOTP
from playwright.sync_api import Error, Locator, Page, Response, expect

from accounts.models import SecondFactor
from accounts.services import second_factor
from core import clock
from orders.models import Order
from rental.demo import cast
from sandbox.services import sms

PATIENCE_S = 30


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for a worker's effect; fails naming `what` when it does not come."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


def main_button(page: Page) -> Locator:
    """The one clear next step of a page."""
    return page.locator("main .primary:visible, .actionbar .primary:visible").first


def press(what: Locator) -> None:
    """A press that leads to another page, until that page stands: what follows reads the new one, never the old."""
    with what.page.expect_navigation():
        what.click()


def enter_desk(page: Page, site: str, login: str) -> Page:
    """Somebody of the staff signs in, with his second factor."""
    page.goto(f"{site}/desk/sign-in/")
    page.fill("input[name=username]", login)
    page.fill("input[name=password]", cast.PASSWORD)
    press(page.locator("main form button.primary, main form button").first)
    give_second_factor(page, login)
    expect(page).not_to_have_url(re.compile("/sign-in/|/second-factor/"))
    return page


def give_second_factor(page: Page, login: str) -> None:
    """The code of the app that the stage connected; else connects one by the secret on the page."""
    expect(page).to_have_url(re.compile("/second-factor/"))
    is_first = "/connect/" in page.url
    factor = SecondFactor.objects.get(user__login=login)
    totp = TOTP(b32decode(factor.secret.open(by="test", purpose="test", at=clock.machine())))
    totp.drift = max(0, factor.last_step + 1 - totp.t())  # a code counts once
    page.fill("input[name=code]", f"{totp.token():06d}")
    press(main_button(page))
    if is_first:
        expect(page.locator(".recovery code")).to_have_count(second_factor.RECOVERY_CODES)
        press(main_button(page))


@dataclass
class CustomerAtPhone:
    """A person of the cast with a browser of 390 px."""

    page: Page
    site: str
    role: cast.PersonRole

    def go(self, path: str) -> None:
        answer = _goto(self.page, f"{self.site}{path}")
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        self.check_width()

    def check_width(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"

    def sign_in(self) -> None:
        self.go("/sign-in/")
        self.page.fill("input[name=phone]", self.role.phone)
        sent = len(self._codes())
        press(main_button(self.page))
        self.page.fill("input[name=code]", self._new_code(sent))
        press(main_button(self.page))
        expect(self.page).not_to_have_url(re.compile("/sign-in/"))

    def prove_identity(self) -> None:
        self.go("/my/identity/")
        self.page.fill("input[name=name]", self.role.name)
        self.page.fill("input[name=id_number]", self.role.id_number)
        self.page.check("input[name=consent]")
        press(main_button(self.page))
        from accounts.models import IdentityVerification

        until(lambda: IdentityVerification.objects.filter(state="VERIFIED").exists(), "the register's answer")

    def authorise_score(self) -> None:
        self.go("/my/credit/")
        press(main_button(self.page))
        self.page.fill("input[name=phone]", self.role.phone)
        press(self.page.locator("button[value=yes]"))
        from credit.models import Decision

        until(Decision.objects.exists, "a decision")
        self.go("/my/credit/")
        expect(self.page.locator("main")).to_contain_text(str(self.role.score))

    def order(self, slug: str, months: int) -> Order:
        """From the list to a placed order."""
        self.go("/devices/")
        self.go(f"/devices/{_plan(slug)}/?months={months}")
        return self._check_out()

    def order_days(self, slug: str, first: date, last: date) -> Order:
        """The first and the last day tapped on the calendar, then to a placed order."""
        self.go(f"/devices/{_plan(slug)}/")
        for day in (first, last):
            while f"{day:%Y-%m}" not in self.page.locator(".calendar .turn").inner_text():
                press(self.page.locator(".calendar .turn a").last)
            press(self.page.locator(".calendar td a", has_text=re.compile(rf"^{day.day}$")))
        self.check_width()
        return self._check_out()

    def _check_out(self) -> Order:
        press(main_button(self.page))
        if self.page.locator("input[name=consignee]").count():
            self.page.fill("input[name=consignee]", self.role.name)
            self.page.fill("input[name=phone]", self.role.phone)
            self.page.fill("input[name=region]", "广东省深圳市南山区")
            self.page.fill("input[name=street]", "科苑路 15 号")
            press(main_button(self.page))
        return self._place()

    def swap(self, order: Order) -> Order:
        """The last of the other devices, ordered for the one of this lease."""
        self.go(f"/leases/{order.number}/")
        press(self.page.locator(f"a[href='/orders/{order.number}/swap/']").first)
        self.check_width()
        press(self.page.locator(".ways a.button").last)
        return self._place()

    def _place(self) -> Order:
        self.check_width()
        press(main_button(self.page))
        expect(self.page).to_have_url(re.compile("/orders/"))
        return Order.objects.latest("pk")

    def sign(self, order: Order) -> None:
        self.reach(order, "READY", lambda: _agreement_state(order))
        self.go(f"/orders/{order.number}/agreement/")
        press(self.page.locator(".actionbar a"))
        sent = len(self._codes())
        for box in self.page.locator("input[name=confirmed]").all():
            box.check()
        press(self.page.locator("button[formaction]"))
        assert self.page.locator("input[name=confirmed]:not(:checked)").count() == 0  # nothing ticked is lost
        self.page.fill("input[name=code]", self._new_code(sent))
        press(self.page.locator("#signing button:not([formaction])"))
        self.reach(order, "SIGNED")

    def pay_first(self, order: Order) -> None:
        self.go(f"/orders/{order.number}/pay/")
        press(main_button(self.page))
        self.at_cashier()
        until(lambda: order.lease.bills.get(number=1).state == "PAID", "the first payment")
        self.go(f"/orders/{order.number}/pay/")
        press(main_button(self.page))
        self.at_cashier()
        self.reach(order, "PAID")

    def at_cashier(self) -> None:
        """At the provider: sign in, see the amount, agree, come back."""
        expect(self.page).to_have_url(re.compile("/cashier/"))
        if self.page.locator("input[name=phone]").count():
            self.page.fill("input[name=phone]", self.role.phone)
            press(self.page.locator("form[action*=sign-in] button, main form button").first)
        press(self.page.locator("button[value=yes]"))
        expect(self.page).to_have_url(re.compile(re.escape(self.site)))

    def pay_bill(self, order: Order, number: int) -> None:
        self.go(f"/leases/{order.number}/bills/{number}/")
        press(main_button(self.page))
        self.at_cashier()
        until(lambda: order.lease.bills.get(number=number).state == "PAID", f"bill {number}")

    def pay_extra(self, order: Order, kind: str) -> None:
        """The bill of this kind that is open, at what it says; an offer is paid where it stands, on the lease page."""
        bill = order.lease.bills.get(kind=kind, state="OPEN")
        if kind == "BUYOUT":
            self.go(f"/leases/{order.number}/bills/{bill.number}/")
            press(main_button(self.page))
            press(self.page.locator(f"form:has(input[name=bill][value='{bill.number}']) button.primary"))
            self.at_cashier()
        else:
            self.pay_bill(order, bill.number)

    def act(self, order: Order, step: str, at: str = "orders", **fields: str | bool) -> None:
        """One of the order's buttons, with its form; ways to end a lease stand `at` its page, leases."""
        self.go(f"/{at}/{order.number}/")
        press(self.page.locator(f"a[href='/orders/{order.number}/{step}/']").first)
        for name, value in fields.items():
            _fill(self.page, name, value)
        press(self.page.locator("main form button.primary, main form button.grave"))
        expect(self.page).not_to_have_url(re.compile(f"/{step}/$"))

    def photograph(self, order: Order, picture: bytes) -> None:
        """A picture of what does not work, by the button of the lease page."""
        self.go(f"/leases/{order.number}/")
        press(self.page.locator(f"a[href='/orders/{order.number}/photos/']").first)
        self.page.set_input_files(
            "input[name=picture]", {"name": "screen.png", "mimeType": "image/png", "buffer": picture}
        )
        press(main_button(self.page))
        expect(self.page.locator(".picture-rows img")).to_have_count(1)

    def label(self, order: Order) -> None:
        """What goes onto the parcel: where to, and a code that leads the merchant to the order."""
        self.go(f"/leases/{order.number}/")
        press(self.page.locator(f"a[href='/orders/{order.number}/label/']").first)
        self.check_width()
        expect(self.page.locator(".slip")).to_contain_text(order.merchant.return_address)
        expect(self.page.locator(".slip svg")).to_be_visible()

    def renew(self, order: Order) -> None:
        """The first of the further terms: picked, read, confirmed, signed."""
        self.go(f"/orders/{order.number}/renew/")
        self.page.locator("input[name=choice]").first.check()
        press(main_button(self.page))
        self._sign_addendum()
        self.reach(order, "SIGNED", lambda: str(getattr(order.endings.get(kind="RENEWAL").paper, "state", "")))
        self.go(f"/orders/{order.number}/renew/")

    def sign_plan(self, order: Order) -> None:
        """The extension plan that was offered: read, confirmed, signed."""
        self.go(f"/orders/{order.number}/extension/")
        self._sign_addendum()
        self.reach(order, "SIGNED", lambda: str(getattr(order.extension_offers.get().paper, "state", "")))
        self.go(f"/orders/{order.number}/extension/")

    def _sign_addendum(self) -> None:
        expect(self.page.locator("#signing")).to_be_visible(timeout=PATIENCE_S * 1000)
        sent = len(self._codes())
        press(self.page.locator("button[formaction]"))
        for box in self.page.locator("input[name=confirmed]").all():
            box.check()
        self.page.fill("input[name=code]", self._new_code(sent))
        press(self.page.locator("#signing button.primary"))

    def dispute(self, order: Order, words: str) -> None:
        """No to the damage that is claimed, before the pictures."""
        self.go(f"/orders/{order.number}/inspection/")
        self.page.fill("[name=grounds]", words)
        press(self.page.locator("section[aria-labelledby=no] button"))
        expect(self.page.locator("section[aria-labelledby=said]")).to_contain_text(words)

    def reach(self, order: Order, state: str, now: Callable[[], str] | None = None) -> None:
        until(lambda: (now() if now else Order.objects.get(pk=order.pk).state) == state, state)

    def _codes(self) -> list[str]:
        """The codes in the phone's inbox, newest first."""
        return [message.params["code"] for message in sms.inbox(self.role.phone) if "code" in message.params]

    def _new_code(self, sent_before: int) -> str:
        until(lambda: len(self._codes()) > sent_before, "a code")
        return self._codes()[0]


@dataclass
class MerchantAtDesk:
    """Somebody of the cast's merchant in the portal."""

    page: Page
    site: str
    login: str

    def sign_in(self) -> None:
        self.page.goto(f"{self.site}/portal/")
        if not self.page.locator("input[name=username]").count():
            return  # still in
        self.page.fill("input[name=username]", self.login)
        self.page.fill("input[name=password]", cast.PASSWORD)
        press(self.page.locator("main form button.primary, main form button").first)
        give_second_factor(self.page, self.login)
        expect(self.page).to_have_url(f"{self.site}/portal/")

    def claim(self, order: Order, photo: bytes) -> None:
        """The first line of the signed list, with what is to be seen and its picture."""
        self.page.goto(f"{self.site}/portal/orders/{order.number}/claim/")
        line = self.page.locator(".claim-line").first
        line.locator("input[type=checkbox]").check()
        line.locator("input[name^=note_]").fill("右下角开裂")
        line.locator("input[type=file]").set_input_files(
            {"name": "corner.png", "mimeType": "image/png", "buffer": photo}
        )
        for name in ("serial_matches", "wiped"):
            self.page.check(f"[name={name}]")
        press(self.page.locator("main form button.grave"))
        expect(self.page).to_have_url(f"{self.site}/portal/orders/{order.number}/")

    def act(self, order: Order, step: str, **fields: str | bool) -> None:
        self.page.goto(f"{self.site}/portal/orders/{order.number}/")
        press(self.page.locator(f"a[href='/portal/orders/{order.number}/{step}/']").first)
        for name, value in fields.items():
            _fill(self.page, name, value)
        press(self.page.locator("main form button.primary").first)
        expect(self.page).not_to_have_url(re.compile(f"/{step}/$"))


def _plan(slug: str) -> int:
    from catalog.models import LeasePlan

    return int(LeasePlan.objects.filter(sku__device_model__slug=slug).earliest("pk").pk)


def _goto(page: Page, url: str) -> Response | None:
    """A page that waits reloads itself, which may cut our own step off once; then there is no answer, or an error."""
    try:
        return page.goto(url) or page.goto(url)
    except Error as error:
        if "ERR_ABORTED" not in str(error):
            raise
        return page.goto(url)


def _fill(page: Page, name: str, value: str | bool) -> None:
    field = page.locator(f"[name={name}]")
    if value is True:
        field.check()
    elif field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(str(value))
    else:
        field.fill(str(value))


def _agreement_state(order: Order) -> str:
    found = Order.objects.select_related("agreement").get(pk=order.pk).agreement
    return str(found.state) if found else ""
