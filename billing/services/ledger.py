"""The general ledger: each event of money once, in balance, for ever (reliability.md 17–20)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Q, QuerySet

from billing.models import LedgerAccount, LedgerEntry, Posting
from billing.rules import postings
from billing.rules.postings import Account, Kind, Line, Side
from core import money
from core.calendar import business_date
from core.fields import exact_sum


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account comes to: Σ debits and Σ credits, and on which side the difference lies."""

    account: LedgerAccount
    debits: Decimal
    credits: Decimal

    @property
    def side(self) -> Side:
        return Side.DEBIT if self.debits >= self.credits else Side.CREDIT

    @property
    def amount(self) -> Decimal:
        return abs(self.debits - self.credits)


@dataclass(frozen=True, slots=True)
class Event:
    """An event of money: `key` names it for ever, `lines` balance."""

    key: str
    what: str
    lines: Sequence[Line]


def post(key: str, what: str, lines: Sequence[Line], at: datetime) -> bool:
    """Write one event; whether it is new."""
    return bool(post_all([Event(key, what, lines)], at))


def post_all(happened: Sequence[Event], at: datetime) -> int:
    """Write each event once and say how many are new; a key that is posted already is left as it is.

    ValueError when the lines of one do not balance. Call it inside the transaction of the change that it records, after
    every other lock but stock and quota: the cached sums are the last rows that it locks, in the order of their ids.
    """
    for one in happened:
        if not postings.balance(one.lines):
            raise ValueError(f"{one.key}: debits and credits differ")
    born = _born(happened, at)
    new = [one for one in happened if one.key in born]
    if new:
        lines = [line for one in new for line in one.lines]
        known = _accounts({line.account for line in lines})
        _enter([(born[one.key], known[line.account].pk, line) for one in new for line in one.lines])
        _add_to_cached(lines, known)
    return len(new)


def posted(keys: Iterable[str]) -> set[str]:
    """Those of the keys that are posted."""
    return set(Posting.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def account(kind: Kind, *, customer: int | None = None, merchant: int | None = None, channel: str = "") -> Standing:
    """How one account stands; zero when nothing was ever posted to it."""
    wanted = LedgerAccount.objects.filter(kind=kind, customer=customer, merchant=merchant, channel=channel)
    found = wanted.first()
    if found is None:
        return Standing(LedgerAccount(kind=kind, channel=channel), money.ZERO, money.ZERO)
    if found.is_cached:
        return Standing(found, found.debits, found.credits)
    return _summed(LedgerEntry.objects.filter(account=found), found)


def trial_balance(on: date) -> list[Standing]:
    """One line per kind and channel with all entries up to and including day `on`; debits and credits are equal."""
    entries = LedgerEntry.objects.filter(posting__day__lte=on)
    sums = (
        entries.values("account__kind", "account__channel")
        .annotate(debits=exact_sum("amount", side=Side.DEBIT), credits=exact_sum("amount", side=Side.CREDIT))
        .order_by("account__kind", "account__channel")
    )
    order = list(Kind)
    lines = [
        Standing(
            LedgerAccount(kind=row["account__kind"], channel=row["account__channel"]), row["debits"], row["credits"]
        )
        for row in sums
    ]
    return sorted(lines, key=lambda line: (order.index(Kind(line.account.kind)), line.account.channel))


def _born(happened: Sequence[Event], at: datetime) -> dict[str, int]:
    """The new postings: key → id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_posting (key, what, day, posted_at)"
            " SELECT key, what, %s, %s FROM unnest(%s::text[], %s::text[]) AS new (key, what)"
            " ON CONFLICT (key) DO NOTHING RETURNING key, id",
            [business_date(at), at, [one.key for one in happened], [one.what for one in happened]],
        )
        return dict(cursor.fetchall())


def _enter(lines: Sequence[tuple[int, int, Line]]) -> None:
    """Lines of postings, each with the ids of posting and account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_ledgerentry (posting_id, account_id, side, amount)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::numeric[])",
            [
                [posting for posting, _account, _line in lines],
                [account for _posting, account, _line in lines],
                [line.side.value for _posting, _account, line in lines],
                [line.amount for _posting, _account, line in lines],
            ],
        )


def _accounts(wanted: Iterable[Account]) -> dict[Account, LedgerAccount]:
    """The rows of these accounts; those that never were used are opened."""
    known = _found(wanted)
    missing = sorted(set(wanted) - set(known), key=str)
    if missing:
        LedgerAccount.objects.bulk_create([_row(one) for one in missing], ignore_conflicts=True)
        known = _found(wanted)
    return known


def _found(wanted: Iterable[Account]) -> dict[Account, LedgerAccount]:
    """Asked for kind by kind, so that thousands of customers are one list and not thousands of conditions."""
    named, customers = Q(), defaultdict[tuple[Kind, str], list[int]](list)
    for one in set(wanted):
        if one.customer is not None:
            customers[one.kind, one.channel].append(one.customer)
        else:
            named |= Q(kind=one.kind, customer=None, merchant=one.merchant, channel=one.channel)
    for (kind, channel), owners in customers.items():
        named |= Q(kind=kind, customer__in=owners, merchant=None, channel=channel)
    rows = LedgerAccount.objects.filter(named)
    return {Account(Kind(row.kind), row.customer_id, row.merchant_id, row.channel): row for row in rows}


def _row(one: Account) -> LedgerAccount:
    return LedgerAccount(kind=one.kind, customer_id=one.customer, merchant_id=one.merchant, channel=one.channel)


def _add_to_cached(lines: Iterable[Line], known: dict[Account, LedgerAccount]) -> None:
    sums: dict[int, list[Decimal]] = {}
    for line in lines:
        if known[line.account].is_cached:
            own = sums.setdefault(known[line.account].pk, [money.ZERO, money.ZERO])
            own[line.side is Side.CREDIT] += line.amount
    if not sums:
        return
    ids = sorted(sums)
    if len(ids) > 1:
        list(LedgerAccount.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_ledgeraccount a SET debits = a.debits + new.debits, credits = a.credits + new.credits"
            " FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS new (id, debits, credits) WHERE a.id = new.id",
            [ids, [sums[pk][0] for pk in ids], [sums[pk][1] for pk in ids]],
        )


def _summed(entries: QuerySet[LedgerEntry], own: LedgerAccount) -> Standing:
    sums = entries.aggregate(debits=exact_sum("amount", side=Side.DEBIT), credits=exact_sum("amount", side=Side.CREDIT))
    return Standing(own, sums["debits"], sums["credits"])
