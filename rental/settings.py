"""The one settings file. Everything that differs between machines comes from the environment (see .env.example)."""

from pathlib import Path
from typing import Any

import environ
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from notices.rules import sms_texts
from rental import rest_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- where we run -----------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
DEMO_PROGRESS = "rental.demo.histories.progress"
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
KEY_DIR = Path(env.str("KEY_DIR", default=str(VAR_DIR / "keys")))
MAKE_KEYS = env.bool("MAKE_KEYS", default=DEBUG)  # in production a missing key is an error, never a new key
SECRET_KEY = env.str("SECRET_KEY", default="only-for-demo-and-tests" if DEBUG else environ.Env.NOTSET)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "testserver"] if DEBUG else [])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SANDBOX_URL = env.str("SANDBOX_URL", default="http://127.0.0.1:8001").rstrip("/")
SANDBOX_ALLOWED = env.bool("SANDBOX_ALLOWED", default=False)
SANDBOX_TRANSPORT = env.str("SANDBOX_TRANSPORT", default="")  # how the sandbox reaches us; tests go in-process
CLOCK_MOVABLE = env.bool("CLOCK_MOVABLE", default=DEMO)

# --- the house --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "rental.apps.RentalConfig",
    "storefront.apps.StorefrontConfig",
    "portal.apps.PortalConfig",
    "desk.apps.DeskConfig",
    "api.apps.ApiConfig",
    "orders.apps.OrdersConfig",
    "catalog.apps.CatalogConfig",
    "credit.apps.CreditConfig",
    "contracts.apps.ContractsConfig",
    "billing.apps.BillingConfig",
    "arrears.apps.ArrearsConfig",
    "visits.apps.VisitsConfig",
    "accounts.apps.AccountsConfig",
    "notices.apps.NoticesConfig",
    "core.apps.CoreConfig",
    "sandbox.apps.SandboxConfig",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "knox",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.keep_private",
    "accounts.middleware.sign_out_idle_staff",
    "accounts.middleware.SecondFactorFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "core.middleware.own_error_pages",
]

ROOT_URLCONF = "rental.urls"
WSGI_APPLICATION = "rental.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.site",
            ],
            "builtins": ["core.templatetags.xinzu"],
        },
    }
]

# --- data -------------------------------------------------------------------------------------------------------
_database: dict[str, Any] = env.db_url("DATABASE_URL", default="postgres://xinzu@127.0.0.1:5432/xinzu")
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_xinzu{env.str('TEST_SUFFIX', default='')}"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))  # private files: never under a URL
FILE_UPLOAD_MAX_MEMORY_SIZE = 9 * 1024 * 1024  # a picture of a paper never lies on a disk in plain (core.images)
REDIS_URL = env.str("REDIS_URL", default="")
_cache = "core.cache.ForgetfulCache" if REDIS_URL else "django.core.cache.backends.locmem.LocMemCache"
CACHES = {"default": {"BACKEND": _cache, "LOCATION": REDIS_URL, "KEY_PREFIX": "xinzu"}}

# Seconds until a process looks whether the catalogue changed; so long it remembers lists and pages. None: never.
CATALOGUE_LOOKED_AT_EVERY_S = env.float("CATALOGUE_LOOKED_AT_EVERY_S", default=1.0) if not DEBUG else None

