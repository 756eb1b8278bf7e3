"""What the machine believes: the invariants, and the providers' own memory, which knows nothing of our tables.

At every step we may know less than a provider, never more. Once all is quiet both know the same of each number.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from billing.models import Chargeback, DepositFreeze, DepositRelease, Payment, ReconciliationException, Refund
from billing.rules.postings import Kind
from billing.services import ledger
from core import money
from core.models import Event
from sandbox import models as there
from sandbox.services import freezes
from tests import walks

CHANNELS = ("alipay", "wechat")
Amounts = dict[str, Decimal]


@dataclass(frozen=True)
class Seen:
    """What came in and went back at a provider: by our numbers, in its own memory."""

    received: Amounts
    returned: Amounts


def seen(channel: str) -> Seen:
    if channel == "alipay":
        trades = there.Trade.objects.filter(paid_at__isnull=False)
        refunds = there.Refund.objects.filter(fails_at=None)
        return Seen(
            dict(trades.values_list("out_trade_no", "total_amount")),
            dict(refunds.values_list("out_request_no", "amount")),
        )
    orders = there.WechatOrder.objects.filter(paid_at__isnull=False).values_list("out_trade_no", "total")
    backs = there.WechatRefund.objects.filter(state="SUCCESS").values_list("out_refund_no", "amount")
    return Seen(_yuan(orders), _yuan(backs))


def _yuan(rows: "object") -> Amounts:
    return {number: money.from_cents(fen) for number, fen in rows}  # type: ignore[attr-defined]


CLAIMS = """
WITH told AS (
    SELECT 'alipay' AS channel, 'in' AS way, out_trade_no AS number, total_amount AS amount FROM sandbox_trade
        WHERE paid_at IS NOT NULL
    UNION ALL SELECT 'alipay', 'out', out_request_no, amount FROM sandbox_refund WHERE fails_at IS NULL
    UNION ALL SELECT 'wechat', 'in', out_trade_no, total / 100.0 FROM sandbox_wechatorder WHERE paid_at IS NOT NULL
    UNION ALL SELECT 'wechat', 'out', out_refund_no, amount / 100.0 FROM sandbox_wechatrefund WHERE state = 'SUCCESS'
), posted AS (
    SELECT a.channel, CASE e.side WHEN 'DEBIT' THEN 'in' ELSE 'out' END AS way, sum(e.amount) AS amount
    FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
    WHERE a.kind = 'CLEARING' AND a.channel IN ('alipay', 'wechat') GROUP BY 1, 2
), known AS (
    SELECT channel, way, sum(amount) AS amount FROM (
        SELECT channel, way, amount FROM told
        UNION ALL SELECT 'wechat', 'out', amount / 100.0 FROM sandbox_complaint WHERE refund_id <> ''
    ) moved GROUP BY channel, way
)
SELECT 'posted more than happened', p.channel || ' ' || p.way, p.amount FROM posted p
    LEFT JOIN known k ON (k.channel, k.way) = (p.channel, p.way) WHERE p.amount > coalesce(k.amount, 0)
UNION ALL
SELECT 'a payment under a number or amount that is not ours', t.number, t.amount FROM told t
    LEFT JOIN billing_payment p ON p.number = t.number AND p.channel = t.channel AND p.amount = t.amount
    WHERE t.way = 'in' AND p.id IS NULL
UNION ALL
SELECT 'a refund that nobody intended, or of another amount', t.number, t.amount FROM told t
    LEFT JOIN billing_refund r ON r.number = t.number AND r.amount = t.amount WHERE t.way = 'out' AND r.id IS NULL
UNION ALL
SELECT 'a release that nobody intended, or of another amount', o.out_request_no, o.amount FROM sandbox_release o
    LEFT JOIN billing_depositrelease r ON r.number = o.out_request_no AND r.amount = o.amount
    WHERE r.id IS NULL AND o.remark <> 'cancel'
"""


def require_modest() -> None:
    """We never claim more than a provider says, and nothing moves there that we did not ask for."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIMS)
        assert cursor.fetchall() == []


def require_sound() -> None:
    """Every invariant, and the checks that the database would make at commit."""
    connection.check_constraints()
    assert walks.broken() == {}


