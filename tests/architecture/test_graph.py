"""docs/architecture.md draws the true graph: its arrows are exactly the imports between rooms."""

import re
from functools import cache

import grimp

from tests.architecture.sources import ROOT

ROOMS = (
    "rental", "storefront", "portal", "desk", "api", "orders", "catalog", "credit", "contracts", "billing", "arrears",
    "visits", "accounts", "notices", "integrations", "core", "sandbox",
)  # fmt: skip


@cache
def imported() -> frozenset[tuple[str, str]]:
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    pairs = set()
    for module in graph.modules:
        upper = module.split(".")[0]
        lowers = {found.split(".")[0] for found in graph.find_modules_directly_imported_by(module)}
        pairs |= {(upper, lower) for lower in lowers if lower != upper}
    return frozenset(pairs)


def drawn(page: str) -> set[tuple[str, str]]:
    """The arrows of the page's diagram: `orders --> catalog & credit` are two."""
    pairs = set()
    for upper, lowers in re.findall(r"^    (\w+) --> ([\w &]+)$", page, re.MULTILINE):
        pairs |= {(upper, lower) for lower in lowers.split(" & ")}
    return pairs


def test_the_drawn_graph_is_the_true_one() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert drawn(page) == imported(), "\n" + lines()


def test_an_arrow_too_many_would_show() -> None:
    assert drawn("    core --> orders\n") != imported()


def lines() -> str:
    """What the page should draw, ready to paste."""
    return "\n".join(
        f"    {room} --> {' & '.join(sorted(lower for upper, lower in imported() if upper == room))}"
        for room in ROOMS
        if any(upper == room for upper, _ in imported())
    )
