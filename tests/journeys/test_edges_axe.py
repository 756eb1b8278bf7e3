"""Error pages and the sandbox's pages in a browser of 360 px: once Chinese and light, once English and dark."""

from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Route

from tests.journeys import live
from tests.pages import edges, looking
from tests.pages.looking import SMALL, Look

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LOOKS: dict[str, tuple[str, Literal["light", "dark"]]] = {"zh light": ("zh-hans", "light"), "en dark": ("en", "dark")}


@pytest.fixture(params=LOOKS)
def phone(request: pytest.FixtureRequest, browser: Browser, transactional_db: None) -> Iterator[BrowserContext]:
    """Somebody's phone in front of both sites."""
    from rental.wsgi import application
    from sandbox.wsgi import application as outside

    language, scheme = LOOKS[request.param]
    context = browser.new_context(viewport=SMALL, color_scheme=scheme, locale=language, service_workers="block")
    context.set_extra_http_headers({"accept-language": language})
    ours, theirs = (urlsplit(url).port or 0 for url in (settings.SITE_URL, settings.SANDBOX_URL))
    with live.serving(application, ours), live.serving(outside, theirs):
        yield context
    context.close()


def test_error_pages_are_as_clean_as_the_others(phone: BrowserContext, request: pytest.FixtureRequest) -> None:
    language = LOOKS[request.node.callspec.params["phone"]][0]
    for name in edges.ERRORS:
        address = f"{settings.SITE_URL}/shown-as/{name.replace(' ', '-')}/"
        phone.route(address, _showing(edges.error(name, language).content))
        _check(name, looking.look(phone, address, looking.TAGS), 200)


def test_the_sandbox_is_as_clean_as_the_platform(phone: BrowserContext) -> None:
    for name, path in edges.addresses().items():
        look = looking.look(phone, f"{settings.SANDBOX_URL}{path}", looking.TAGS)
        if name == "lost":
            look.said = [word for word in look.said if "404" not in word]  # the browser's own remark
        _check(name, look, 404 if name == "lost" else 200)


def _showing(body: bytes) -> Callable[[Route], None]:
    """The body in place of whatever stands at the address."""
    return lambda route: route.fulfill(status=200, body=body, content_type="text/html; charset=utf-8")


def _check(name: str, look: Look, status: int) -> None:
    assert (name, look.status) == (name, status)
    assert (name, look.violations) == (name, [])
    assert (name, look.wide) == (name, 0)
    assert (name, look.targets) == (name, [])
    assert (name, look.said) == (name, [])
