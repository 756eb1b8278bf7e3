"""What must always hold of visits, as SQL (reliability.md)."""

from core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "43",
        "a visit is done exactly when its report stands, and every paper of it was looked at",
        """
        SELECT v.id FROM visits_visit v LEFT JOIN visits_visitreport r ON r.visit_id = v.id
        WHERE (v.state = 'DONE') <> (r.id IS NOT NULL)
        UNION ALL
        SELECT v.id FROM visits_visit v JOIN visits_visitpaper p ON p.visit_id = v.id
        WHERE v.state = 'DONE' AND p.found = 'OPEN'
        """,
    ),
    Invariant(
        "44",
        "nobody is visited at night",
        """
        SELECT id FROM visits_visit
        WHERE (starts_at AT TIME ZONE 'Asia/Shanghai')::time NOT BETWEEN '08:00' AND '21:00'
        UNION ALL
        SELECT id FROM visits_proposedtime
        WHERE (starts_at AT TIME ZONE 'Asia/Shanghai')::time NOT BETWEEN '08:00' AND '21:00'
        """,
    ),
    Invariant(
        "45",
        "a report with a paper of somebody else is concluded as a mismatch",
        """
        SELECT r.id FROM visits_visitreport r
        WHERE (r.conclusion = 'MISMATCH') <> EXISTS (
            SELECT 1 FROM visits_visitpaper p WHERE p.visit_id = r.visit_id AND p.found = 'MISMATCH')
        """,
    ),
]