def require_agreed() -> None:
    """Both sides know the same of each number, once nothing is under way."""
    for channel in CHANNELS:
        told = seen(channel)
        rows = Payment.objects.filter(channel=channel)
        posted = dict(rows.filter(state="SUCCEEDED").values_list("number", "amount"))
        aside = set(rows.filter(state="QUARANTINED").values_list("number", flat=True))
        expected = {number: amount for number, amount in told.received.items() if number not in aside}
        assert posted == expected, f"{channel}: payments"
        done = Refund.objects.filter(payment__channel=channel, state="SUCCEEDED", reference="")
        assert dict(done.values_list("number", "amount")) == told.returned, f"{channel}: refunds"
        lost = require_disputes_agreed(channel)
        stands = ledger.account(Kind.CLEARING, channel=channel)
        net = money.total(expected.values()) - money.total(told.returned.values()) - lost
        assert stands.debits - stands.credits == net, f"{channel}: clearing"
    require_holds_agreed()


def require_disputes_agreed(channel: str) -> Decimal:
    """What complaints took of each order is what we lost of it; the sum of it.

    Be it under the number of another complaint: that an order went back whole is told of each about it. What did not
    fit posts nothing.
    """
    rows = Chargeback.objects.filter(channel=channel, state="LOST")
    lost: Amounts = defaultdict(Decimal)
    for number, amount in rows.values_list("payment__number", "amount"):
        lost[number] += amount
    taken: Amounts = defaultdict(Decimal)
    odd, strange = set(), misfits()
    for made in there.Complaint.objects.select_related("order") if channel == "wechat" else ():
        number = made.order.out_trade_no
        taken[number] += money.from_cents(made.amount) if made.refund_id else 0
        odd |= {number} if made.complaint_id in strange else set()
    for number in {*lost, *taken}:
        agreed = lost[number] == taken[number] or (number in odd and lost[number] == 0)
        assert agreed, f"{channel}: {number} lost {lost[number]}, taken {taken[number]}"
    return money.total(lost.values())


def misfits() -> set[str]:
    """Complaints that did not fit what we knew when we heard of them: a person looks at each."""
    noted = Event.objects.filter(kind="dispute_mismatch").values_list("facts__dispute", flat=True)
    return {str(number) for number in noted} - set(Chargeback.objects.values_list("dispute_number", flat=True))


def require_holds_agreed() -> None:
    """What is frozen there is what we hold here."""
    held = {
        row.out_order_no: freezes.rest(row)
        for row in there.Freeze.objects.filter(status="SUCCESS")
        if freezes.rest(row)
    }
    ours = DepositFreeze.objects.filter(held__gt=0).values_list("number", "held")
    aside = set(DepositFreeze.objects.filter(state="QUARANTINED").values_list("number", flat=True))
    assert dict(ours) == {number: amount for number, amount in held.items() if number not in aside}
    released = DepositRelease.objects.filter(state="SUCCEEDED").values_list("number", "amount")
    intended = dict(released)
    assert intended.items() <= dict(there.Release.objects.values_list("out_request_no", "amount")).items()


def require_nothing_differs() -> None:
    """Statements that nobody spoilt agree with the books line by line."""
    rows = ReconciliationException.objects.filter(state="OPEN").exclude(line__refund_number__in=misfits())
    assert list(rows.values_list("kind", "file__day", "payment__number", "refund__number", "line__raw")) == []


def is_anything_under_way() -> bool:
    """A refund or a release without an outcome."""
    return (
        Refund.objects.filter(state="REQUESTED").exists() or DepositRelease.objects.filter(state="REQUESTED").exists()
    )


def require_nothing_waits(at: object) -> None:
    """No attempt past its end, no intent without an outcome, no work undone."""
    assert not Payment.objects.filter(state="OPEN", expires_at__lt=at).exists(), "an attempt past its end is open"
    assert not DepositFreeze.objects.filter(state="OPEN", expires_at__lt=at).exists(), "a freeze past its end is open"
    refunds = Refund.objects.filter(state="REQUESTED")
    waits = list(refunds.values_list("number", "payment__channel", "requested_at"))
    assert waits == [], "a refund has no outcome"
    assert not DepositRelease.objects.filter(state="REQUESTED").exists(), "a release has no outcome"
    known = {*Chargeback.objects.values_list("dispute_number", flat=True), *misfits()}
    unheard = there.Complaint.objects.exclude(complaint_id__in=known)
    assert not unheard.exists(), "a complaint of which nobody heard"
    decided = there.Complaint.objects.filter(state="PROCESSED").values("complaint_id")
    assert not Chargeback.objects.filter(state="OPEN", dispute_number__in=decided).exists(), "a decision unheard"
