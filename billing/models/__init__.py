"""The money: who owes what by when, what was paid, what is held, what goes back."""

from billing.models.autopay import AutopayAgreement, AutopayTry
from billing.models.deposits import Deposit, DepositFreeze, DepositRelease
from billing.models.leases import Bill, Lease
from billing.models.ledger import LedgerAccount, LedgerEntry, Posting
from billing.models.payments import Allocation, Payment, PaymentItem, Refund
from billing.models.reconciliation import Match, ReconciliationException, StatementFile, StatementLine

__all__ = [
    "Allocation",
    "AutopayAgreement",
    "AutopayTry",
    "Bill",
    "Deposit",
    "DepositFreeze",
    "DepositRelease",
    "Lease",
    "LedgerAccount",
    "LedgerEntry",
    "Match",
    "Payment",
    "PaymentItem",
    "Posting",
    "ReconciliationException",
    "Refund",
    "StatementFile",
    "StatementLine",
]
