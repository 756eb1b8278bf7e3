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


def by_two_persons(table: str, kind: str, key: str, number: str = "33b", came_along: str = "false") -> Invariant:
    """Of versions (core.models.Version): each that is or was in force was put there by its approval, in that moment.

    `came_along`: the rows with which the installation began, as SQL.
    """
    return Invariant(
        number,
        f"every {kind} in force was approved by a second person",
        f"""
        SELECT row.id FROM {table} row WHERE row.state <> 'DRAFT' AND NOT ({came_along}) AND NOT EXISTS (
            SELECT 1 FROM core_approval asked WHERE asked.kind = '{kind}' AND asked.subject = '{kind}:' || row.{key}
                AND asked.state = 'USED' AND asked.used_at = row.published_at)
        """,  # noqa: S608 - our own constants
    )


SECOND_PERSON = Invariant(
    "33",
    "what needs two persons was decided by another one than asked, for exactly its payload, and is used once",
    """
    SELECT id FROM core_approval
    WHERE payload_hash <> encode(sha256(convert_to(body, 'UTF8')), 'hex') OR decided_by = requested_by
        OR (state = 'REQUESTED' AND decided_by <> '') OR (state IN ('APPROVED', 'REFUSED', 'USED') AND decided_by = '')
        OR (state = 'USED') <> (used_at IS NOT NULL)
    UNION ALL
    SELECT min(id) FROM core_approval WHERE state IN ('REQUESTED', 'APPROVED') GROUP BY kind, subject
    HAVING count(*) > 1
    UNION ALL
    SELECT a.id FROM core_approval a LEFT JOIN core_event e
        ON e.subject_type = 'core.approval' AND e.subject_id = a.id AND e.facts ->> 'hash' = a.payload_hash
    GROUP BY a.id
    HAVING count(e.id) FILTER (WHERE e.kind = 'approval_requested' AND e.actor = a.requested_by) <> 1
        OR (a.state IN ('APPROVED', 'USED')
            AND count(e.id) FILTER (WHERE e.kind = 'approval_approved' AND e.actor = a.decided_by) <> 1)
        OR (a.state = 'USED') <> (count(e.id) FILTER (WHERE e.kind = 'approval_used') = 1)
    """,
)
INVARIANTS = [SECOND_PERSON]


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
        if find_spec(name):
            yield getattr(import_module(name), "INVARIANTS", [])
