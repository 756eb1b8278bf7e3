"""A named kill point that no test dies at proves nothing: each is used by a test with a real process."""

import ast
from collections.abc import Iterable, Iterator

import pytest

from core import faults
from tests.architecture import sources
from tests.architecture.sources import Source
from tests.machine import weather

WITHOUT_MONEY = {"backtest.piece", "rule_trial.piece"}
CHILDREN = {"child"}  # what starts a process that dies: together.child and what tests make of it


def points(files: Iterable[Source]) -> set[str]:
    """The names given to `faults.point` in the product."""
    return {
        str(call.args[0].value)
        for call in _calls(files)
        if ast.unparse(call.func) == "faults.point" and isinstance(call.args[0], ast.Constant)
    }


def died_at(files: Iterable[Source]) -> set[str]:
    """The names that tests give to a child process, themselves or by a parametrisation."""
    return {text for source in files if _starts_children(source) for text in _texts(source.tree)}


def _starts_children(source: Source) -> bool:
    return any(_last(call.func) in CHILDREN for call in _calls([source]))


def _calls(files: Iterable[Source]) -> Iterator[ast.Call]:
    return (node for source in files for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _last(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(tree: ast.AST) -> Iterator[str]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def fault_tests() -> list[Source]:
    own = "tests/faults/test_every_kill_point.py"
    return [source for source in sources.everything() if source.path.startswith("tests/") and source.path != own]


@pytest.mark.parametrize("point", sorted(points(sources.product())))
def test_a_process_is_killed_at(point: str) -> None:
    assert point in died_at(fault_tests())


def test_the_money_machine_dies_at_each_point_but_those_without_money() -> None:
    assert set(weather.DEATHS) == points(sources.product()) - WITHOUT_MONEY


def test_a_point_that_nobody_dies_at_is_seen() -> None:
    new = Source.of("billing/services/new.py", 'faults.point("new.called")\n')
    assert points([new]) == {"new.called"}
    assert "new.called" not in died_at(fault_tests())


def test_a_point_is_nothing_without_debug(settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it something, this process would be gone."""
    settings.DEBUG = False  # type: ignore[attr-defined]
    monkeypatch.setenv("FAULT", "refund.called")
    faults.point("refund.called")
