"""What must always hold of quotas, tiers and decisions (reliability.md)."""

from core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "1",
        "the holds of a customer never exceed what was granted",
        """
        SELECT account.id FROM credit_quotaaccount account
        LEFT JOIN credit_hold hold ON hold.account_id = account.id AND hold.state = 'HELD'
        GROUP BY account.id
        HAVING coalesce(sum(hold.amount), 0) > account.granted OR account.held > account.granted
        """,
    ),
    Invariant(
        "2",
        "the column held is the sum of the held rows",
        """
        SELECT account.id FROM credit_quotaaccount account
        LEFT JOIN credit_hold hold ON hold.account_id = account.id AND hold.state = 'HELD'
        GROUP BY account.id
        HAVING coalesce(sum(hold.amount), 0) <> account.held
        """,
    ),
    Invariant(
        "3",
        "one hold per order, released once",
        """
        SELECT order_number FROM credit_hold
        GROUP BY order_number
        HAVING count(*) > 1 OR bool_or((state = 'RELEASED') <> (released_at IS NOT NULL))
        """,
    ),
    Invariant(
        "5",
        "granted is the limit, or what is held above it",
        """SELECT id FROM credit_quotaaccount WHERE granted <> greatest("limit", held)""",
    ),
    Invariant(
        "5b",
        "the limit is what the last recorded change set",
        """
        SELECT account.id FROM credit_quotaaccount account
        LEFT JOIN LATERAL (
            SELECT (event.facts ->> 'limit')::numeric AS "limit" FROM core_event event
            WHERE event.subject_type = 'credit.quotaaccount' AND event.subject_id = account.id
                AND event.kind = 'quota_limit_set'
            ORDER BY event.id DESC LIMIT 1
        ) told ON true
        WHERE account."limit" <> coalesce(told."limit", 0)
        """,
    ),
    Invariant(
        "39",
        "the bands of the tier set in force begin at 350, and one set is in force",
        """
        SELECT tier_set.id FROM credit_tierset tier_set
        LEFT JOIN credit_waivertier tier ON tier.tier_set_id = tier_set.id
        WHERE tier_set.state = 'PUBLISHED'
        GROUP BY tier_set.id
        HAVING coalesce(min(tier.from_score), 0) <> 350 OR count(*) <> count(DISTINCT tier.from_score)
        UNION ALL
        SELECT max(id) FROM credit_tierset WHERE state = 'PUBLISHED' HAVING count(*) > 1
        """,
    ),
    Invariant(
        "42",
        "a stored decision replays to its tier",
        """
        SELECT decision.id FROM credit_decision decision
        LEFT JOIN LATERAL (
            SELECT tier.id, tier.outcome FROM credit_waivertier tier
            WHERE tier.tier_set_id = decision.tier_set_id AND tier.from_score <= (decision.inputs ->> 'score')::int
            ORDER BY tier.from_score DESC LIMIT 1
        ) again ON NOT (decision.inputs ->> 'blocked')::boolean
        WHERE decision.tier_id IS DISTINCT FROM again.id OR decision.outcome <> coalesce(again.outcome, 'REFUSE')
        """,
    ),
]
