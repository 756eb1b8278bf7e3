"""Sealing personal facts: AES-256-GCM with the key's id and the row and column as associated data (reliability.md).

A sealed text is `key-id.base64(nonce ‖ ciphertext)`. A cell copied to another row or column does not open.
Equality and UNIQUE go over a blind index: HMAC-SHA256 of the normalised value under a key of its own.
"""

import hashlib
import hmac
import os
import re
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from core import keys

INDEX_KEY = "blind-index"
_NONCE_BYTES = 12
_KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]*")  # names a file, and comes out of a column: never a path


def seal(plain: str, place: str) -> str:
    """`place` names row and column, e.g. "accounts.user.phone:<row uuid>"."""
    key_id: str = settings.SEAL_KEY
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(seal_key()).encrypt(nonce, plain.encode(), f"{key_id}|{place}".encode())
    return f"{key_id}.{b64encode(nonce + sealed).decode()}"


def unseal(cipher: str, place: str) -> str:
    """cryptography.exceptions.InvalidTag when the text was changed or belongs to another place.

    ValueError when it is no sealed text at all, ImproperlyConfigured when its key is not here: none is ever made.
    """
    key_id, _, body = cipher.partition(".")
    if not body or not _KEY_ID.fullmatch(key_id):
        raise ValueError("not a sealed text")
    raw = b64decode(body, validate=True)
    opened = AESGCM(keys.read(key_id)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], f"{key_id}|{place}".encode())
    return opened.decode()


def blind_index(kind: str, normalised: str) -> str:
    """64 hex characters; equal values of one kind have equal indexes, and nothing else shows."""
    return hmac.new(index_key(), f"{kind}|{normalised}".encode(), hashlib.sha256).hexdigest()


def seal_key() -> bytes:
    """The key that seals new values (settings.SEAL_KEY)."""
    return keys.ensure(settings.SEAL_KEY, lambda: AESGCM.generate_key(bit_length=256))


def index_key() -> bytes:
    return keys.ensure(INDEX_KEY, lambda: os.urandom(32))
