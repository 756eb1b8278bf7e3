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
    """Tests: the same, with a browser when there is one. tests/conftest.py moves keys and files to a temporary folder."""
    browser = system.find_browser()
    return {
        **_common(database),
        "SANDBOX_ALLOWED": "1",
        "PYTHONWARNINGS": "default",
        **({"CHROMIUM": browser} if browser else {}),
    }


def _common(database: str) -> dict[str, str]:
    return {
        **os.environ,
        **system.library_path(),
        "DATABASE_URL": database,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "rental.settings",
        "PYTHONUNBUFFERED": "1",
    }
