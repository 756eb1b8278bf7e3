"""Alipay's side of RSA2, written apart from the platform's signer so that one cannot hide the other's mistakes."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256


def sign(text: str, key: RSAPrivateKey) -> str:
    return b64encode(key.sign(text.encode("utf-8"), PKCS1v15(), SHA256())).decode("ascii")


def holds(text: str, signature: str, key: RSAPublicKey) -> bool:
    try:
        key.verify(b64decode(signature, validate=True), text.encode("utf-8"), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def request_text(parameters: Mapping[str, str]) -> str:
    """What a client signs: every parameter with a value except `sign`; `sign_type` is in it."""
    return _joined(parameters, without={"sign"})


def notice_text(parameters: Mapping[str, str]) -> str:
    """What Alipay signs in a notice: neither `sign` nor `sign_type` is in it."""
    return _joined(parameters, without={"sign", "sign_type"})


def _joined(parameters: Mapping[str, str], without: set[str]) -> str:
    kept = [name for name in parameters if name not in without and len(parameters[name]) > 0]
    kept.sort()
    return "&".join("=".join((name, parameters[name])) for name in kept)
