"""The money: who owes what by when, what was paid, what is held, what goes back."""

from billing.models.deposits import Deposit, DepositFreeze, DepositRelease
from billing.models.leases import Bill, Lease
from billing.models.ledger import LedgerAccount, LedgerEntry, Posting
from billing.models.payments import Allocation, Payment, PaymentItem, Refund
from billing.models.settlements import CommissionTerm, MerchantStatement, SettlementLine

__all__ = [
    "Allocation",
    "Bill",
    "CommissionTerm",
    "Deposit",
    "DepositFreeze",
    "DepositRelease",
    "Lease",
    "LedgerAccount",
    "LedgerEntry",
    "MerchantStatement",
    "Payment",
    "PaymentItem",
    "Posting",
    "Refund",
    "SettlementLine",
]
