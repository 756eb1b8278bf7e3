"""manage.py screenshots: pictures of the running demo as its people see it; the README's, or all with --to."""

import io
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import backends, staff
from rental.demo import scenes
from rental.demo.scenes import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = settings.BASE_DIR / "docs" / "pictures"
WIDTHS = {390: (844, 2.0), 1280: (800, 1.0)}  # height of the window, pixels for each of CSS
LANGUAGES = {"zh": "zh-hans", "en": "en"}
COLOURS = 224
MOST_BYTES = 6_000_000  # of all pictures in docs/pictures together
TRIES, PAUSE_S = 3, 5.0
PATIENCE_MS = 30_000  # a demo that still fills in its past answers slowly
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Shot:
    """A scene in one width, language and colour scheme."""

    scene: Scene
    width: int
    language: str
    dark: bool = False

    @property
    def name(self) -> str:
        return "-".join([self.scene.name, str(self.width), self.language, *(["dark"] if self.dark else [])])


class Command(BaseCommand):
    help = "Takes pictures of the running demo (390 and 1280 px, Chinese and English, some of them dark)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", default=settings.SITE_URL, help="where the demo runs")
        parser.add_argument("--to", type=Path, help="every screen into this folder, not only the README's")
        parser.add_argument("--only", help="the name of one scene")
        parser.add_argument("--whole", action="store_true", help="whole pages, not only what a window shows")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("pictures are taken of the demo only")
        _need_answer(options["site"])
        folder = options["to"] or FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        wanted = _shots(kept_only=options["to"] is None, only=options["only"])
        failed = []
        for shot, picture in _taken(wanted, options["site"], whole=options["whole"]):
            if isinstance(picture, str):
                failed.append(f"{shot.name}: {picture}")
                continue
            (folder / f"{shot.name}.png").write_bytes(picture)
            self.stdout.write(f"{shot.name}  {len(picture) // 1000} kB")
        total = sum(path.stat().st_size for path in folder.glob("*.png"))
        self.stdout.write(f"{total:,} bytes in {folder}")
        if folder == FOLDER and total > MOST_BYTES:
            failed.append(f"{total:,} bytes of pictures are more than {MOST_BYTES:,}")
        if failed:
            raise CommandError("\n".join(failed))


def _shots(*, kept_only: bool, only: str | None) -> list[Shot]:
    try:
        found = scenes.all_scenes()
    except scenes.NoPast as missing:
        raise CommandError("the demo has no past yet: wait until it is filled in, or run demo_histories") from missing
    wanted = [scene for scene in found if (scene.kept or not kept_only) and only in {None, scene.name}]
    light = [Shot(scene, width, language) for width in WIDTHS for language in LANGUAGES for scene in wanted]
    return [*light, *(Shot(scene, 390, "zh", dark=True) for scene in wanted if scene.dark)]


def _taken(wanted: list[Shot], site: str, *, whole: bool) -> Iterator[tuple[Shot, bytes | str]]:
    """Each shot with its compressed bytes, or with what went wrong."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise CommandError("playwright is missing: python3 run.py check --static installs it") from error
    sessions = {who: _session(who) for who in {shot.scene.who for shot in wanted}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser_path(), args=["--no-sandbox"])
        for shot in wanted:
            for left in reversed(range(TRIES)):  # a site that restarts meanwhile is asked again
                try:
                    yield shot, _small(_picture(browser, shot, site, sessions[shot.scene.who], whole=whole))
                except (Error, CommandError) as error:
                    if not left:
                        yield shot, str(error).splitlines()[0]
                    time.sleep(PAUSE_S if left else 0)
                else:
                    break
        browser.close()


def _picture(browser: "Browser", shot: Shot, site: str, session: str, *, whole: bool) -> bytes:
    height, scale = WIDTHS[shot.width]
    context = browser.new_context(
        viewport={"width": shot.width, "height": height},
        device_scale_factor=scale,
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
        service_workers="block",
    )
    cookies = {settings.LANGUAGE_COOKIE_NAME: LANGUAGES[shot.language], settings.SESSION_COOKIE_NAME: session}
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items() if value])
    try:
        return _look(context.new_page(), f"{site}{shot.scene.path}", at_end=shot.scene.at_end, whole=whole)
    finally:
        context.close()


def _look(page: "Page", url: str, *, at_end: bool, whole: bool) -> bytes:
    page.set_default_timeout(PATIENCE_MS)
    answer = page.goto(url)
    if answer is None or not answer.ok:
        raise CommandError(f"{url} answers {answer.status if answer else 'nothing'}")
    page.evaluate("document.fonts.ready")
    if at_end:
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    return page.screenshot(full_page=whole)


def _small(picture: bytes) -> bytes:
    """A palette is enough for flat pages, and a third of the bytes."""
    from PIL import Image

    out = io.BytesIO()
    flat = Image.open(io.BytesIO(picture)).convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS)
    flat.save(out, "PNG", optimize=True)
    return out.getvalue()


def _session(who: str) -> str:
    """The key of a new session of somebody in the demo, "" for nobody: the database is the demo's own."""
    user = scenes.user(who)
    if user is None:
        return ""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: backends.PATH,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            staff.SECOND_FACTOR: True,
        }
    )
    session.create()
    return str(session.session_key)


def _browser_path() -> str:
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found or not Path(found).exists():
        raise CommandError("no Chromium here: install one (apt-get install chromium), or name it in CHROMIUM")
    return found


def _need_answer(place: str) -> None:
    try:
        httpx.get(place, timeout=PATIENCE_MS / 1000)
    except httpx.TransportError:
        raise CommandError(f"nothing answers at {place}: start the demo, or give --site") from None
