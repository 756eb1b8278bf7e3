"""run.py works before anything is installed; the configured layers name every app."""

import sys
import tomllib

from tests.architecture import bans, sources
from tests.architecture.sources import APPS, ROOT, Source


def foreign_imports(source: Source) -> list[str]:
    roots = ((name.split(".")[0], line) for name, line in bans.imported(source))
    return [f"{name}:{line}" for name, line in roots if name not in {*sys.stdlib_module_names, "launcher"}]


def test_the_launcher_needs_the_standard_library_only() -> None:
    launcher = [source for source in sources.everything() if source.path.startswith(("launcher/", "run.py"))]
    assert len(launcher) > 5
    assert [name for source in launcher for name in foreign_imports(source)] == []


def test_a_planted_foreign_import_is_seen() -> None:
    assert foreign_imports(Source.of("launcher/x.py", "import os\nimport httpx")) == ["httpx:2"]


def test_every_app_has_its_place_in_the_layers() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    here = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert here <= {*linter["root_packages"], "integrations"}
    layered = {name.strip() for layer in linter["contracts"][0]["layers"] for name in layer.split("|")}
    assert here - {"sandbox"} <= layered
    assert here <= set(APPS)
