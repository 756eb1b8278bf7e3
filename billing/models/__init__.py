"""The money: who owes what by when, what was paid, what is held, what goes back."""

from billing.models.channels import OFFLINE, PaymentChannel
from billing.models.deposits import Deposit, DepositFreeze, DepositRelease
from billing.models.leases import Bill, Lease
from billing.models.ledger import LedgerAccount, LedgerEntry, Posting
from billing.models.payments import Allocation, Payment, PaymentItem, Refund

__all__ = [
    "OFFLINE",
    "Allocation",
    "Bill",
    "Deposit",
    "DepositFreeze",
    "DepositRelease",
    "Lease",
    "LedgerAccount",
    "LedgerEntry",
    "Payment",
    "PaymentChannel",
    "PaymentItem",
    "Posting",
    "Refund",
]
