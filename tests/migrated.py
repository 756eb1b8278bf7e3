"""A database in which all migrations ran, kept on the tests' server: every run copies it instead of migrating its own.

Its name carries a digest of whatever migrations are made of, so that a changed one is migrated anew. A half-made one
is no template yet and is made again. Running them takes twenty seconds of a core, a copy one.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
MADE_OF = ("*/migrations/*.py", "core/*.py", "*/rules/*.py", "requirements/dev.txt")
PREFIX = "xinzu_migrated_"
KEPT = 3  # of other states of the code, the newest


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: Any) -> None:
    """pytest-django's own hook: before the test database is made."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template(digest(sources()))


def sources() -> Iterator[Path]:
    return (path for pattern in MADE_OF for path in sorted(ROOT.glob(pattern)))


def digest(files: Iterable[Path]) -> str:
    """Of names and contents, in their order."""
    seen = hashlib.sha256()
    for path in files:
        seen.update("/".join(path.parts[-2:]).encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


def template(mark: str) -> str:
    """The name of the migrated database; the first run that wants it makes it, others wait for that."""
    name = f"{PREFIX}{mark}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [PREFIX])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [name])
        if cursor.fetchone() is None:
            _make(name)
            cursor.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
            _forget_old(cursor)
    return name


def _make(name: str) -> None:
    usual, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    wanted, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"], connection.settings_dict["NAME"] = wanted, usual


def _forget_old(cursor: Any) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datistemplate ORDER BY oid DESC OFFSET %s",
        [PREFIX, KEPT],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
        cursor.execute(f'DROP DATABASE "{name}"')
