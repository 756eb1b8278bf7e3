"""Another term on a device page: with script the figures change in place, without it the link leads there."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from catalog.models import LeasePlan
from core import clock
from rental.demo import seed
from tests.journeys import live

PHONE = {"width": 390, "height": 844}
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plan(transactional_db: None) -> LeasePlan:
    seed.stage(clock.now())
    plans = LeasePlan.objects.filter(state="PUBLISHED", sku__device_model__slug="q7-pro")
    found = plans.order_by("id")[0]
    assert {term.months for term in found.terms.all()} >= {6, 12}
    return found


@pytest.mark.parametrize("script", [True, False])
def test_another_term_shows_its_figures(plan: LeasePlan, new_context: Any, script: bool) -> None:
    from rental.wsgi import application

    site, port = str(settings.SITE_URL), urlsplit(settings.SITE_URL).port or 0
    page: Page = new_context(viewport=PHONE, locale="en-US", java_script_enabled=script).new_page()
    with live.serving(application, port):
        page.goto(f"{site}/devices/{plan.pk}/?months=12")
        if script:
            page.evaluate("window.isStillHere = true")
        choice = page.locator(".choices").last.locator("a[href*='months=6']")
        choice.click()
        expect(choice).to_have_attribute("aria-current", "true")
        assert page.url.endswith("months=6")
        assert _total(page) == _told(plan, 6) != _told(plan, 12)
        if script:
            assert page.evaluate("window.isStillHere")
            assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
    connection.close()


def _total(page: Page) -> str:
    return str(page.locator(".cost-table tr.total td data").nth(1).get_attribute("value"))


def _told(plan: LeasePlan, months: int) -> str:
    shown = Client().get(f"/devices/{plan.pk}/?months={months}").context["shown"]
    return str(shown.cost.total_to_return)
