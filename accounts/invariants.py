"""What must always hold of people (reliability.md)."""

from django.apps import apps

from core.fields import SealedField
from core.invariants import Invariant

SEALED_TEXT = "^[a-z0-9][a-z0-9-]*[.][A-Za-z0-9+/]{38,}=*$"  # key id, nonce of 12 bytes, tag of 16


def _plain_cells() -> str:
    """Every sealed column of every room: a cell that is not a sealed text, or has a text and no blind index."""
    queries = []
    for model in apps.get_models():
        table = model._meta.db_table
        for field in model._meta.get_fields():
            if isinstance(field, SealedField):
                broken = f"{field.column} !~ '{SEALED_TEXT}'"
                if field.index:
                    broken += f" OR coalesce({field.index}, '') !~ '^[0-9a-f]{{64}}$'"
                queries.append(f"SELECT id FROM {table} WHERE {field.column} <> '' AND ({broken})")  # noqa: S608
    return " UNION ALL ".join(queries)


INVARIANTS = [
    Invariant(
        "30",
        "one live account per ID number, one live verification per customer",
        """
        SELECT min(id) FROM accounts_identityverification WHERE state = 'VERIFIED'
        GROUP BY id_index HAVING count(*) > 1
        UNION ALL
        SELECT min(id) FROM accounts_identityverification WHERE state = 'VERIFIED'
        GROUP BY customer_id HAVING count(*) > 1
        UNION ALL
        SELECT id FROM accounts_identityverification WHERE (state = 'PENDING') <> (answered_at IS NULL)
        """,
    ),
    Invariant(
        "36",
        "what was kept long enough before the last retention run is gone",
        """
        WITH last AS (SELECT max(finished_at) AS at FROM core_jobrun WHERE job = 'accounts.retention')
        SELECT c.id FROM accounts_contact c, last
        WHERE c.keep_until <= last.at AND (c.erased_at IS NULL OR c.name IS NOT NULL OR c.phone IS NOT NULL)
        UNION ALL
        SELECT d.id FROM accounts_document d, last
        WHERE d.keep_until <= last.at AND (d.erased_at IS NULL OR d.sealed IS NOT NULL)
        UNION ALL
        SELECT b.id FROM accounts_browsermark b, last WHERE b.last_at <= last.at - interval '180 days'
        """,
    ),
    Invariant("34", "sealed columns hold sealed texts only", _plain_cells()),
]
