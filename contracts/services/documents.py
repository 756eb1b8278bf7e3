"""Private files of agreements: stored once under their hash, checked whenever read, never under a URL of their own."""

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contracts.models import Document
from core.errors import DomainError


class DocumentDamaged(DomainError):
    code = "document_damaged"
    message = _("The stored file is not what was signed. Please contact us.")


def store(content: bytes) -> str:
    """Keep the bytes durably and return their SHA-256 (hex). Storing the same bytes twice is harmless."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = _path(sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{secrets.token_hex(8)}.tmp")  # no one else's, whatever died here before
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o400)
        draft.replace(target)
        _flush_folder(target.parent)
    return sha256


def read(document: Document) -> bytes:
    """The very bytes that were stored. DocumentDamaged when the file is gone or its hash differs."""
    return content(document.sha256)


def content(sha256: str) -> bytes:
    """As `read`, of any paper that was stored under this hash."""
    try:
        found = _path(sha256).read_bytes()
    except FileNotFoundError as error:
        raise DocumentDamaged from error
    if hashlib.sha256(found).hexdigest() != sha256:
        raise DocumentDamaged
    return found


def _flush_folder(folder: Path) -> None:
    """A new name is durable only once its folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "documents" / sha256[:2] / f"{sha256}.pdf"
