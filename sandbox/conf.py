"""What the pretended providers know of their client, as their consoles would hold it."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def check_allowed() -> None:
    """ImproperlyConfigured where real people might meet it: DEBUG off and not allowed by name."""
    if not settings.DEBUG and not settings.SANDBOX_ALLOWED:
        raise ImproperlyConfigured("the sandbox runs only with DEBUG or SANDBOX_ALLOWED")


def url() -> str:
    return str(settings.SANDBOX_URL)


def app_id() -> str:
    return str(settings.ALIPAY_APP_ID)


def seller_id() -> str:
    return str(settings.ALIPAY_SELLER_ID)


def merchant_key() -> str:
    """The file with the merchant's public key, as uploaded to the console."""
    return str(getattr(settings, "SANDBOX_MERCHANT_KEY", "alipay-merchant.pub"))


def wechat_app_id() -> str:
    return str(settings.WECHAT_APP_ID)


def wechat_merchant_id() -> str:
    return str(settings.WECHAT_MERCHANT_ID)


def wechat_serial() -> str:
    """The serial number of the merchant's certificate."""
    return str(settings.WECHAT_SERIAL)


def wechat_platform_id() -> str:
    """The id of WeChat Pay's public key."""
    return str(settings.WECHAT_PLATFORM_ID)


def wechat_merchant_key() -> str:
    return str(getattr(settings, "SANDBOX_WECHAT_MERCHANT_KEY", "wechat-merchant.pub"))


def wechat_v3_key_file() -> str:
    return str(getattr(settings, "SANDBOX_WECHAT_V3_KEY", "wechat-v3-key"))


def wechat_app_secret_file() -> str:
    return str(getattr(settings, "SANDBOX_WECHAT_APP_SECRET", "wechat-app-secret"))


def form_merchant_id() -> str:
    """At the gateway that signs forms."""
    return str(getattr(settings, "SANDBOX_FORM_MERCHANT", "F100001"))


def form_secret_file() -> str:
    return str(getattr(settings, "SANDBOX_FORM_SECRET", "form-secret"))


def stripe_key_file() -> str:
    return str(getattr(settings, "SANDBOX_STRIPE_KEY", "stripe-key"))


def stripe_webhook_secret_file() -> str:
    return str(getattr(settings, "SANDBOX_STRIPE_WEBHOOK_SECRET", "stripe-webhook-secret"))


def stripe_endpoint() -> str:
    """Where the account's events go."""
    return f"{settings.SITE_URL}/api/notices/stripe/"


def stripe_version() -> str:
    return "2026-10-28.endive"


def access_key_id() -> str:
    return str(getattr(settings, "SANDBOX_ALIYUN_KEY_ID", "sandbox-key"))


def access_key_secret_file() -> str:
    return str(getattr(settings, "SANDBOX_ALIYUN_SECRET", "aliyun-secret"))


def tencent_secret_id() -> str:
    return str(getattr(settings, "SANDBOX_TENCENT_SECRET_ID", "sandbox-key"))


def tencent_secret_file() -> str:
    return str(getattr(settings, "SANDBOX_TENCENT_SECRET", "tencent-secret"))


def tencent_sms_app() -> str:
    """The id of the application at Tencent's SMS console."""
    return str(settings.TENCENT_SMS_APP)


def sms_receipts() -> str:
    """Where receipts are to be posted, less the vendor and the secret; empty: the shop asked for none."""
    return str(settings.SANDBOX_SMS_RECEIPTS)


def sms_receipt_secret_file() -> str:
    """The last part of the address that the shop gave both consoles."""
    return str(getattr(settings, "SANDBOX_SMS_RECEIPT_SECRET", "sms-receipts"))


def kuaidi100_customer() -> str:
    return str(getattr(settings, "SANDBOX_KUAIDI100_CUSTOMER", "SANDBOXCUSTOMER"))


def kuaidi100_key_file() -> str:
    return str(getattr(settings, "SANDBOX_KUAIDI100_KEY", "kuaidi100-key"))


def sms_templates() -> dict[str, str]:
    """Texts of approved templates with ${name} places, only to show messages as people would read them."""
    return dict(getattr(settings, "SANDBOX_SMS_TEMPLATES", {}))
