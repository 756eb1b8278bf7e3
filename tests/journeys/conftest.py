"""A browser in front of the whole site."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.core.cache import cache

from core import clock
from rental.demo import cast, seed
from sandbox import courier
from sandbox.services import people
from tests.journeys import live


@pytest.fixture(scope="session", autouse=True)
def _queries_beside_the_browser() -> None:
    """Playwright keeps an event loop in the test's thread from its first use to the end of the run."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def stage(transactional_db: None) -> None:
    """The demo's offers, staff and people."""
    cache.clear()
    seed.stage(clock.now())
    for role in cast.PEOPLE:
        people.know(role.name, role.id_number, role.phone, role.score)


@pytest.fixture
def past(stage: None) -> Any:
    """What has happened before the site opens: nothing, unless a module says otherwise."""


@pytest.fixture
def site(stage: None, past: Any, settings: Any) -> Iterator[str]:
    """The site's address, with the demo's stage set, provider calls over real HTTP, and a worker at work."""
    from rental.wsgi import application
    from sandbox.wsgi import application as outside

    settings.PROVIDER_TRANSPORT = settings.SANDBOX_TRANSPORT = ""
    with (
        live.serving(application, _port(configured.SITE_URL)),
        live.serving(outside, _port(configured.SANDBOX_URL)),
        courier.running(),
        live.working(),
    ):
        yield str(configured.SITE_URL)


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
