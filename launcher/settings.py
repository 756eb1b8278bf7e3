"""The environment variables that our children get; rental/settings.py reads them (.env.example lists them all)."""

import os

from launcher import system
from launcher.places import VAR


def demo(database: str, site: str, sandbox: str) -> dict[str, str]:
    """The demo: debug pages, movable clock, keys made on first use, the sandbox as the outside world."""
    return {
        **_common(database),
        "DEMO": "1",
        "SITE_URL": site,
        "SANDBOX_URL": sandbox,
        "SANDBOX_ALLOWED": "1",
        "VAR_DIR": str(VAR),
        "KEY_DIR": str(VAR / "keys"),
        "MEDIA_ROOT": str(VAR / "media"),
        "BROKER_DIR": str(VAR / "broker"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def tests(database: str) -> dict[str, str]:
    """Tests: the database, and a browser when there is one. The rest is said in tests/settings.py."""
    browser = system.find_browser()
    return {**_common(database), **({"CHROMIUM": browser} if browser else {})}


def bench(database: str) -> dict[str, str]:
    """Benchmarks choose production settings themselves; here is only what depends on the machine."""
    return {
        **_common(database),
        "DEBUG": "0",
        "SECRET_KEY": "benchmark",
        "MAKE_KEYS": "1",
        "KEY_DIR": str(VAR / "bench" / "keys"),
    }


def _common(database: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {
        **kept,
        **system.library_path(),
        "DATABASE_URL": database,
        "DEBUG": "1",
        "PYTHONUNBUFFERED": "1",
    }
