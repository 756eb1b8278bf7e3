"""A phone that loses the network: a calm page in the site's own look, nothing private kept, and back again."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from storefront import installable
from tests import make
from tests.journeys import live

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

STORED = """async () => {
  const names = await caches.keys();
  const caches_ = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return caches_.flat().map((request) => new URL(request.url).pathname).sort();
}"""


def test_without_a_network_there_is_a_page_and_nothing_private(
    transactional_db: None, new_context: Any, client: Any
) -> None:
    from rental.wsgi import application

    site, port = str(settings.SITE_URL), urlsplit(settings.SITE_URL).port or 0
    phone: Page = new_context(viewport={"width": 390, "height": 844}, locale="en-US").new_page()
    with live.serving(application, port):
        _sign_in(phone, client, site)
        phone.goto(f"{site}/my/")
        phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
        phone.goto(f"{site}/my/permissions/")
        assert phone.evaluate("Boolean(navigator.serviceWorker.controller)")
        assert phone.evaluate(STORED) == sorted(["/offline/", *installable.kept()])

        phone.context.set_offline(True)
        phone.goto(f"{site}/my/leases/")
        expect(phone.get_by_role("heading")).to_contain_text("No network")
        assert phone.evaluate("document.styleSheets[0].cssRules.length") > 10
        assert phone.evaluate("document.fonts.load('16px Inter').then((faces) => faces.length)") == 1

        phone.context.set_offline(False)
        phone.get_by_role("link", name="Try again").click()
        expect(phone.get_by_role("navigation", name="Sections")).to_be_visible()
        assert phone.evaluate(STORED) == sorted(["/offline/", *installable.kept()])


def _sign_in(phone: Page, client: Any, site: str) -> None:
    client.force_login(make.customer().user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}])
