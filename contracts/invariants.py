"""What must always hold about agreements, as SQL (reliability.md 28)."""

from core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "28",
        "a signed agreement has its signed document, and no other has one",
        """
        SELECT a.id FROM contracts_agreement a
        LEFT JOIN contracts_document d ON d.agreement_id = a.id AND d.kind = 'SIGNED'
        WHERE (a.state = 'SIGNED') <> (d.id IS NOT NULL)
        """,
    ),
    Invariant(
        "28b",
        "the evidence chain is contiguous",
        """
        SELECT agreement_id FROM contracts_evidenceevent GROUP BY agreement_id
        HAVING count(*) <> max(sequence) OR min(sequence) <> 1
        """,
    ),
]
