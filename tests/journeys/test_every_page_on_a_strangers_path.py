"""A person who never saw the site: from the home page to a signed and paid order, by what the screen offers alone.

On each page he fills what is empty, ticks what must be ticked and presses the one clear button. No address is guessed,
no script runs in his browser, and the demo's help is what tells him a code or an invented name.
"""

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from orders.models import Order, State

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
MOST_TAPS, MOST_TYPED, MOST_SECONDS = 36, 11, 180
PATIENCE_S, LOADING_S = 60, 10
PRESSED = ("main .primary, .actionbar .primary", ".offer-card a, a.offer-card", "main .button")
KNOWN = {"phone": "13812345678", "consignee": "林知夏", "region": "广东省深圳市南山区", "street": "科苑路 15 号"}


@dataclass
class Stranger:
    """What he tapped and typed, in order."""

    page: Page
    taps: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=lambda: dict(KNOWN))

    def tap(self, what: Locator) -> None:
        self.taps.append(f"{_path(self.page)} {' '.join(what.inner_text().split())}")
        what.click()

    def _go(self, what: Locator) -> None:
        """A tap that leads to another page."""
        with self.page.expect_navigation():
            self.tap(what)

    def step(self) -> None:
        """One page: fill, tick, go on. A page that says it waits is waited for."""
        way_on = self._way_on()
        if way_on is None:
            self.page.wait_for_timeout(200)
            return
        form = self._form_of(way_on)
        self._fill(form)
        unticked = form.locator("input[type=checkbox]:not(:checked)")
        while unticked.count():
            self.tap(unticked.first.locator("xpath=.."))
        self._go(way_on)

    def _form_of(self, button: Locator) -> Locator:
        """What is sent by this button; other forms of the page are offers that he passes by."""
        named = button.get_attribute("form")
        return self.page.locator(f"form#{named}") if named else button.locator("xpath=ancestor::form")

    def _fill(self, form: Locator) -> None:
        for box in form.locator("input:is([type=text], [type=tel], :not([type])):visible").all():
            name = str(box.get_attribute("name"))
            if name in {"q"} or box.input_value():
                continue
            if name not in self.facts or name == "code":
                self._look_up(name)
            self.typed.append(f"{_path(self.page)} {name}")
            box.fill(self.facts[name])

    def _look_up(self, name: str) -> None:
        """The demo's help, in a window of its own: the code of the newest message, or somebody invented."""
        send = self.page.locator("button[formaction]")
        if name == "code" and send.count():
            self._go(send)
        guide = self.page.locator(".help a")
        assert guide.count(), f"nothing tells {name} at {self.page.url}\n" + "\n".join(self.taps)
        with self.page.context.expect_page() as opened:
            self.tap(guide)
        beside = opened.value
        if name == "code":
            self._wait_for_code(beside)
            self.facts["code"] = beside.locator(".code").first.inner_text()
        else:
            self.facts["name"], self.facts["id_number"] = beside.locator(".code").all_inner_texts()
        beside.close()

    def _wait_for_code(self, beside: Page) -> None:
        end = time.monotonic() + PATIENCE_S
        while beside.locator(".code").count() == self.codes_seen:
            assert time.monotonic() < end, "no code came"
            beside.wait_for_timeout(300)
            beside.reload()
        self.codes_seen += 1

    codes_seen: int = 0

    def _way_on(self) -> Locator | None:
        """The one clear button; among devices, the first of them; at the provider, his button. None while it waits."""
        end = time.monotonic() + LOADING_S
        while time.monotonic() < end:
            if self.page.locator("meta[http-equiv=refresh]").count():
                return None
            for wanted in PRESSED:
                found = self.page.locator(wanted).locator("visible=true").first
                if found.count():
                    return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"nothing to press at {self.page.url}")


@pytest.mark.parametrize("scripts", [False])
def test_from_the_home_page_to_a_paid_order_with_nothing_to_guess(
    site: str, new_context: Any, settings: Any, scripts: bool
) -> None:
    settings.DEMO = True
    context = new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=scripts)
    stranger, began = Stranger(context.new_page()), time.monotonic()
    stranger.page.goto(site)
    while not Order.objects.filter(state=State.PAID).exists():
        stranger.step()
        assert len(stranger.taps) <= MOST_TAPS, "\n".join(stranger.taps)
        assert time.monotonic() - began < MOST_SECONDS, "\n".join(stranger.taps)
    took = time.monotonic() - began
    print("", *stranger.taps, *(f"typed: {one}" for one in stranger.typed), sep="\n")  # noqa: T201 - what one runs it for
    print(f"{len(stranger.taps)} taps, {len(stranger.typed)} typed fields, {took:.0f} s")  # noqa: T201
    assert Order.objects.get().state == State.PAID
    assert len(stranger.typed) <= MOST_TYPED


def _path(page: Page) -> str:
    return "/" + page.url.split("/", 3)[-1].split("?")[0]
