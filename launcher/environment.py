"""The virtual environment: made once, installed again only when a requirement file changes.

uv installs when it is on PATH; else it is put into the environment with pip; else plain pip does the work. All three
check the hashes in the requirement files.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launcher import system
from launcher.console import Stopped, say, step
from launcher.places import PYTHON, REQUIREMENTS, ROOT, VENV, is_root

STAMP = VENV / "installed.json"
CATALOGS = ("locale", "rental/unfold_locale")  # LOCALE_PATHS in rental/settings.py
INCLUDES = {"demo": ("demo",), "dev": ("demo", "dev")}  # dev.txt holds everything that demo.txt holds


def prepare(level: str) -> None:
    """Bring `.venv` to the requirement file of `level` (demo or dev) and the message catalogs to their sources."""
    with system.only_one("environment"):
        if not _runs():
            system.need_space(ROOT)
            with step("virtual environment"):
                _make()
        if _stamp().get(level) != _fingerprint(level):
            system.need_space(ROOT)
            with step(f"packages of requirements/{level}.txt"):
                _install(level)
            known = {part: _fingerprint(part) for part in INCLUDES[level]}
            STAMP.write_text(json.dumps(known), encoding="utf-8")
        _compile_catalogs()


def _runs() -> bool:
    """The environment exists and its Python starts (it does not when the system's Python was replaced)."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import sys"], capture_output=True, check=False).returncode == 0


def _make() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv and _quiet([uv, "venv", "-q", "--python", sys.executable, VENV]) is None:
        return
    failure = _quiet([sys.executable, "-m", "venv", VENV])
    if failure and system.can_apt():
        shutil.rmtree(VENV, ignore_errors=True)
        system.apt_install("venv", "python3-venv")
        failure = _quiet([sys.executable, "-m", "venv", VENV])
    if failure:
        shutil.rmtree(VENV, ignore_errors=True)
        prefix = "" if is_root() else "sudo "
        raise Stopped(
            f"Python's venv module does not work here. On Debian or Ubuntu: {prefix}apt-get install python3-venv"
        )


def _install(level: str) -> None:
    wanted = REQUIREMENTS / f"{level}.txt"
    uv = _uv()
    if uv and _quiet([uv, "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", wanted]) is None:
        return
    if not (VENV / "bin" / "pip").exists():  # an environment that uv made has none
        _quiet([PYTHON, "-m", "ensurepip"])
    failure = _quiet([PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", wanted])
    if failure:
        say()
        say(failure)
        raise Stopped(f"The packages of requirements/{level}.txt cannot be installed: see pip's last lines above.")


def _uv() -> str | None:
    """The uv on PATH, else one installed into the environment, else none."""
    own = VENV / "bin" / "uv"
    if not own.exists() and not shutil.which("uv"):
        _quiet([PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", REQUIREMENTS / "installer.txt"])
    return shutil.which("uv") or (str(own) if own.exists() else None)


def _quiet(command: Sequence[str | Path]) -> str | None:
    """Run a command; None when it went well, else the last lines that it wrote."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "\n".join(done.stdout.splitlines()[-15:]) or "no answer" if done.returncode else None


def _stamp() -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return known


def _fingerprint(level: str) -> str:
    return hashlib.sha256((REQUIREMENTS / f"{level}.txt").read_bytes()).hexdigest()


def _compile_catalogs() -> None:
    """gettext reads compiled catalogs; git keeps only their sources."""
    sources = [source for place in CATALOGS for source in (ROOT / place).glob("*/LC_MESSAGES/*.po")]
    if all(_is_newer(source.with_suffix(".mo"), source) for source in sources):
        return
    with step("message catalogs"):
        for source in sources:
            compile_: list[str | Path] = [
                PYTHON,
                "-m",
                "babel.messages.frontend",
                "-q",
                "compile",
                "-i",
                source,
                "-o",
                source.with_suffix(".mo"),
            ]
            failure = _quiet(compile_)
            if failure:
                raise Stopped(f"{source.relative_to(ROOT)} cannot be compiled: {failure.splitlines()[-1]}")


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime
