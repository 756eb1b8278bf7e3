"""What must always hold of stock and offers, as SQL (numbers: reliability.md)."""

from core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "6b",
        "stock is never oversold, and no more is on hand than there are units",
        """
        SELECT s.id FROM catalog_stocklevel s
        WHERE s.reserved > s.on_hand OR s.reserved < 0 OR s.on_hand > (
            SELECT count(*) FROM catalog_deviceunit u
            WHERE u.merchant_id = s.merchant_id AND u.sku_id = s.sku_id AND u.retired_at IS NULL
        )
        """,
    ),
    Invariant(
        "23p",
        "a published plan has its terms and prices, and no signed value above the cash price",
        """
        SELECT p.id FROM catalog_leaseplan p
        WHERE p.state = 'PUBLISHED' AND (
            p.cash_price IS NULL OR p.lowest_rent IS NULL OR p.signed_value > p.cash_price
            OR EXISTS (SELECT 1 FROM catalog_planterm t WHERE t.plan_id = p.id) <> (p.most_days IS NULL)
            OR EXISTS (SELECT 1 FROM catalog_dayprice d WHERE d.plan_id = p.id) <> (p.most_days IS NOT NULL)
            OR (p.most_days IS NOT NULL AND p.lease_model <> 'RETURN_ONLY')
            OR EXISTS (
                SELECT 1 FROM catalog_planterm t
                WHERE t.plan_id = p.id AND (t.total_to_own IS NULL) <> (p.lease_model = 'RETURN_ONLY')
            )
        )
        """,
    ),
]
