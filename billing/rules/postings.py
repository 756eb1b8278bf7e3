"""Which accounts an event of money moves (docs/domain/ledger.md). Every list of lines balances: Σ debit = Σ credit.

A bill becomes receivable when it is due, or earlier with the first money laid on it. Late fees become receivable when
money is laid on them. What the customer pays beyond his bills is his credit. A refund is payable from its intent on and
leaves the channel when the provider says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing.rules.allocation import Part
from billing.rules.settlement import Parts
from core import money


class Kind(StrEnum):
    """RECEIVABLE, CREDIT and DEPOSIT_HELD are per customer, MERCHANT_PAYABLE per merchant, CLEARING per channel."""

    RECEIVABLE = "RECEIVABLE"
    CREDIT = "CREDIT"
    DEPOSIT_HELD = "DEPOSIT_HELD"
    CLEARING = "CLEARING"
    RENT_INCOME = "RENT_INCOME"
    COVER_INCOME = "COVER_INCOME"
    FEE_INCOME = "FEE_INCOME"
    COMMISSION_INCOME = "COMMISSION_INCOME"
    MERCHANT_PAYABLE = "MERCHANT_PAYABLE"
    REFUNDS_PAYABLE = "REFUNDS_PAYABLE"
    WRITE_OFF = "WRITE_OFF"
    RECOVERY = "RECOVERY"
    DISPUTES = "DISPUTES"
    REPLANNED = "REPLANNED"


class Side(StrEnum):
    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


INCOME = {Part.RENT: Kind.RENT_INCOME, Part.COVER: Kind.COVER_INCOME, Part.FEE: Kind.FEE_INCOME}


@dataclass(frozen=True, slots=True)
class Account:
    """Which account: only the owner that its kind has is given."""

    kind: Kind
    customer: int | None = None
    merchant: int | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    account: Account
    side: Side
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Billed:
    """The parts of a bill that are receivable; `fee` only what was posted."""

    rent: Decimal
    cover: Decimal
    fee: Decimal


def debit(account: Account, amount: Decimal) -> Line:
    return Line(account, Side.DEBIT, amount)


def credit(account: Account, amount: Decimal) -> Line:
    return Line(account, Side.CREDIT, amount)


def balance(lines: Iterable[Line]) -> bool:
    """Whether debits equal credits, with at least two lines, each above zero."""
    listed = list(lines)
    debits = money.total(line.amount for line in listed if line.side is Side.DEBIT)
    credits_ = money.total(line.amount for line in listed if line.side is Side.CREDIT)
    return len(listed) >= 2 and debits == credits_ and all(line.amount > 0 for line in listed)


def billed(customer: int, bill: Billed) -> list[Line]:
    """The customer owes the parts of a bill."""
    lines = [debit(Account(Kind.RECEIVABLE, customer=customer), bill.rent + bill.cover + bill.fee)]
    parts = {Part.RENT: bill.rent, Part.COVER: bill.cover, Part.FEE: bill.fee}
    lines += [credit(Account(INCOME[part]), amount) for part, amount in parts.items()]
    return _without_zeros(lines)


def unbilled(customer: int, bill: Billed) -> list[Line]:
    """A bill that had become receivable is void: as if it had never been."""
    return [_turned(line) for line in billed(customer, bill)]


def fee_charged(customer: int, amount: Decimal) -> list[Line]:
    """A late fee is posted: money reaches it, or it is settled."""
    return [debit(Account(Kind.RECEIVABLE, customer=customer), amount), credit(Account(Kind.FEE_INCOME), amount)]


def reduced(customer: int, amount: Decimal, part: Part) -> list[Line]:
    """Something receivable is taken off a bill: it was never earned."""
    return [debit(Account(INCOME[part]), amount), credit(Account(Kind.RECEIVABLE, customer=customer), amount)]


def received(customer: int, channel: str, laid: Decimal, rest: Decimal) -> list[Line]:
    """A payment came in: `laid` lies on bills, `rest` on none."""
    lines = [debit(Account(Kind.CLEARING, channel=channel), laid + rest)]
    lines += [credit(Account(Kind.RECEIVABLE, customer=customer), laid)]
    lines += [credit(Account(Kind.CREDIT, customer=customer), rest)]
    return _without_zeros(lines)


def balance_used(customer: int, amount: Decimal) -> list[Line]:
    """Money that lay on no bill was laid on bills."""
    return [
        debit(Account(Kind.CREDIT, customer=customer), amount),
        credit(Account(Kind.RECEIVABLE, customer=customer), amount),
    ]


def written_off(customer: int, amount: Decimal) -> list[Line]:
    """What a customer owed is given up."""
    return [debit(Account(Kind.WRITE_OFF), amount), credit(Account(Kind.RECEIVABLE, customer=customer), amount)]


def recovered(customer: int, amount: Decimal) -> list[Line]:
    """Money was laid on bills that had been given up: beside `received`, which took it off the receivable."""
    return [debit(Account(Kind.RECEIVABLE, customer=customer), amount), credit(Account(Kind.RECOVERY), amount)]


def replanned(customer: int, owed: Decimal, agreed: Decimal) -> list[Line]:
    """Bills stand no more: an extension plan's parts do. `agreed`: the fee for it, earned now."""
    lines = [debit(Account(Kind.REPLANNED), owed + agreed)]
    lines += [credit(Account(Kind.RECEIVABLE, customer=customer), owed), credit(Account(Kind.FEE_INCOME), agreed)]
    return _without_zeros(lines)


