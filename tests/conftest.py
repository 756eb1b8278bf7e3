"""What holds for every test: nothing leaves this machine, and browser tests say clearly when there is no browser."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.database import _flush_past_the_triggers  # noqa: F401 - a fixture for every test
from tests.migrated import django_db_modify_db_settings  # noqa: F401 - the copy that every run begins with

BUSY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # a machine that is shared is no failure
settings.register_profile("shared", settings(), **BUSY)
settings.load_profile("shared")

BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
NO_BROWSER = "no Chromium on this machine: install it (apt-get install chromium) or name it in CHROMIUM"
BROWSER_FIXTURES = {"page", "context", "browser", "new_context"}


class OutsideWorldTouched(RuntimeError):
    """A test tried to reach another machine."""


def _is_near(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_outside_world() -> Iterator[None]:
    """Sockets reach unix paths and the loopback only; other names are not even looked up."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse_far(sock: socket.socket, address: Any) -> None:
        if sock.family != socket.AF_UNIX and not _is_near(address[0]):
            raise OutsideWorldTouched(f"a test tried to connect to {address[0]}")

    def near_connect(sock: socket.socket, address: Any) -> None:
        refuse_far(sock, address)
        connect(sock, address)

    def near_connect_ex(sock: socket.socket, address: Any) -> int:
        refuse_far(sock, address)
        return connect_ex(sock, address)

    def near_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        if not _is_near(host):
            raise OutsideWorldTouched(f"a test tried to look up {host}")
        return look_up(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", near_connect)
        patch.setattr(socket.socket, "connect_ex", near_connect_ex)
        patch.setattr(socket, "getaddrinfo", near_look_up)
        yield


@pytest.fixture(autouse=True)
def _fresh_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process remembers between requests starts empty in each test, and a slow machine asks no query more."""
    from django.core.cache import cache

    from core import clock

    cache.clear()
    clock.forget()
    monkeypatch.setattr(clock, "REREAD_AFTER_S", 3600)


@pytest.fixture(autouse=True)
def _a_days_errors_are_raised(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's work keeps errors as mishaps; a mistake of ours would hide there. Refusals are kept as ever."""
    if request.node.get_closest_marker("mishaps"):
        return
    from django.db import DatabaseError

    from core.errors import DomainError
    from core.running import Running

    kept = Running.keep

    def keep(running: Running, subject: Any, pk: int, error: Exception) -> None:
        if not isinstance(error, DomainError | DatabaseError):
            raise error
        kept(running, subject, pk, error)

    monkeypatch.setattr(Running, "keep", keep)


@pytest.fixture(autouse=True, scope="session")
def _clients_gave_their_second_factor() -> Iterator[None]:
    """`force_login` means somebody who is in: with his second factor. Whoever types his password still owes it."""
    from django.test import Client

    from tests import make

    def force_login(client: Client, user: Any, backend: str | None = None) -> None:
        with_password_only(client, user, backend)
        make.gave_second_factor(client)

    with_password_only = Client.force_login
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", force_login)
        yield


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next((path for path in BROWSERS if Path(path).exists()), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's event loop stays in the thread and would hide a query inside a loop."""
    items.sort(key=lambda item: bool(BROWSER_FIXTURES & set(getattr(item, "fixturenames", ()))))
    if _chromium() is None:
        for item in items:
            if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's Chromium, which finds no name but the loopback's."""
    return {
        **browser_type_launch_args,
        "executable_path": _chromium(),
        "args": ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
    }
