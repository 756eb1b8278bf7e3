"""The sandbox's own keys: Alipay's pair, the TSA's, the secret issued for Aliyun. Public halves beside as `*.pub`."""

import secrets
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core import keys
from sandbox import conf

ALIPAY, ALIPAY_PUBLIC = "sandbox-alipay.pem", "sandbox-alipay.pub"
FORGER = "sandbox-forger.pem"  # nobody's key, for forged signatures
WECHAT, WECHAT_PUBLIC = "sandbox-wechat.pem", "sandbox-wechat.pub"
TSA, TSA_CERTIFICATE = "sandbox-tsa.pem", "sandbox-tsa.crt"


def make_all() -> None:
    """Everything that the other side may want to read."""
    alipay()
    wechat()
    wechat_v3_key()
    wechat_app_secret()
    tsa_certificate()
    aliyun_secret()
    tencent_secret()
    sms_receipt_secret()
    kuaidi100_key()
    stripe_key()
    stripe_webhook_secret()


def alipay() -> rsa.RSAPrivateKey:
    key = _private(keys.ensure(ALIPAY, _make))
    keys.ensure(ALIPAY_PUBLIC, lambda: _public_pem(key))
    return key


def wechat() -> rsa.RSAPrivateKey:
    key = _private(keys.ensure(WECHAT, _make))
    keys.ensure(WECHAT_PUBLIC, lambda: _public_pem(key))
    return key


def wechat_v3_key() -> bytes:
    """32 bytes, agreed with the merchant in the console."""
    return keys.ensure(conf.wechat_v3_key_file(), lambda: secrets.token_hex(16).encode()).strip()


def wechat_app_secret() -> str:
    """Shown to the merchant once, in the console of its official account."""
    return keys.ensure(conf.wechat_app_secret_file(), lambda: secrets.token_hex(16).encode()).decode().strip()


def stripe_key() -> str:
    """The merchant's secret key, shown to it once."""
    return keys.ensure(conf.stripe_key_file(), f"sk_test_{secrets.token_hex(16)}".encode).decode().strip()


def stripe_webhook_secret() -> str:
    """Of the merchant's endpoint for events."""
    name = conf.stripe_webhook_secret_file()
    return keys.ensure(name, f"whsec_{secrets.token_hex(16)}".encode).decode().strip()


def form_secret() -> str:
    """Of the gateway that signs forms, agreed with the merchant."""
    return keys.ensure(conf.form_secret_file(), lambda: secrets.token_hex(16).encode()).decode().strip()


def forger() -> rsa.RSAPrivateKey:
    return _private(keys.ensure(FORGER, _make))


def merchant() -> rsa.RSAPublicKey | None:
    """The merchant's key at Alipay, None until it has uploaded one."""
    return _uploaded(conf.merchant_key())


def wechat_merchant() -> rsa.RSAPublicKey | None:
    """The merchant's key at WeChat Pay, None until it has uploaded one."""
    return _uploaded(conf.wechat_merchant_key())


def aliyun_secret() -> str:
    return keys.ensure(conf.access_key_secret_file(), lambda: secrets.token_hex(16).encode()).decode().strip()


def tencent_secret() -> str:
    return keys.ensure(conf.tencent_secret_file(), lambda: secrets.token_hex(16).encode()).decode().strip()


def sms_receipt_secret() -> str:
    """In the address for receipts: all that tells them from a stranger's words."""
    return keys.ensure(conf.sms_receipt_secret_file(), lambda: secrets.token_hex(16).encode()).decode().strip()


def kuaidi100_key() -> str:
    """The key that was issued to the subscriber."""
    return keys.ensure(conf.kuaidi100_key_file(), lambda: secrets.token_hex(16).encode()).decode().strip()


def tsa() -> rsa.RSAPrivateKey:
    return _private(keys.ensure(TSA, _make))


def tsa_certificate() -> bytes:
    """PEM; self-signed, for time-stamping only, valid 2020–2060 so that a moved clock finds it valid."""
    return keys.ensure(TSA_CERTIFICATE, _make_tsa_certificate)


def _uploaded(name: str) -> rsa.RSAPublicKey | None:
    if not keys.exists(name):
        return None
    key = serialization.load_pem_public_key(keys.read(name))
    return key if isinstance(key, rsa.RSAPublicKey) else None


@cache
def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _make() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _make_tsa_certificate() -> bytes:
    key = tsa()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Xinzu sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox time-stamping authority"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
