"""Reading the ledger: the entries of a kind of account, the accounts of one customer or merchant."""

from datetime import date

from django.db.models import QuerySet

from accounts.models import Customer, Merchant
from billing.models import LedgerAccount, LedgerEntry, Posting
from billing.rules.postings import Kind
from billing.services.ledger import Standing


def entries(kind: Kind, channel: str, on: date) -> "QuerySet[LedgerEntry]":
    """Up to and including day `on`."""
    return _entries().filter(account__kind=kind, account__channel=channel, posting__day__lte=on)


def entries_of(standings: list[Standing]) -> "QuerySet[LedgerEntry]":
    return _entries().filter(account__in=[one.account for one in standings])


def entries_in(posting: Posting) -> "QuerySet[LedgerEntry]":
    return _entries().filter(posting=posting).order_by("pk")


def of_customer(customer: Customer) -> list[Standing]:
    return _standings(LedgerAccount.objects.filter(customer=customer))


def of_merchant(merchant: Merchant) -> list[Standing]:
    return _standings(LedgerAccount.objects.filter(merchant=merchant))


def _standings(accounts: "QuerySet[LedgerAccount]") -> list[Standing]:
    """Customers' and merchants' accounts keep their sums."""
    order = list(Kind)
    found = sorted(accounts, key=lambda account: order.index(Kind(account.kind)))
    return [Standing(account, account.debits, account.credits) for account in found]


def _entries() -> "QuerySet[LedgerEntry]":
    return LedgerEntry.objects.select_related("posting", "account__customer", "account__merchant")
