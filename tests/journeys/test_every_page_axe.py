"""Every page of the registry in a browser of 360 px: once Chinese and light, once English and dark."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, BrowserContext

from tests.journeys import live
from tests.pages import looking, registry, visitors, world
from tests.pages.looking import SMALL, Look
from tests.pages.page import Page

pytestmark = [pytest.mark.journey, pytest.mark.django_db]

LOOKS: dict[str, tuple[str, Literal["light", "dark"]]] = {"zh light": ("zh-hans", "light"), "en dark": ("en", "dark")}
AT = datetime(2026, 11, 28, 17, 35, tzinfo=UTC)  # past midnight in China: what was signed in the evening is in grace
WAITING = ("meta-refresh",)  # without scripts there is no other way for a page that waits for a provider
TABLE = Path(settings.BASE_DIR) / "test-results" / "axe.txt"
each_page = pytest.mark.parametrize("entry", registry.PAGES, ids=lambda entry: entry.name)
with_admin = pytest.mark.parametrize("entry", [*registry.PAGES, *registry.ADMIN], ids=lambda entry: entry.name)
each_look = pytest.mark.parametrize("kind", LOOKS)


@dataclass
class Tour:
    """All pages, each looked at once in each way, when a test first asks for it."""

    made: world.World
    contexts: dict[str, BrowserContext]
    clients: dict[str, Client]
    seen: dict[tuple[str, str], Look] = field(default_factory=dict)

    def look(self, entry: Page, kind: str) -> Look:
        key = entry.name, kind
        if key not in self.seen:
            context = self.contexts[kind]
            self._sign_in(context, entry.who, LOOKS[kind][0])
            tags = looking.WCAG if registry.face(entry.route) == "admin" else looking.TAGS
            self.seen[key] = looking.look(context, settings.SITE_URL + entry.address(self.made), tags)
        return self.seen[key]

    def _sign_in(self, context: BrowserContext, who: str, language: str) -> None:
        named = {
            settings.LANGUAGE_COOKIE_NAME: language,
            settings.SESSION_COOKIE_NAME: visitors.session_of(self.clients[who]),
        }
        context.clear_cookies()
        context.add_cookies(
            [{"name": name, "value": value, "url": settings.SITE_URL} for name, value in named.items() if value]
        )


@pytest.fixture(scope="module")
def tour(browser: Browser, django_db_setup: Any, django_db_blocker: Any) -> Iterator[Tour]:
    """A live site in front of the prepared world; the table is written when all has been seen."""
    from rental.wsgi import application

    port = urlsplit(settings.SITE_URL).port
    assert port is not None
    with django_db_blocker.unblock():
        contexts = {
            kind: browser.new_context(viewport=SMALL, color_scheme=scheme, service_workers="block")
            for kind, (_language, scheme) in LOOKS.items()
        }
        try:
            with time_machine.travel(AT), override_settings(DEMO=True), live.serving(application, port):
                made = world.build(AT)
                clients = {who: visitors.client_of(who, made) for who in {entry.who for entry in registry.PAGES}}
                found = Tour(made, contexts, clients)
                yield found
            _write(found)
        finally:
            for context in contexts.values():
                context.close()
            call_command("flush", verbosity=0, interactive=False)


@with_admin
@each_look
def test_axe_finds_nothing(entry: Page, kind: str, tour: Tour) -> None:
    look = tour.look(entry, kind)
    assert look.status == 200
    allowed = WAITING if entry.waits else ()
    assert [one for one in look.violations if one.split()[0] not in allowed] == []
    assert look.passes > 10


@with_admin
@each_look
def test_nothing_scrolls_sideways_on_a_small_phone(entry: Page, kind: str, tour: Tour) -> None:
    assert tour.look(entry, kind).wide <= 0


@each_page
@each_look
def test_every_target_fits_a_finger(entry: Page, kind: str, tour: Tour) -> None:
    assert tour.look(entry, kind).targets == []


@each_page
@each_look
def test_the_console_stays_silent(entry: Page, kind: str, tour: Tour) -> None:
    """No error of a script, no file that is missing, nothing that the content policy refused."""
    assert tour.look(entry, kind).said == []


def _write(tour: Tour) -> None:
    rows = [f"{'page':58} {'look':9} {'passed':>6}  violations"]
    for (name, kind), look in tour.seen.items():
        rows.append(f"{name:58} {kind:9} {look.passes:6}  {'; '.join(look.violations) or 0}")
    clean = sum(not look.violations for look in tour.seen.values())
    passed = sum(look.passes for look in tour.seen.values())
    rows.append(f"{len(tour.seen)} looks, {clean} without a violation, {passed} rules passed")
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print("\n" + "\n".join(rows))  # noqa: T201 - the table is what one runs this for