def part(customer: int, amount: Decimal) -> list[Line]:
    """A part of an extension plan is owed from its start on."""
    return [debit(Account(Kind.RECEIVABLE, customer=customer), amount), credit(Account(Kind.REPLANNED), amount)]


def freed(customer: int, amount: Decimal) -> list[Line]:
    """A bill fell away, and what had been paid on it lies on no bill again."""
    return [_turned(line) for line in balance_used(customer, amount)]


def dispute_withheld(channel: str, amount: Decimal) -> list[Line]:
    """The provider keeps it until the dispute is decided."""
    return [debit(Account(Kind.DISPUTES), amount), credit(Account(Kind.CLEARING, channel=channel), amount)]


def dispute_won(channel: str, amount: Decimal) -> list[Line]:
    """And gives it back."""
    return [_turned(line) for line in dispute_withheld(channel, amount)]


def dispute_lost(customer: int, off_bills: Decimal, rest: Decimal, source: Kind, whence: Account) -> list[Line]:
    """It is gone: `off_bills` is owed again, `rest` is taken from `source`, CREDIT or DEPOSIT_HELD. `whence`: where it
    was until now, withheld or with the channel."""
    lines = [
        debit(Account(Kind.RECEIVABLE, customer=customer), off_bills),
        debit(Account(source, customer=customer), rest),
        credit(whence, off_bills + rest),
    ]
    return _without_zeros(lines)


def deposit_received(customer: int, channel: str, amount: Decimal) -> list[Line]:
    """A paid deposit came in and is held for the customer."""
    return [
        debit(Account(Kind.CLEARING, channel=channel), amount),
        credit(Account(Kind.DEPOSIT_HELD, customer=customer), amount),
    ]


def deposit_deducted(customer: int, channel: str, amount: Decimal) -> list[Line]:
    """A part of a paid deposit became a payment on `channel`, which passes it on to the bills."""
    return [
        debit(Account(Kind.DEPOSIT_HELD, customer=customer), amount),
        credit(Account(Kind.CLEARING, channel=channel), amount),
    ]


def refund_intended(customer: int, amount: Decimal, source: Kind) -> list[Line]:
    """It will be given back. `source`: RECEIVABLE (it lay on bills, void by now), CREDIT or DEPOSIT_HELD."""
    return [debit(Account(source, customer=customer), amount), credit(Account(Kind.REFUNDS_PAYABLE), amount)]


def earnings_given_back(back: Parts) -> list[Line]:
    """It will be given back although the bills that it lay on stand: what was earned on them is less."""
    parts = {Part.RENT: back.rent, Part.COVER: back.cover, Part.FEE: back.fee}
    lines = [debit(Account(INCOME[part]), amount) for part, amount in parts.items()]
    return _without_zeros([*lines, credit(Account(Kind.REFUNDS_PAYABLE), back.total)])


def refund_paid(channel: str, amount: Decimal) -> list[Line]:
    """The provider gave it back."""
    return [debit(Account(Kind.REFUNDS_PAYABLE), amount), credit(Account(Kind.CLEARING, channel=channel), amount)]


def settled(merchant: int, came_in: Parts, went_back: Parts, commission: Decimal) -> list[Line]:
    """A month's takings become the merchant's, less commission. Where more went back than came in, sides turn."""
    net = {
        Part.RENT: came_in.rent - went_back.rent,
        Part.COVER: came_in.cover - went_back.cover,
        Part.FEE: came_in.fee - went_back.fee,
    }
    lines = [_directed(Account(INCOME[part]), Side.DEBIT, amount) for part, amount in net.items()]
    lines.append(credit(Account(Kind.COMMISSION_INCOME), commission))
    of_merchant = money.total(net.values()) - commission
    lines.append(_directed(Account(Kind.MERCHANT_PAYABLE, merchant=merchant), Side.CREDIT, of_merchant))
    return _without_zeros(lines)


def paid_out(merchant: int, channel: str, amount: Decimal) -> list[Line]:
    """The platform transferred a statement's amount to the merchant."""
    payable = Account(Kind.MERCHANT_PAYABLE, merchant=merchant)
    return [debit(payable, amount), credit(Account(Kind.CLEARING, channel=channel), amount)]


def _directed(account: Account, side: Side, amount: Decimal) -> Line:
    """An amount on its side, or one below zero on the other."""
    line = Line(account, side, abs(amount))
    return line if amount >= 0 else _turned(line)


def _turned(line: Line) -> Line:
    return Line(line.account, Side.CREDIT if line.side is Side.DEBIT else Side.DEBIT, line.amount)


def _without_zeros(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.amount]
