"""Templates obey the content security policy and escape what they print. Paper and messages are not browsed."""

import re

import pytest

from tests.architecture import sources

NOT_BROWSED = ("/documents/", "/messages/", "/admin/")
FORBIDDEN = {
    "inline style": re.compile(r"<[^>{]*\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "inline handler": re.compile(r"<[^>{]*\son[a-z]+\s*="),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)"),
    "unescaped value": re.compile(r"\|\s*safe\b|\{%\s*autoescape off"),
    "address of another site": re.compile(r"<(?:script|link|img)\b[^>]*(?:src|href)=\"(?:https?:)?//"),
}


def breaches(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


def test_templates_keep_the_policy() -> None:
    pages = [page for page in sources.templates() if not any(part in page.as_posix() for part in NOT_BROWSED)]
    found = {str(page.relative_to(sources.ROOT)): breaches(page.read_text(encoding="utf-8")) for page in pages}
    assert {page: names for page, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<p style="color: red">', "inline style"),
        ("<style>p {}</style>", "style element"),
        ('<a onclick="go()">', "inline handler"),
        ("<script>go()</script>", "inline script"),
        ("{{ name|safe }}", "unescaped value"),
        ('<script src="https://cdn.example/x.js">', "address of another site"),
    ],
)
def test_a_planted_breach_is_seen(text: str, name: str) -> None:
    assert name in breaches(text)


def test_an_ordinary_page_passes() -> None:
    assert breaches('<script src="/static/js/x.js" defer></script><p class="only">{{ name }}</p>') == []
