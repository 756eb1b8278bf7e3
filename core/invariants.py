"""What must always hold, as SQL. Each app may offer `invariants.py` with a list INVARIANTS (reliability.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """`sql` selects one row per violation; `number` is the invariant's number in reliability.md."""

    number: str
    name: str
    sql: str


def all_invariants() -> list[Invariant]:
    found = [invariant for module in _modules() for invariant in module]
    return sorted(found, key=lambda i: (int("".join(filter(str.isdigit, i.number))), i.number))


def violations(invariant: Invariant) -> int:
    """How many rows break it now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({invariant.sql}) AS broken")  # noqa: S608 - our own constants
        return int(cursor.fetchone()[0])


def _modules() -> Iterator[list[Invariant]]:
    for config in apps.get_app_configs():
        name = f"{config.name}.invariants"
        if config.name != "core" and find_spec(name):
            yield getattr(import_module(name), "INVARIANTS", [])