# --- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.People"]
SECOND_FACTOR_SHOWN = env.bool("SECOND_FACTOR_SHOWN", default=DEMO and DEBUG)  # beside its field: the demo alone may
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "office/locked.html"
AXES_ENABLE_ADMIN = False  # its tables speak no Chinese; manage.py axes_reset_username unlocks
AXES_USERNAME_CALLABLE = "accounts.staff.counted_login"
AXES_USERNAME_FORM_FIELD = "username"  # of Django's form; axes takes the model's USERNAME_FIELD and then locks nobody
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
KNOX_TOKEN_MODEL, REST_KNOX = rest_settings.TOKEN_MODEL, rest_settings.KNOX
MIGRATION_MODULES = {"knox": None}  # it has one table, and ours stands in its place
REST_FRAMEWORK, SPECTACULAR_SETTINGS = rest_settings.FRAMEWORK, rest_settings.SPECTACULAR
API_RATE = env.str("API_RATE", default="120/min")  # requests of one token
LOGIN_URL = "/sign-in/"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_NAME = "xinzu_session"
CSRF_COOKIE_NAME = "xinzu_csrf"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^api/health/$"]  # asked from inside, without TLS
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
X_FRAME_OPTIONS = "DENY"
PROXIES = env.int("PROXIES", default=0)  # how many of ours stand before the web server; what they say is believed
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    MIDDLEWARE.insert(0, "core.proxies.client_address")
SEAL_KEY = env.str("SEAL_KEY", default="seal-1")  # the key file with which new values are sealed
PAYMENT_PAGES = env.list("PAYMENT_PAGES", default=[SANDBOX_URL])  # where a form of ours may lead the customer
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],  # Unfold needs unsafe-eval and inline styles, there only
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'", *PAYMENT_PAGES],
    },
}

# --- the admin --------------------------------------------------------------------------------------------------
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Xinzu"),
    "SITE_HEADER": _("Xinzu"),
    "SITE_SUBHEADER": _("Configuration"),
    "SITE_URL": reverse_lazy("desk:overview"),
    "SITE_SYMBOL": "key",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}
    ],
    "SITE_DROPDOWN": [{"icon": "desk", "title": _("To the desk"), "link": reverse_lazy("desk:overview")}],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin.js")],
    "SIDEBAR": {"show_search": True, "navigation": "rental.console.navigation"},
    "DASHBOARD_CALLBACK": "rental.console.front",
    "COLORS": {  # the one accent, pine
        "primary": {
            "50": "#eef6f3", "100": "#dcebe5", "200": "#bcd8ce", "300": "#9cc4b9", "400": "#6fb0a0", "500": "#3f9a8a",
            "600": "#0b5d55", "700": "#0a5049", "800": "#084a44", "900": "#06231f", "950": "#041a17",
        }
    },
}  # fmt: skip

# --- language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "rental" / "unfold_locale"]  # the first one's words win
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # the platform's zone, as in core.calendar: business dates are counted in it

# --- files for browsers -----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False
STATIC_MANIFEST = env.bool("STATIC_MANIFEST", default=False)  # in the image, where collectstatic has run
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- jobs -------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", default=REDIS_URL or "filesystem://")
DAY_END_RUNNERS = env.int("DAY_END_RUNNERS", default=2)  # workers that share a business day
BROKER_DIR = Path(env.str("BROKER_DIR", default=str(VAR_DIR / "broker")))

