"""The money: who owes what by when, what was paid, what is held, what goes back."""

from billing.models.autopay import AutopayAgreement, AutopayTry
from billing.models.balance import BalanceUse
from billing.models.channels import DEPOSIT, OFFLINE, WITHOUT_ADAPTER, PaymentChannel
from billing.models.chargebacks import Chargeback, Reversal
from billing.models.deposit_deductions import DepositDeduction
from billing.models.deposits import Deposit, DepositFreeze, DepositRelease
from billing.models.extensions import ExtensionItem, ExtensionLimit, ExtensionPlan
from billing.models.gaps import StatementGap
from billing.models.leases import Bill, Lease
from billing.models.ledger import LedgerAccount, LedgerEntry, Posting
from billing.models.limits import AloneLimit
from billing.models.payments import Allocation, Payment, PaymentItem, Refund
from billing.models.reconciliation import Match, ReconciliationException, StatementFile, StatementLine
from billing.models.reductions import Reduction
from billing.models.renewals import Renewal
from billing.models.settlements import CommissionTerm, MerchantStatement, SettlementLine
from billing.models.write_offs import WriteOff

__all__ = [
    "DEPOSIT",
    "OFFLINE",
    "WITHOUT_ADAPTER",
    "Allocation",
    "AloneLimit",
    "AutopayAgreement",
    "AutopayTry",
    "BalanceUse",
    "Bill",
    "Chargeback",
    "CommissionTerm",
    "Deposit",
    "DepositDeduction",
    "DepositFreeze",
    "DepositRelease",
    "ExtensionItem",
    "ExtensionLimit",
    "ExtensionPlan",
    "Lease",
    "LedgerAccount",
    "LedgerEntry",
    "Match",
    "MerchantStatement",
    "Payment",
    "PaymentChannel",
    "PaymentItem",
    "Posting",
    "ReconciliationException",
    "Reduction",
    "Refund",
    "Renewal",
    "Reversal",
    "SettlementLine",
    "StatementFile",
    "StatementGap",
    "StatementLine",
    "WriteOff",
]
