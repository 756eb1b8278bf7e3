"""Every relative link and picture of our pages leads to a file."""

import re
from pathlib import Path

from tests.architecture.sources import ROOT

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
NOT_OURS = {".venv", "var", "node_modules"}


def broken(page: Path, text: str) -> list[str]:
    return [link for link in LINK.findall(text) if not (page.parent / link).exists()]


def test_no_link_is_broken() -> None:
    pages = [page for page in ROOT.rglob("*.md") if not NOT_OURS & set(page.relative_to(ROOT).parts)]
    assert len(pages) > 10
    found = {str(page.relative_to(ROOT)): broken(page, page.read_text(encoding="utf-8")) for page in pages}
    assert {page: links for page, links in found.items() if links} == {}


def test_a_broken_link_is_seen() -> None:
    page = ROOT / "README.md"
    assert broken(page, "[a](docs/nothing.md) [b](LICENSE) ![c](https://example.com/x.png) [d](#start)") == [
        "docs/nothing.md"
    ]
