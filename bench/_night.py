"""The limits of `day-end`: the same rows by set-based SQL, and by a loop that saves object by object."""

from datetime import date, datetime
from typing import Any

SQL = """
CREATE TEMP TABLE due ON COMMIT DROP AS
    SELECT b.id, l.customer_id, b.rent, b.cover FROM billing_bill b JOIN billing_lease l ON l.id = b.lease_id
    WHERE b.due_date = %(on)s AND b.state = 'OPEN' AND l.state = 'LIVE';
ANALYZE due;
INSERT INTO billing_posting (key, what, day, posted_at)
    SELECT 'bill:' || id, 'bill due', %(on)s, %(at)s FROM due ON CONFLICT DO NOTHING;
INSERT INTO billing_ledgeraccount (kind, channel, debits, credits)
    SELECT kind, '', 0, 0 FROM unnest(ARRAY['RENT_INCOME', 'COVER_INCOME']) kind ON CONFLICT DO NOTHING;
INSERT INTO billing_ledgerentry (posting_id, account_id, side, amount)
    SELECT p.id, a.id, 'DEBIT', d.rent + d.cover
    FROM due d JOIN billing_posting p ON p.key = 'bill:' || d.id
        JOIN billing_ledgeraccount a ON a.kind = 'RECEIVABLE' AND a.customer_id = d.customer_id
    UNION ALL
    SELECT p.id, a.id, 'CREDIT', CASE a.kind WHEN 'RENT_INCOME' THEN d.rent ELSE d.cover END
    FROM due d JOIN billing_posting p ON p.key = 'bill:' || d.id
        JOIN billing_ledgeraccount a ON a.kind IN ('RENT_INCOME', 'COVER_INCOME');
UPDATE billing_ledgeraccount a SET debits = debits + d.sum
    FROM (SELECT customer_id, sum(rent + cover) FROM due GROUP BY customer_id) d
    WHERE a.kind = 'RECEIVABLE' AND a.customer_id = d.customer_id;

WITH born AS (
    INSERT INTO arrears_collectioncase (number, lease_id, customer_id, state, opened_on, outcome)
        SELECT 'AC' || nextval('core_number'), l.id, l.customer_id, 'OPEN', %(on)s, '' FROM billing_lease l
        WHERE l.state = 'LIVE' AND EXISTS (
            SELECT FROM billing_bill b WHERE b.lease_id = l.id AND b.state = 'OPEN'
                AND b.paid < b.rent + b.cover - b.reduced AND b.due_date + (l.terms ->> 'grace_days')::int < %(on)s)
        ON CONFLICT DO NOTHING RETURNING id)
INSERT INTO arrears_casenote (case_id, kind, text, by, at) SELECT id, 'OPENED', '', 'platform', %(at)s FROM born;

CREATE TEMP TABLE told ON COMMIT DROP AS
    SELECT b.id, b.number, b.due_date, b.rent + b.cover - b.reduced - b.paid AS amount, l.number AS lease,
        u.id AS reader, u.phone, u.language,
        'bill:' || b.id || ':T' || to_char(%(on)s::date - b.due_date, 'SG9') AS step
    FROM billing_bill b JOIN billing_lease l ON l.id = b.lease_id JOIN accounts_customer c ON c.id = l.customer_id
        JOIN accounts_user u ON u.id = c.user_id
    WHERE b.state = 'OPEN' AND l.state = 'LIVE' AND b.paid < b.rent + b.cover - b.reduced
        AND b.due_date = ANY (SELECT %(on)s::date - day FROM unnest(%(days)s) day);
ANALYZE told;
INSERT INTO core_event (kind, subject_type, subject_id, source, target, actor, at, facts)
    SELECT 'unsealed', 'accounts.user', reader, '', '', 'platform', %(at)s,
        jsonb_build_object('column', 'phone', 'purpose', 'SMS') FROM told;
INSERT INTO notices_message (user_id, channel, seal_row, phone, template, params, language, link, step, urgent,
        not_before, state, sent_at, provider_number, created_at)
    SELECT reader, channel, gen_random_uuid(), CASE channel WHEN 'SMS' THEN phone END, 'bill_due', jsonb_build_object(
            'lease', lease, 'number', number::text, 'amount', amount::text, 'due', due_date,
            'last_free_day', due_date + 3),
        language, '/leases/' || lease || '/bills/' || number || '/', step, false, %(at)s,
        CASE channel WHEN 'SMS' THEN 'QUEUED' ELSE 'SENT' END, CASE channel WHEN 'IN_APP' THEN %(at)s END, '', %(at)s
    FROM told, unnest(ARRAY['IN_APP', 'SMS']) channel ON CONFLICT DO NOTHING;
INSERT INTO core_outboxmessage (topic, payload, attempts, error)
    SELECT 'message.queued', jsonb_build_object('message_id', m.id), 0, ''
    FROM notices_message m JOIN told t ON m.channel = 'SMS' AND m.step = t.step;
"""


def by_sql(on: date, at: datetime, days: list[int]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SQL, {"on": on, "at": at, "days": days})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def by_objects(on: date, at: datetime, days: list[int], most: int) -> int:
    """What a day would be in a loop, for at most so many bills to charge and so many to remind of; how many were."""
    from billing.models import Bill

    charged = Bill.objects.filter(due_date=on, state="OPEN", lease__state="LIVE").order_by("pk")[:most]
    reminded = Bill.objects.filter(due_date=on, state="OPEN", lease__state="LIVE").order_by("-pk")[:most]
    for bill in charged:
        _charge(bill, on, at)
    for bill in reminded:
        _remind(bill, at)
    return len(charged) + len(reminded)


def _charge(bill: Any, on: date, at: datetime) -> None:
    from django.db import transaction

    from billing.models import LedgerAccount, LedgerEntry, Posting

    with transaction.atomic():
        posting = Posting.objects.create(key=f"bill:{bill.pk}", what="bill due", day=on, posted_at=at)
        sides = [("RECEIVABLE", bill.lease.customer, "DEBIT", bill.rent + bill.cover),
                 ("RENT_INCOME", None, "CREDIT", bill.rent), ("COVER_INCOME", None, "CREDIT", bill.cover)]  # fmt: skip
        for kind, owner, side, amount in sides:
            account, _new = LedgerAccount.objects.get_or_create(kind=kind, customer=owner, channel="", merchant=None)
            LedgerEntry.objects.create(posting=posting, account=account, side=side, amount=amount)
            if owner:
                account.debits += amount
                account.save()


def _remind(bill: Any, at: datetime) -> None:
    from django.db import transaction

    from core.services import outbox
    from notices.models import Message

    user = bill.lease.customer.user
    with transaction.atomic():
        for channel in ("IN_APP", "SMS"):
            row = Message(
                user=user, channel=channel, template="bill_due", params={"amount": str(bill.rent)}, step=f"o:{bill.pk}",
                created_at=at, not_before=at,
                state="QUEUED" if channel == "SMS" else "SENT", sent_at=None if channel == "SMS" else at,
            )  # fmt: skip
            if channel == "SMS":
                row.phone = user.phone.open(by="bench", purpose="SMS", at=at)
            row.save()
            if channel == "SMS":
                outbox.put("message.queued", message_id=row.pk)
