"""Key material lives in files outside the database (reliability.md). One file a key, readable by its owner only."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import get_ident

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def path(name: str) -> Path:
    return Path(settings.KEY_DIR) / name


def exists(name: str) -> bool:
    return path(name).exists()


def read(name: str) -> bytes:
    """The bytes of key `name`. ImproperlyConfigured when it is not there."""
    return _read(str(settings.KEY_DIR), name)


def ensure(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes of key `name`, made on first use where MAKE_KEYS allows it (demo, tests); never in production.

    Safe when several processes or threads start at once: the first file linked into place wins.
    """
    try:
        return read(name)
    except ImproperlyConfigured:
        if not settings.MAKE_KEYS:
            raise
    _make(path(name), make())
    return read(name)


def _make(target: Path, key: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}.{os.getpid()}.{get_ident()}")
    draft.touch(mode=0o600)
    draft.write_bytes(key)
    try:
        os.link(draft, target)
    except FileExistsError:
        pass  # another process was first: its key stands
    finally:
        draft.unlink()


@cache
def _read(folder: str, name: str) -> bytes:
    """Asked for at every sealed cell: no look at the disk after the first."""
    try:
        return (Path(folder) / name).read_bytes()
    except FileNotFoundError as error:
        raise ImproperlyConfigured(f"key file {name} is missing in KEY_DIR") from error
