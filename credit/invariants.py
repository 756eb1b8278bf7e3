"""What must always hold of quotas, tiers and decisions (reliability.md)."""

from core.invariants import Invariant, by_two_persons

INVARIANTS = [
    Invariant(
        "1",
        "the holds of a customer never exceed what was granted",
        """
        SELECT account.id FROM credit_quotaaccount account
        LEFT JOIN credit_hold hold ON hold.account_id = account.id AND hold.state = 'HELD'
        LEFT JOIN credit_hold former ON former.id = hold.former_id AND former.state = 'HELD'
        GROUP BY account.id
        HAVING coalesce(sum(hold.amount - CASE WHEN former.id IS NULL THEN 0 ELSE hold.counted_back END), 0)
            > account.granted OR account.held > account.granted
        """,
    ),
    Invariant(
        "2",
        "the column held is the sum of the held rows",
        """
        SELECT account.id FROM credit_quotaaccount account
        LEFT JOIN credit_hold hold ON hold.account_id = account.id AND hold.state = 'HELD'
        LEFT JOIN credit_hold former ON former.id = hold.former_id AND former.state = 'HELD'
        GROUP BY account.id
        HAVING coalesce(sum(hold.amount - CASE WHEN former.id IS NULL THEN 0 ELSE hold.counted_back END), 0)
            <> account.held
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
        "3s",
        "a hold counts back one older hold of the same customer, no more of it than that one holds, and no chain",
        """
        SELECT hold.id FROM credit_hold hold JOIN credit_hold former ON former.id = hold.former_id
        LEFT JOIN credit_hold first ON first.id = former.former_id AND first.state = 'HELD' AND hold.state = 'HELD'
        WHERE hold.account_id <> former.account_id OR hold.counted_back > least(hold.amount, former.amount)
            OR hold.id <= former.id OR first.id IS NOT NULL
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
        WITH looked AS (
            SELECT decision.*,
                coalesce(
                    (inputs ->> 'manual')::int,
                    (inputs ->> 'score')::int,
                    CASE WHEN (inputs ->> 'admitted')::boolean THEN (inputs ->> 'bar')::int ELSE 350 END
                ) AS points,
                (inputs ->> 'blocked')::boolean OR coalesce(inputs -> 'stops', '[]') <> '[]' AS stopped,
                inputs ->> 'manual' IS NOT NULL AS chosen,
                coalesce(inputs -> 'missing', '[]') <> '[]' AS incomplete,
                tier_set.lift_after > 0 AND inputs ->> 'manual' IS NULL
                    AND coalesce((inputs ->> 'kept_leases')::int, 0) >= tier_set.lift_after
                    AND NOT coalesce((inputs ->> 'lift_revoked')::boolean, false) AS lifts
            FROM credit_decision decision JOIN credit_tierset tier_set ON tier_set.id = decision.tier_set_id
        )
        SELECT looked.id FROM looked
        LEFT JOIN LATERAL (
            SELECT tier.from_score FROM credit_waivertier tier
            WHERE tier.tier_set_id = looked.tier_set_id AND tier.from_score <= looked.points
            ORDER BY tier.from_score DESC LIMIT 1
        ) own ON true
        LEFT JOIN LATERAL (
            SELECT tier.id, tier.outcome FROM credit_waivertier tier
            WHERE tier.tier_set_id = looked.tier_set_id AND tier.from_score >= own.from_score
            ORDER BY (looked.lifts AND tier.from_score = own.from_score), tier.from_score LIMIT 1
        ) again ON NOT looked.stopped
        WHERE looked.tier_id IS DISTINCT FROM again.id OR looked.outcome <> CASE
            WHEN again.outcome = 'APPROVE' AND looked.incomplete AND NOT looked.chosen THEN 'REFER'
            WHEN again.outcome = 'REFER' AND looked.chosen THEN 'APPROVE'
            ELSE coalesce(again.outcome, 'REFUSE') END
        """,
    ),
    Invariant(
        "42b",
        "a stored own score is the sum of its scorecard's parts",
        """
        SELECT decision.id FROM credit_decision decision
        JOIN credit_scorecard card ON card.id = decision.scorecard_id
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(part.points * part.weight), 0) AS points FROM (
                SELECT DISTINCT ON (bin.factor) bin.points, CASE bin.dimension
                    WHEN 'identity' THEN card.identity_weight WHEN 'behaviour' THEN card.behaviour_weight
                    WHEN 'ability' THEN card.ability_weight WHEN 'network' THEN card.network_weight
                    ELSE card.history_weight END AS weight
                FROM credit_factorbin bin
                WHERE bin.scorecard_id = card.id
                    AND bin.from_value <= (decision.inputs -> 'factors' ->> bin.factor)::int
                ORDER BY bin.factor, bin.from_value DESC
            ) part
        ) found ON true
        WHERE (decision.inputs ->> 'score')::int IS DISTINCT FROM floor(350 + 6.0 * found.points / 100 + 0.5)::int
        """,
    ),
    by_two_persons("credit_tierset", "tier_set", "version"),
    by_two_persons("credit_scorecard", "scorecard", "version"),
]
