"""The machine below us: shared libraries, packages of the distribution, locks between runs, space."""

import ctypes
import fcntl
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.console import Stopped, step
from launcher.places import VAR, is_root

SPACE_NEEDED = 1_000_000_000  # bytes: the environment 0.5 GB, a database, documents
PANGO_DEBIAN = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
PANGO_LIBRARIES = {
    "linux": ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    "darwin": ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz-subset.dylib"),
}
BREW_LIBRARIES = ("/opt/homebrew/lib", "/usr/local/lib")
BROWSERS = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def need_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < SPACE_NEEDED:
        raise Stopped(f"Only {free // 1_000_000} MB are free in {folder}; Xinzu needs 1 GB. Make room and start again.")


def need_pango() -> None:
    """The library that lays out the agreements. Installed where we may, else the line that installs it."""
    if _has_pango():
        return
    if can_apt():
        apt_install("pango", *PANGO_DEBIAN)
    if not _has_pango():
        raise Stopped(f"The library pango is missing (it lays out the agreements). Install it: {_pango_line()}")


def find_browser() -> str | None:
    """The path of a Chromium for the browser tests: $CHROMIUM, or the one that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for path in BROWSERS if Path(path).exists()), None)


def can_apt() -> bool:
    return is_root() and shutil.which("apt-get") is not None


def apt_install(what: str, *packages: str) -> None:
    """Install packages of Debian or Ubuntu, as root and without a question."""
    with step(f"{what} (apt-get install {' '.join(packages)})"):
        for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", *arguments],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        if done.returncode:
            last = (done.stdout.strip().splitlines() or ["no answer"])[-1]
            raise Stopped(f"apt-get install {' '.join(packages)} failed: {last}")


@contextmanager
def only_one(name: str, otherwise: str | None = None) -> Iterator[None]:
    """Hold the lock `name` of this checkout. When another run has it: wait, or stop with the line `otherwise`.

    The operating system drops the lock when a run dies, however it dies.
    """
    VAR.mkdir(exist_ok=True)
    with (VAR / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if otherwise else 0))
        except BlockingIOError:
            raise Stopped(otherwise or "") from None
        yield


def library_path() -> dict[str, str]:
    """What the children need in their environment to find brew's libraries."""
    if platform.system() != "Darwin":
        return {}
    known = os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", "")
    return {"DYLD_FALLBACK_LIBRARY_PATH": ":".join([*filter(None, [known]), *BREW_LIBRARIES])}


def _has_pango() -> bool:
    return all(_loads(name) for name in PANGO_LIBRARIES.get(sys.platform, ()))


def _loads(library: str) -> bool:
    for name in (library, *(f"{folder}/{library}" for folder in BREW_LIBRARIES)):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def _pango_line() -> str:
    if platform.system() == "Darwin":
        return "brew install pango"
    if shutil.which("apt-get"):
        return f"sudo apt-get install {' '.join(PANGO_DEBIAN)}"
    return "install the pango package of your system (dnf install pango, apk add pango)"
