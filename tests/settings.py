"""The settings of tests: those of the product, with the environment that a test run needs.

The environment is set, not only the settings, so that processes which a test starts share keys, files and database.
"""

import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path


def _scratch() -> Path:
    """One folder for the whole run, gone afterwards; a process started by a test uses its parent's."""
    known = os.environ.get("XINZU_TEST_FOLDER")
    if known:
        return Path(known)
    folder = Path(tempfile.mkdtemp(prefix="xinzu-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["XINZU_TEST_FOLDER"] = str(folder)
    return folder


def _free_port() -> str:
    """A port that nobody uses now, for the journeys' servers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


_folder = _scratch()
(_folder / "static").mkdir(exist_ok=True)
os.environ.update(
    {
        "DEBUG": "1",
        "CLOCK_MOVABLE": "1",
        "SANDBOX_ALLOWED": "1",
        "SITE_URL": os.environ.get("SITE_URL", f"http://127.0.0.1:{_free_port()}"),
        "SANDBOX_URL": os.environ.get("SANDBOX_URL", f"http://127.0.0.1:{_free_port()}"),
        "VAR_DIR": str(_folder),
        "KEY_DIR": str(_folder / "keys"),
        "MEDIA_ROOT": str(_folder / "media"),
        "BROKER_DIR": str(_folder / "broker"),
        "SANDBOX_SMS_RECEIPTS": "",  # a test that looks at receipts asks for them
        "PROVIDER_TRANSPORT": os.environ.get("PROVIDER_TRANSPORT", "tests.transport.sandbox"),
    }
)

from rental.settings import *  # noqa: E402, F403

if "TEST_DATABASE" in os.environ:  # two runs side by side on one server
    DATABASES["default"]["TEST"] = {"NAME": os.environ["TEST_DATABASE"]}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the product's is checked in its own test