# --- the outside world ------------------------------------------------------------------------------------------
PROVIDER_TRANSPORT = env.str("PROVIDER_TRANSPORT", default="")  # dotted path to a callable; tests go in-process
ALIPAY_APP_ID = env.str("ALIPAY_APP_ID", default="2021000000000001")
ALIPAY_SELLER_ID = env.str("ALIPAY_SELLER_ID", default="2088000000000001")
_ALIPAY = {
    "gateway": env.str("ALIPAY_GATEWAY", default=f"{SANDBOX_URL}/gateway.do"),
    "app_id": ALIPAY_APP_ID,
    "private_key": env.str("ALIPAY_PRIVATE_KEY", default="alipay-merchant.pem"),  # names of files in KEY_DIR
    "alipay_key": env.str("ALIPAY_PUBLIC_KEY", default="sandbox-alipay.pub"),
    "notify_url": f"{SITE_URL}/api/notices/alipay/",
}
WECHAT_APP_ID = env.str("WECHAT_APP_ID", default="wx0000000000000001")
WECHAT_MERCHANT_ID = env.str("WECHAT_MERCHANT_ID", default="1900000001")
WECHAT_SERIAL = env.str("WECHAT_SERIAL", default="5157F09EFDC096DE15EBE81A47057A7232F1B8E1")  # of our certificate
WECHAT_PLATFORM_ID = env.str("WECHAT_PLATFORM_ID", default="PUB_KEY_ID_0119000000012026000000000000")
# whose account; without one there is no such channel
STRIPE_ACCOUNT = env.str("STRIPE_ACCOUNT", default="acct_sandbox" if DEBUG or SANDBOX_ALLOWED else "")
_ALIYUN = {"access_key_id": env.str("ALIYUN_KEY_ID", default="sandbox-key"), "secret_file": "aliyun-secret"}
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")  # and the rest of Django's own, for its SMTP backend
EMAIL_PORT = env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
SMS_PROVIDER = env.str("SMS_PROVIDER", default="aliyun")
TENCENT_SMS_APP = env.str("TENCENT_SMS_APP", default="1400000001")
_SMS: dict[str, dict[str, Any]] = {
    "aliyun": {
        "BACKEND": "integrations.sms.aliyun.AliyunSms",
        "OPTIONS": {"endpoint": env.str("ALIYUN_SMS_ENDPOINT", default=f"{SANDBOX_URL}/aliyun/dysms/"), **_ALIYUN},
    },
    "tencent": {
        "BACKEND": "integrations.sms.tencent.TencentSms",
        "OPTIONS": {
            "endpoint": env.str("TENCENT_SMS_ENDPOINT", default=f"{SANDBOX_URL}/tencent/sms/"),
            "secret_id": env.str("TENCENT_SECRET_ID", default="sandbox-key"),
            "secret_file": "tencent-secret",
            "app_id": TENCENT_SMS_APP,
        },
    },
}
SMS_TEMPLATES: dict[str, str] = env.json("SMS_TEMPLATES", default={})  # our names → the provider's template ids
SMS_RECEIPTS_KEY = "sms-receipts"  # key file: the last part of the address that the provider reports to
PROVIDERS: dict[str, dict[str, dict[str, Any]]] = {
    # the one that is chosen, under its own name too: its receipts come in there
    "sms": {"default": _SMS[SMS_PROVIDER], **(_SMS if DEBUG else {SMS_PROVIDER: _SMS[SMS_PROVIDER]})},
    "mail": {
        "default": {
            "BACKEND": "integrations.mail.backends.DjangoMail",
            "OPTIONS": {
                "backend": (_mails := env.str("MAIL_BACKEND", default="sandbox.mailbox.EmailBackend")),
                "address": SANDBOX_URL if _mails.startswith("sandbox.") else f"smtp://{EMAIL_HOST}:{EMAIL_PORT}",
                "sender": env.str("MAIL_FROM", default="Xinzu <no-reply@xinzu.example>"),
            },
        }
    },
    "identity": {
        "default": {
            "BACKEND": "integrations.identity.aliyun.AliyunIdentity",
            "OPTIONS": {
                "endpoint": env.str("ALIYUN_IDENTITY_ENDPOINT", default=f"{SANDBOX_URL}/aliyun/cloudauth/"),
                **_ALIYUN,
            },
        }
    },
    "credit": {
        "zhima": {
            "BACKEND": "integrations.credit.zhima.Zhima",
            "OPTIONS": {
                **_ALIPAY,
                "authorize": env.str("ALIPAY_AUTHORIZE", default=f"{SANDBOX_URL}/oauth2/publicAppAuthorize.htm"),
            },
        }
    },
    "payments": {
        "alipay": {
            "BACKEND": "integrations.payments.alipay.Alipay",
            "OPTIONS": {
                **_ALIPAY,
                "seller_id": ALIPAY_SELLER_ID,
                "bills": env.str("ALIPAY_BILLS", default=""),
                # as agreed with Alipay; a lease of 12 months takes 402 days, from the order to the release
                "longest_hold_days": env.int("ALIPAY_LONGEST_HOLD_DAYS", default=410),
                "credit_category": env.str("ALIPAY_CREDIT_CATEGORY", default=""),
                "credit_service_id": env.str("ALIPAY_CREDIT_SERVICE_ID", default=""),
            },
        },
        "wechat": {
            "BACKEND": "integrations.payments.wechat.WechatPay",
            "OPTIONS": {
                "url": env.str("WECHAT_URL", default=f"{SANDBOX_URL}/wechat"),
                "app_id": WECHAT_APP_ID,
                "merchant": WECHAT_MERCHANT_ID,
                "serial": WECHAT_SERIAL,
                "private_key": env.str("WECHAT_PRIVATE_KEY", default="wechat-merchant.pem"),
                "v3_key": env.str("WECHAT_V3_KEY", default="wechat-v3-key"),
                "platform_keys": {WECHAT_PLATFORM_ID: env.str("WECHAT_PUBLIC_KEY", default="sandbox-wechat.pub")},
                "notify_url": f"{SITE_URL}/api/notices/wechat/",
                # of an official account, for the browser inside WeChat; without the secret it is shown a code
                "payer_page": env.str("WECHAT_PAYER_PAGE", default=f"{SANDBOX_URL}/connect/oauth2/authorize"),
                "payer_url": env.str("WECHAT_PAYER_URL", default=f"{SANDBOX_URL}/sns/oauth2/access_token"),
                "app_secret": env.str("WECHAT_APP_SECRET", default="wechat-app-secret"),
            },
        },
    },
    "logistics": {
        "kuaidi100": {
            "BACKEND": "integrations.logistics.kuaidi100.Kuaidi100",
            "OPTIONS": {
                "url": env.str("KUAIDI100_URL", default=f"{SANDBOX_URL}/kuaidi100"),
                "customer": env.str("KUAIDI100_CUSTOMER", default="SANDBOXCUSTOMER"),
                "key_file": "kuaidi100-key",
                "salt_file": "kuaidi100-salt",
                "callback_url": f"{SITE_URL}/api/parcels/kuaidi100/",
            },
        }
    },
    "timestamps": {
        "default": {
            "BACKEND": "integrations.timestamps.TimestampAuthority",
            "OPTIONS": {"url": env.str("TSA_URL", default=f"{SANDBOX_URL}/tsa/")},
        }
    },
}
if STRIPE_ACCOUNT:
    PROVIDERS["payments"]["stripe"] = {
        "BACKEND": "integrations.payments.stripe.Stripe",
        "OPTIONS": {
            "url": env.str("STRIPE_URL", default=f"{SANDBOX_URL}/stripe"),
            "account": STRIPE_ACCOUNT,
            "api_key": env.str("STRIPE_KEY", default="stripe-key"),  # names of files in KEY_DIR
            "webhook_secret": env.str("STRIPE_WEBHOOK_SECRET", default="stripe-webhook-secret"),
            "longest_hold_days": env.int("STRIPE_LONGEST_HOLD_DAYS", default=7),
        },
    }

TSA_ROOT = env.str("TSA_ROOT", default="sandbox-tsa.crt")  # key file: the certificate that time stamps chain to

SANDBOX_SMS_TEMPLATES = sms_texts.TEXTS  # as the provider's console would hold our approved texts
SANDBOX_SMS_RECEIPTS = env.str("SANDBOX_SMS_RECEIPTS", default=f"{SITE_URL}/api/receipts/")  # empty: none are posted

# --- logs -------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "core.logs.MaskFilter"}},
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "filters": ["mask"], "formatter": "json"}},
    "loggers": {
        "django": {"handlers": [], "propagate": True},  # with DEBUG it has a console of its own, which masks nothing
        "django.server": {"handlers": [], "propagate": True},
        # they warn of what we mean, and greet
        "pyhanko": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "axes.apps": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # it tells whole addresses, and a provider may want a secret in one
    },
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", default="INFO")},
}
