"""Each package that we install is listed with its licence, and none of them binds the platform to the GPL."""

import re

from tests.architecture.sources import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
LISTED = re.compile(r"^\| ([a-z0-9._-]+) \| (.+) \|$", re.MULTILINE)
CHOSEN = "(chosen"


def pinned() -> set[str]:
    files = (ROOT / "requirements" / f"{level}.txt" for level in ("base", "demo", "dev"))
    return {name for file in files for name in PINNED.findall(file.read_text(encoding="utf-8"))}


def listed() -> dict[str, str]:
    rows = LISTED.findall((ROOT / "docs" / "licences.md").read_text(encoding="utf-8"))
    return {name: licence for name, licence in rows if name != "package"}


def binding(licences: dict[str, str]) -> list[str]:
    """Packages under the GPL or AGPL, where no other licence was offered and chosen; the LGPL may be used."""
    return [
        name for name, text in licences.items() if re.search(r"(?<!L)GPL|General Public", text) and CHOSEN not in text
    ]


def test_every_package_is_listed_and_nothing_else() -> None:
    assert set(listed()) == pinned()


def test_no_package_binds_the_platform() -> None:
    assert binding(listed()) == []


def test_a_planted_licence_is_seen() -> None:
    assert binding({"a": "GPL-3.0", "b": "AGPL-3.0", "c": "LGPL-3.0", "d": "MPL-1.1 (chosen; also GPL-2.0+)"}) == [
        "a",
        "b",
    ]


def test_requirement_files_carry_hashes_and_no_addresses() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        assert "://" not in text, file.name
        assert len(PINNED.findall(text)) <= text.count("--hash=sha256:"), file.name
