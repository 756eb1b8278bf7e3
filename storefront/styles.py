"""The style sheet: one file per component on disk, one answer on the wire, without a build step.

Cascade layers make the order of the files unimportant, except that `layers.css` names the layers first.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "static" / "css"
FIRST, LAST = ("layers.css", "reset.css", "tokens.css", "base.css"), "utilities.css"


def text() -> str:
    """All rules. Read anew on every call while developing, once per process otherwise."""
    return _read() if settings.DEBUG else _kept()


def version(sheet: str) -> str:
    return hashlib.sha256(sheet.encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def _kept() -> str:
    return _read()


def _read() -> str:
    components = sorted((FOLDER / "components").glob("*.css"))
    files = [*(FOLDER / name for name in FIRST), *components, FOLDER / LAST]
    return "".join(file.read_text(encoding="utf-8") for file in files)
