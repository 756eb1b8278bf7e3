"""The project's Python files, parsed once."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (
    "rental", "storefront", "portal", "desk", "api", "orders", "catalog", "credit", "contracts", "billing", "arrears",
    "visits", "accounts", "notices", "integrations", "core", "sandbox",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root with `/`, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        return cls(path, text, ast.parse(text))


@cache
def product() -> tuple[Source, ...]:
    """The apps, without migrations."""
    files = (file for app in APPS for file in sorted((ROOT / app).rglob("*.py")) if "migrations" not in file.parts)
    return tuple(_read(file) for file in files)


@cache
def everything() -> tuple[Source, ...]:
    """The apps, the launcher, the benchmarks and the tests."""
    others = (file for folder in ("launcher", "bench", "tests") for file in sorted((ROOT / folder).rglob("*.py")))
    return (*product(), _read(ROOT / "run.py"), *(_read(file) for file in others))


def templates() -> list[Path]:
    return sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "sandbox").rglob("*.html")])


def _read(file: Path) -> Source:
    return Source.of(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
