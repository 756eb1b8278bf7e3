"""The catalogue of `storefront`: 1,000 models with ten specifications each, every one of them on offer.

Made by a few INSERT ... SELECT with every constraint on; prices and rents keep to the cost cap, as publishing asks.
"""

from typing import Any

from django.db import connection, transaction

MODELS, SKUS_OF_EACH, MERCHANTS, TYPES = 1_000, 10, 40, 9
TABLES = (
    "catalog_devicetype", "catalog_devicemodel", "catalog_sku", "catalog_cashprice", "catalog_leaseplan",
    "catalog_planterm", "catalog_stocklevel", "catalog_deviceunit",
)  # fmt: skip
_FILL = f"""
INSERT INTO catalog_lendingrate (day, rate_yearly) VALUES ('2025-05-20', 0.03);
INSERT INTO accounts_merchant (name, name_en, licence_number, address, return_address, telephone)
    SELECT '商家 ' || n, 'Merchant ' || n, lpad(n::text, 18, '9'), '科苑路 ' || n || ' 号', '科苑路 ' || n || ' 号',
           '400-000-0000' FROM generate_series(1, {MERCHANTS}) n;
INSERT INTO catalog_devicetype (code, name, name_en, attributes, "order")
    SELECT code, code, code, '[]', n FROM unnest(ARRAY['phone', 'tablet', 'computer', 'camera', 'drone', 'watch',
           'console', 'earphones', 'speaker']) WITH ORDINALITY AS t(code, n);
INSERT INTO catalog_devicemodel (device_type_id, slug, brand, name, name_en, attributes)
    SELECT t.id, 'model-' || n, '品牌 ' || n % 30, '型号 ' || n, 'Model ' || n, '{{}}'
    FROM generate_series(1, {MODELS}) n JOIN catalog_devicetype t ON t."order" = n % {TYPES} + 1;
INSERT INTO catalog_sku (device_model_id, specification, specification_en, condition)
    SELECT m.id, 64 * n || ' GB', 64 * n || ' GB', (ARRAY['NEW', 'LIKE_NEW', 'GOOD'])[1 + n % 3]
    FROM catalog_devicemodel m, generate_series(1, {SKUS_OF_EACH}) n;
INSERT INTO catalog_cashprice (sku_id, amount, source, as_of, set_by_id)
    SELECT s.id, 1000 + s.id * 37 % 9000, 'bench', current_date, u.id FROM catalog_sku s, accounts_user u
    WHERE u.login = 'bench';
INSERT INTO catalog_leaseplan (merchant_id, sku_id, version, state, lease_model, signed_value, deposit_rate,
        cover_choice, cover_monthly, early_return_months, renewal_discount_rate, ships_out, ships_back, managed,
        least_days, gap_days)
    SELECT m.id, p.sku_id, 1, 'DRAFT', (ARRAY['OPTION_TO_BUY', 'RETURN_ONLY'])[1 + p.sku_id % 2], p.amount * 0.95,
        0.7, 'NONE', 0, 1, 0.1, 'MERCHANT', 'MERCHANT', false, 1, 2
    FROM catalog_cashprice p JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM accounts_merchant) m
        ON m.place = p.sku_id / {SKUS_OF_EACH} % {MERCHANTS} + 1;
INSERT INTO catalog_planterm (plan_id, months, monthly_rent, total_to_own)
    SELECT p.id, t.months, round(c.amount * t.share),
        CASE p.lease_model WHEN 'OPTION_TO_BUY' THEN round(c.amount * t.own) END
    FROM catalog_leaseplan p JOIN catalog_cashprice c USING (sku_id),
        (VALUES (6, 0.06, 1.03), (12, 0.0515, 1.05), (18, 0.045, 1.07), (24, 0.04, 1.095)) t(months, share, own);
UPDATE catalog_leaseplan p SET state = 'PUBLISHED', cash_price = c.amount, cash_price_as_of = c.as_of,
        lowest_rent = round(c.amount * 0.04), published_at = now()
    FROM catalog_cashprice c WHERE c.sku_id = p.sku_id;
INSERT INTO catalog_stocklevel (merchant_id, sku_id, on_hand, reserved)
    SELECT merchant_id, sku_id, sku_id % 5, 0 FROM catalog_leaseplan;
INSERT INTO catalog_deviceunit (merchant_id, sku_id, serial, imei, added_at)
    SELECT l.merchant_id, l.sku_id, l.sku_id || '-' || n, '', now()
    FROM catalog_stocklevel l, generate_series(1, l.on_hand) n;
"""


def fill() -> dict[str, int]:
    """Rows of each table. SystemExit in a database that somebody uses."""
    from accounts.models import User
    from core import clock

    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT count(*) FROM catalog_devicemodel")
        if cursor.fetchone()[0] != MODELS:
            cursor.execute("SELECT count(*) FROM accounts_user")
            if cursor.fetchone()[0]:
                raise SystemExit("somebody uses this database: give the benchmark one of its own")
            User.objects.create(login="bench", kind=User.Kind.OPERATOR, joined_at=clock.now())
            cursor.execute(_FILL)
            cursor.execute("ANALYZE")
        return {table: _count(cursor, table) for table in TABLES}


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")
    return int(cursor.fetchone()[0])
