"""Files of one person under one key: AES-256-GCM with the file's place as associated data (reliability.md).

A key is 32 bytes in base64, so that it can itself be sealed in a column. Without it nothing of the file can be read:
to forget a person's files is to destroy the key.
"""

import os
from base64 import b64decode, b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

_NONCE_BYTES: Final = 12


class FileDamaged(DomainError):
    code = "file_damaged"
    message = _("The stored file is not what was uploaded. Please contact us.")


def new_key() -> str:
    return b64encode(AESGCM.generate_key(bit_length=256)).decode()


def close(key: str, content: bytes, place: str) -> bytes:
    """`place` names table and row: a file copied to another row does not open."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(b64decode(key)).encrypt(nonce, content, place.encode())


def open_(key: str, closed: bytes, place: str) -> bytes:
    """FileDamaged when a byte was changed, or the file belongs to another place or person."""
    try:
        return AESGCM(b64decode(key)).decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], place.encode())
    except InvalidTag as error:
        raise FileDamaged from error
