"""Choosing adapters, making keys, and the sandbox's refusal to run where people might meet it."""

import stat
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core import keys as key_files
from integrations import keypairs, registry
from integrations.credit.zhima import Zhima
from integrations.identity.aliyun import AliyunIdentity
from integrations.payments.alipay import Alipay
from integrations.sms.aliyun import AliyunSms
from integrations.timestamps import TimestampAuthority
from sandbox import keys
from sandbox.wsgi import SandboxHandler


def test_each_capability_has_the_adapter_that_settings_name() -> None:
    chosen = [registry.sms(), registry.identity(), registry.credit(), registry.payments(), registry.timestamps()]
    assert [type(adapter) for adapter in chosen] == [AliyunSms, AliyunIdentity, Zhima, Alipay, TimestampAuthority]


@pytest.mark.parametrize(("capability", "name"), [("payments", "unionpay"), ("fax", "default")])
def test_an_unknown_name_is_a_configuration_error(capability: str, name: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        registry.get(capability, name)


def test_a_package_offers_an_adapter_and_only_its_name_in_the_settings_chooses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offered = EntryPoint("somepay", "integrations.payments.alipay:Alipay", registry.PLUGINS)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **asked: EntryPoints([offered]).select(**asked))
    options = settings.PROVIDERS["payments"]["alipay"]["OPTIONS"]
    monkeypatch.setitem(settings.PROVIDERS["payments"], "some", {"BACKEND": "somepay", "OPTIONS": options})
    assert isinstance(registry.payments("some"), Alipay)
    monkeypatch.setitem(settings.PROVIDERS["payments"], "other", {"BACKEND": "otherpay"})
    with pytest.raises(ImproperlyConfigured):
        registry.payments("other")


def test_a_merchant_key_is_made_once_with_its_public_half_beside(settings: Any, tmp_path: Path) -> None:
    settings.KEY_DIR = tmp_path
    first = keypairs.merchant_key("shop.pem")
    assert keypairs.merchant_key("shop.pem").private_numbers() == first.private_numbers()
    public = serialization.load_pem_public_key((tmp_path / "shop.pub").read_bytes())
    assert public == first.public_key()
    assert stat.S_IMODE((tmp_path / "shop.pem").stat().st_mode) == 0o600


def test_no_key_is_made_in_production(settings: Any, tmp_path: Path) -> None:
    settings.KEY_DIR, settings.MAKE_KEYS = tmp_path, False
    with pytest.raises(ImproperlyConfigured):
        keypairs.merchant_key("shop.pem")
    assert list(tmp_path.iterdir()) == []


def test_the_two_sides_share_no_private_key(settings: Any, tmp_path: Path) -> None:
    settings.KEY_DIR = tmp_path
    keys.make_all()
    merchant = keypairs.merchant_key("alipay-merchant.pem")
    assert merchant.private_numbers() != keys.alipay().private_numbers()
    assert keys.merchant() == merchant.public_key()
    assert keypairs.provider_key(keys.ALIPAY_PUBLIC) == keys.alipay().public_key()
    assert key_files.exists(keys.TSA_CERTIFICATE)


@pytest.mark.parametrize(("debug", "allowed"), [(True, False), (False, True)])
def test_the_sandbox_runs_with_debug_or_when_allowed(settings: Any, debug: bool, allowed: bool) -> None:
    settings.DEBUG, settings.SANDBOX_ALLOWED = debug, allowed
    SandboxHandler()


def test_the_sandbox_refuses_to_run_where_people_might_meet_it(settings: Any) -> None:
    settings.DEBUG, settings.SANDBOX_ALLOWED = False, False
    with pytest.raises(ImproperlyConfigured):
        SandboxHandler()
