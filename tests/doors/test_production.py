"""What an installation without DEBUG stands on: its keys, its proxies, its health page."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from core import proxies
from rental import checks, key_files


@pytest.fixture
def bare(settings: Settings, tmp_path: Path) -> Path:
    """An installation without a single key."""
    settings.MAKE_KEYS = False
    settings.KEY_DIR = tmp_path / "keys"
    return tmp_path / "keys"


def told(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_check_names_every_missing_key(bare: Path) -> None:
    with pytest.raises(SystemCheckError) as refusal:
        call_command("check")
    assert all(name in str(refusal.value) for name in (*key_files.own(), *key_files.given()))


def test_the_check_names_every_provider_that_is_only_pretended(settings: Settings) -> None:
    settings.MAKE_KEYS = settings.SANDBOX_ALLOWED = False
    found = {error.msg for error in checks.providers_are_real(None)}
    assert len(found) >= 7
    assert any("gateway of payments.alipay" in each for each in found)
    assert any("PAYMENT_PAGES" in each for each in found)


def test_real_providers_pass_the_check(settings: Settings) -> None:
    settings.MAKE_KEYS = settings.SANDBOX_ALLOWED = False
    settings.SANDBOX_URL = "http://sandbox.invalid"
    smtp = {"backend": "django.core.mail.backends.smtp.EmailBackend"}
    mail = settings.PROVIDERS["mail"]["default"]
    settings.PROVIDERS = {**settings.PROVIDERS, "mail": {"default": {**mail, "OPTIONS": mail["OPTIONS"] | smtp}}}
    assert checks.providers_are_real(None) == []
    settings.PAYMENT_PAGES = [""]
    assert [error.id for error in checks.providers_are_real(None)] == ["rental.E002"]


def test_keys_are_made_once_and_for_their_owner_only(bare: Path) -> None:
    said = told("make_keys")
    assert all(f"{name}: made" in said for name in key_files.own())
    assert all(f"{name}: MISSING" in said for name in key_files.given())
    kept = {path.name: path.read_bytes() for path in bare.iterdir()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in bare.iterdir())
    assert "made" not in told("make_keys")
    assert {path.name: path.read_bytes() for path in bare.iterdir()} == kept


def test_with_the_sandbox_keys_the_check_is_content(bare: Path, settings: Settings) -> None:
    told("make_keys", "--sandbox")
    settings.MAKE_KEYS = False
    assert "no issues" in told("check")


@pytest.mark.parametrize(
    ("count", "header", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the left one is the customer's own claim
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),  # one hop where two are ours: not through our door
        (1, "", "10.0.0.1"),
    ],
)
def test_the_address_is_what_our_outermost_proxy_saw(settings: Settings, count: int, header: str, address: str) -> None:
    settings.PROXIES = count
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)
    seen: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    proxies.client_address(page)(request)
    assert seen == [address]


@pytest.mark.django_db
def test_only_the_health_page_answers_without_tls(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/api/health/").status_code == 200
    assert Client().get("/").status_code == 301
