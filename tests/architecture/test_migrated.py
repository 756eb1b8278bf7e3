"""The migrated database that test runs copy is another one as soon as anything that migrations are made of changes."""

import shutil
from pathlib import Path

from tests import migrated


def test_a_changed_migration_is_migrated_anew(tmp_path: Path) -> None:
    found = [path for path in migrated.sources() if path.name == "0001_initial.py"]
    copies = [tmp_path / path.relative_to(migrated.ROOT) for path in found]
    for path, copy in zip(found, copies, strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    before = migrated.digest(copies)
    assert migrated.digest(copies) == before
    copies[-1].write_text(copies[-1].read_text() + "# changed\n")
    assert migrated.digest(copies) != before


def test_what_migrations_import_of_ours_is_part_of_the_mark() -> None:
    marked = {path.relative_to(migrated.ROOT).as_posix() for path in migrated.sources()}
    assert {"core/guards.py", "core/fields.py", "billing/rules/postings.py", "requirements/dev.txt"} <= marked
    lines = {line for path in migrated.ROOT.glob("*/migrations/*.py") for line in path.read_text().splitlines()}
    named = [line.split()[1] for line in lines if line.startswith(("from ", "import "))]
    ours = {name for name in named if name.split(".")[0] in _apps()}
    assert all(name.startswith("core") or ".rules" in name for name in ours), ours


def _apps() -> set[str]:
    return {path.parent.parent.name for path in migrated.ROOT.glob("*/migrations/__init__.py")} | {"core"}
