"""The platform's own keys for its providers.

As in a real onboarding the two sides exchange public halves as files: the private half `x.pem` stays ours, `x.pub`
lies beside it for the provider, and the provider's public half is put into KEY_DIR under the name in settings.
"""

import hmac
import secrets
from functools import cache
from pathlib import PurePath

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from core import keys


def merchant_key(name: str) -> rsa.RSAPrivateKey:
    """The private key in `name`, made on first use where keys may be made, its public half beside it as `*.pub`."""
    pem = keys.ensure(name, _make)
    private = _private(pem)
    if settings.MAKE_KEYS:
        keys.ensure(str(PurePath(name).with_suffix(".pub")), lambda: _public_pem(private))
    return private


def provider_key(name: str) -> rsa.RSAPublicKey:
    """The provider's public key, as its console gave it to us."""
    return _public(keys.read(name))


def shared_secret(name: str) -> str:
    """A secret that the provider issued to us."""
    return keys.ensure(name, _make_secret).decode().strip()


def is_secret(name: str, told: str) -> bool:
    """Whether it is the shared secret; takes as long for a wrong one as for the right one."""
    return hmac.compare_digest(shared_secret(name).encode(), told.encode())


@cache
def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("an RSA key is needed")
    return key


@cache
def _public(pem: bytes) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("an RSA key is needed")
    return key


def _make() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _make_secret() -> bytes:
    return secrets.token_hex(16).encode()


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
