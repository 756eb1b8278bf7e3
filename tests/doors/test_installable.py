"""The site as an app: a manifest with true icons, a worker that keeps the look and nothing of anybody's."""

import json
import re
import struct
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from storefront import installable, styles

HEAD = struct.Struct(">8s4x4sII")


@pytest.fixture
def client(db: None) -> Client:
    return Client()


def _size(src: str) -> str:
    """Of a PNG under /static/, as its first bytes say."""
    found = settings.BASE_DIR / "static" / src.removeprefix("/static/")
    signature, chunk, width, height = HEAD.unpack(found.read_bytes()[: HEAD.size])
    assert (signature, chunk) == (b"\x89PNG\r\n\x1a\n", b"IHDR")
    return f"{width}x{height}"


def test_the_manifest_says_all_that_an_installation_needs(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert (told["id"], told["start_url"], told["scope"], told["display"]) == ("/", "/", "/", "standalone")
    assert told["background_color"] == told["theme_color"] == installable.PAPER
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    for shortcut in told["shortcuts"]:
        assert client.get(shortcut["url"]).status_code in {200, 302}, shortcut


def test_the_icons_are_there_in_the_sizes_they_claim(client: Client) -> None:
    told = client.get("/manifest.webmanifest").json()
    icons = [*told["icons"], *(icon for shortcut in told["shortcuts"] for icon in shortcut["icons"])]
    assert [(icon["src"], icon["sizes"]) for icon in icons if _size(icon["src"]) != icon["sizes"]] == []
    assert _size("/static/img/app-touch-180.png") == "180x180"


def test_the_manifest_speaks_the_language_of_the_browser(client: Client) -> None:
    names = {
        language: client.get("/manifest.webmanifest", headers={"Accept-Language": language}).json()
        for language in ("zh-CN", "en")
    }
    assert (names["zh-CN"]["short_name"], names["en"]["short_name"]) == ("信租", "Xinzu")
    assert names["zh-CN"]["lang"] == "zh-hans"


def test_every_page_names_the_manifest_the_touch_icon_and_both_theme_colours(client: Client) -> None:
    page = client.get("/devices/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials">' in page
    assert 'rel="apple-touch-icon"' in page
    tokens = (styles.FOLDER / "tokens.css").read_text("utf-8")
    paper = re.search(r"--paper: light-dark\((#\w+), (#\w+)\)", tokens)
    assert paper is not None
    assert re.findall(r'name="theme-color" content="(#\w+)"', page) == list(paper.groups())
    assert paper.group(1) == installable.PAPER


def test_the_worker_serves_the_whole_site_and_is_never_old(client: Client) -> None:
    answer = client.get("/service-worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_the_worker_keeps_only_files_that_are_the_same_for_everybody(client: Client) -> None:
    kept = _kept(client)
    assert kept == installable.kept()
    assert all(address.startswith(("/assets/", "/static/")) for address in kept)
    page = client.get("/devices/").content.decode()
    assert [address for address in kept if address not in page and not address.endswith(".png")] == []


def test_another_style_sheet_makes_another_worker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.get("/service-worker.js").content
    monkeypatch.setattr(styles, "text", lambda: "body {}")
    assert client.get("/service-worker.js").content != before


def test_the_offline_page_is_nobodys_and_speaks_both_languages(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        page = client.get("/offline/")
    text = page.content.decode()
    assert "没有网络" in text
    assert "No network" in text
    assert "csrf" not in text
    assert "¥" not in text


def test_the_error_page_asks_for_nothing_and_speaks_both_languages() -> None:
    text = (settings.BASE_DIR / "templates" / "500.html").read_text("utf-8")
    assert not re.search(r"\{[{%#]", text)
    assert "出错了" in text
    assert "Something went wrong" in text
    assert not re.search(r"<style|\sstyle=|<script|https?:", text)


def _kept(client: Client) -> list[str]:
    found = re.search(r"^const KEPT = (\[.*\]);$", client.get("/service-worker.js").content.decode(), re.MULTILINE)
    assert found is not None
    kept: list[str] = json.loads(found.group(1))
    return kept
