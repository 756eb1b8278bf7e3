"""docs/faults.md and docs/domain/clock.md name tests that exist, so that no page claims what nobody tries.

A test of the clock's page also reaches what ends its wait.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests import worked
from tests.architecture import sources
from tests.architecture.sources import ROOT, Source

NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?!fault|---)(.+)$", re.MULTILINE)
WAITS = worked.table("clock", "Each wait, and the test that tries its end")


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


@pytest.mark.parametrize("row", WAITS, ids=lambda row: row["wait"])
def test_the_test_of_a_wait_reaches_what_ends_it(row: dict[str, str]) -> None:
    by, [(file, name)] = row["by"].strip("`"), NAMED.findall(row["test"])
    assert is_known(by)
    assert reaches(f"tests/{file}", name, by)


def test_a_test_that_reaches_nothing_is_seen() -> None:
    file = "tests/services/test_buyouts.py"
    assert reaches(file, "test_unpaid_at_midnight_it_lapses_and_nothing_has_changed", "waits.end_due")
    assert not reaches(file, "test_unpaid_at_midnight_it_lapses_and_nothing_has_changed", "day-rents")
    assert not reaches(file, "test_the_offer_is_paid_like_a_bill_and_title_passes_with_it", "waits.end_due")
    assert not is_known("waits.end_dew")
    assert not is_known("end-dew")


def is_known(by: str) -> bool:
    """A verb of a service of orders, arrears or visits, a job of the orders' day-end, or a queue of the desk."""
    noun, _dot, verb = by.partition(".")
    if verb:
        places = {f"{room}/services/{noun}.py" for room in ("orders", "arrears", "visits")}
        return any(verb in _named_in(source) for source in sources.product() if source.path in places)
    return f'Job("{by}"' in _read("orders/jobs.py").text or f'"{by}",' in _read("desk/queues.py").text


def reaches(path: str, name: str, by: str) -> bool:
    """Whether a test calls it, itself or through what its own module names: a verb as it is read, a job by `run`, all
    of them or the one of that name, a queue by asking for it."""
    parts = list(_reached(_read(path), name))
    calls = {ast.unparse(node.func) for node in parts if isinstance(node, ast.Call)}
    words = {node.value for node in parts if isinstance(node, ast.Constant)}
    if "." in by or "job.run" in calls:
        return by in calls or "." not in by
    return by in words and any(call.endswith(".run") or call == "reverse" for call in calls)


def _reached(source: Source, name: str) -> Iterator[ast.AST]:
    """All that stands in the functions and constants of a module that `name` leads to."""
    own, seen, ahead = _named_in(source), set[str](), [name]
    while ahead:
        if (one := ahead.pop()) in seen or one not in own:
            continue
        seen.add(one)
        for node in ast.walk(own[one]):
            yield node
            if isinstance(node, ast.Name):
                ahead.append(node.id)


def _named_in(source: Source) -> dict[str, ast.AST]:
    named: dict[str, ast.AST] = {}
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef):
            named[node.name] = node
        elif isinstance(node, ast.Assign):
            named |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    return named


def _read(path: str) -> Source:
    return next(source for source in sources.everything() if source.path == path)
