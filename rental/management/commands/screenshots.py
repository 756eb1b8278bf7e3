"""manage.py screenshots: the pictures of the README, taken from the running demo as its people see it."""

import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import LeasePlan
from core import seals
from orders.models import Order, State
from rental.demo import cast
from rental.demo.stories import STORIES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = settings.BASE_DIR / "docs" / "pictures"
WIDTHS = {390: (844, 2.0), 1280: (800, 1.0)}  # height of the window, pixels for each of CSS
LANGUAGES = {"zh": "zh-hans", "en": "en"}
COLOURS = 224
MOST_BYTES = 1_500_000  # of all pictures together
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CUSTOMERS = {"tenant": "in the ninth month of 18", "newcomer": "on its way"}  # their situation in the demo's stories
DEVICE = "q7-pro"


@dataclass(frozen=True)
class Scene:
    """One picture, in every width and language."""

    name: str
    who: str  # "" for nobody, one of CUSTOMERS, "merchant" or "operator"
    path: str


class Command(BaseCommand):
    help = "Takes the pictures of docs/pictures from the running demo (390 and 1280 px, Chinese and English)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", default="http://127.0.0.1:8000", help="where the demo runs")
        parser.add_argument("--sandbox", default="http://127.0.0.1:8001", help="where its sandbox runs")
        parser.add_argument("--only", help="the name of one picture")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("pictures are taken of the demo only")
        for place in (options["site"], options["sandbox"]):
            _need_answer(place)
        wanted = [scene for scene in scenes() if options["only"] in {None, scene.name}]
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, picture in _taken(wanted, options["site"], options["sandbox"]):
            (FOLDER / f"{name}.png").write_bytes(picture)
            self.stdout.write(f"{name}  {len(picture) // 1000} kB")
        total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
        if total > MOST_BYTES:
            raise CommandError(f"{total:,} bytes of pictures are more than {MOST_BYTES:,}")
        self.stdout.write(f"{total:,} bytes in docs/pictures")


def scenes() -> list[Scene]:
    """What is shown. CommandError while the demo's past is still being filled in."""
    tenant = seals.blind_index("phone", _phone("tenant"))
    orders = Order.objects.filter(customer__user__phone_index=tenant, state=State.ACTIVE)
    order = orders.order_by("pk").first()
    if order is None:
        raise CommandError("the demo has no past yet: wait until it is filled in, or run demo_histories")
    return [
        Scene("home", "tenant", "/"),
        Scene("device", "", f"/devices/{_plan(DEVICE)}/?months=12"),
        Scene("agreement", "tenant", f"/orders/{order.number}/agreement/"),
        Scene("lease", "tenant", f"/leases/{order.number}/"),
        Scene("credit", "newcomer", "/my/credit/"),
        Scene("portal", "merchant", "/portal/"),
        Scene("desk", "operator", "/desk/"),
    ]


def _phone(who: str) -> str:
    return next(story.role.phone for story in STORIES if story.role.story == CUSTOMERS[who])


def _plan(slug: str) -> int:
    return LeasePlan.objects.filter(sku__device_model__slug=slug).earliest("pk").pk


def _taken(wanted: list[Scene], site: str, sandbox: str) -> Iterator[tuple[str, bytes]]:
    """Name and compressed bytes of each picture. Each person signs in once."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise CommandError("playwright is missing: python3 run.py check --static installs it") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser_path(), args=["--no-sandbox"])
        signed_in = {who: _signed_in(browser, who, site, sandbox) for who in {scene.who for scene in wanted}}
        for (width, (height, scale)), (short, language) in product(WIDTHS.items(), LANGUAGES.items()):
            for scene in wanted:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    device_scale_factor=scale,
                    storage_state=signed_in[scene.who],
                    reduced_motion="reduce",
                )
                context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
                yield f"{scene.name}-{width}-{short}", _small(_picture(context.new_page(), f"{site}{scene.path}"))
                context.close()
        browser.close()


def _picture(page: "Page", url: str) -> bytes:
    answer = page.goto(url)
    if answer is None or not answer.ok:
        raise CommandError(f"{url} answers {answer.status if answer else 'nothing'}")
    return page.screenshot()


def _small(picture: bytes) -> bytes:
    """A palette is enough for flat pages, and a third of the bytes."""
    from PIL import Image

    out = io.BytesIO()
    flat = Image.open(io.BytesIO(picture)).convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS)
    flat.save(out, "PNG", optimize=True)
    return out.getvalue()


def _signed_in(browser: "Browser", who: str, site: str, sandbox: str) -> Any:
    """The cookies of a person who went through the sign-in page; none for nobody."""
    page = browser.new_page()
    match who:
        case "merchant":
            _office(page, f"{site}/portal/sign-in/", cast.MERCHANTS[0].login)
        case "operator":
            _office(page, f"{site}/desk/sign-in/", next(iter(cast.OPERATORS)))
        case customer if customer:
            _customer(page, _phone(customer), site, sandbox)
    state = page.context.storage_state()
    page.context.close()
    return state


def _customer(page: "Page", phone: str, site: str, sandbox: str) -> None:
    """By phone and the code that lies in the sandbox's inbox."""
    before = len(_codes(sandbox, phone))
    page.goto(f"{site}/sign-in/")
    page.fill("input[name=phone]", phone)
    page.locator("main .primary").first.click()
    page.wait_for_url("**/sign-in/code/**")
    for _ in range(100):
        if len(codes := _codes(sandbox, phone)) > before:
            break
        page.wait_for_timeout(200)
    else:
        raise CommandError("no code came: does the demo's worker run?")
    page.fill("input[name=code]", codes[0])
    page.locator("main .primary").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def _codes(sandbox: str, phone: str) -> list[str]:
    """Newest first."""
    messages = httpx.get(f"{sandbox}/sms.json", params={"phone": phone}).json()["messages"]
    return [message["params"]["code"] for message in messages if "code" in message["params"]]


def _office(page: "Page", url: str, login: str) -> None:
    page.goto(url)
    page.fill("input[name=username]", login)
    page.fill("input[name=password]", cast.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def _browser_path() -> str:
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found or not Path(found).exists():
        raise CommandError("no Chromium here: install one (apt-get install chromium), or name it in CHROMIUM")
    return found


def _need_answer(place: str) -> None:
    try:
        httpx.get(place, timeout=10)
    except httpx.TransportError:
        raise CommandError(f"nothing answers at {place}: start the demo, or give --site and --sandbox") from None
