"""docs/faults.md and docs/domain/clock.md name tests that exist, so that no page claims what nobody tries."""

import ast
import re

from tests.architecture import sources
from tests.architecture.sources import ROOT

NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?!fault|---)(.+)$", re.MULTILINE)


def page() -> str:
    return (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")


def clock() -> str:
    return (ROOT / "docs" / "domain" / "clock.md").read_text(encoding="utf-8")


def named(text: str) -> set[tuple[str, str]]:
    return {(f"tests/{file}", name) for file, name in NAMED.findall(text)}


def existing() -> set[tuple[str, str]]:
    return {
        (source.path, node.name)
        for source in sources.everything()
        if source.path.startswith("tests/")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef)
    }


def test_each_named_test_exists() -> None:
    assert named(page()) - existing() == set()
    assert len(named(clock())) > 20
    assert named(clock()) - existing() == set()


def test_each_line_names_a_test() -> None:
    assert [row for row in ROW.findall(page()) if not NAMED.search(row)] == []


def test_a_name_that_is_nobodys_is_seen() -> None:
    planted = "| a fault | holds | `faults/test_notices.py::test_of_nothing` |"
    assert named(planted) - existing() == {("tests/faults/test_notices.py", "test_of_nothing")}
