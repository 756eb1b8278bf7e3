"""Which key files an installation needs: those we make ourselves, and those that others give us."""

from collections.abc import Callable

from django.conf import settings

from contracts.paper import pki
from core import keys, seals
from integrations import keypairs


def own() -> dict[str, Callable[[], object]]:
    """What is ours to make: file → what makes it where MAKE_KEYS allows."""
    merchant = _alipay("private_key")
    return {
        settings.SEAL_KEY: seals.seal_key,
        seals.INDEX_KEY: seals.index_key,
        pki.CA_KEY: pki.authority,
        pki.CA_CERT: pki.authority,
        pki.PLATFORM_KEY: pki.platform_key,
        merchant: lambda: keypairs.merchant_key(merchant),
        settings.SMS_RECEIPTS_KEY: lambda: keypairs.shared_secret(settings.SMS_RECEIPTS_KEY),
    }


def given() -> dict[str, str]:
    """What others give us: file → what it is."""
    aliyun = settings.PROVIDERS["identity"]["default"]["OPTIONS"]["secret_file"]
    sms = settings.PROVIDERS["sms"]["default"]["OPTIONS"]["secret_file"]
    secret = settings.PROVIDERS["payments"]["wechat"]["OPTIONS"]["app_secret"]
    return (
        ({secret: "the secret of the official account at WeChat"} if secret else {})
        | _stripe()
        | {
            _alipay("alipay_key"): "Alipay's public key, from its console",
            sms: "the secret of the SMS provider's access key",
            aliyun: "the secret of the Aliyun access key",
            settings.TSA_ROOT: "the certificate of the time-stamping authority",
        }
    )


def missing() -> list[str]:
    return [name for name in (*own(), *given()) if not keys.exists(name)]


def _stripe() -> dict[str, str]:
    """Only of an installation that has an account there."""
    if "stripe" not in settings.PROVIDERS["payments"]:
        return {}
    options = settings.PROVIDERS["payments"]["stripe"]["OPTIONS"]
    return {
        options["api_key"]: "the secret key of the Stripe account",
        options["webhook_secret"]: "the signing secret of its endpoint for events",
    }


def _alipay(option: str) -> str:
    return str(settings.PROVIDERS["payments"]["alipay"]["OPTIONS"][option])
