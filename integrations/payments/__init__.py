"""Taking, freezing and giving back money. Amounts are Decimal yuan, instants aware UTC, numbers our own.

A fact is what the provider says now, whoever asked: answer, notice and statement all end in the same shapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, Protocol

from integrations.checked import Checked


class Status(StrEnum):
    """OPEN may still change; the others are final, save that NOT_FOUND may become anything later."""

    OPEN = "OPEN"
    SUCCEEDED = "SUCCEEDED"
    CLOSED = "CLOSED"
    NOT_FOUND = "NOT_FOUND"


class RefundStatus(StrEnum):
    """PENDING: accepted, money not confirmed. NOT_FOUND: send the refund again with the same number and amount.

    FAILED: accepted first, then turned back, perhaps days later (a closed bank account); it must be paid another way.
    """

    SUCCEEDED = "SUCCEEDED"
    PENDING = "PENDING"
    FAILED = "FAILED"
    NOT_FOUND = "NOT_FOUND"


class AgreementStatus(StrEnum):
    """OPEN: the customer has not agreed yet. NOT_FOUND: never agreed to, or over for so long that nothing is told."""

    OPEN = "OPEN"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    NOT_FOUND = "NOT_FOUND"


class DisputeStatus(StrEnum):
    """OPEN may be decided later; WON and LOST are final and ours: who keeps the money."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


class Declined(StrEnum):
    """Why a deduction was refused for good."""

    BALANCE = "BALANCE"
    LIMIT = "LIMIT"
    AGREEMENT = "AGREEMENT"
    OTHER = "OTHER"


NOBODYS: Final = "CHECK0"  # the number of no payment: what `check` asks about
Device = Literal["desktop", "phone", "wechat"]  # what the customer holds; "wechat": the browser inside that app
Mode = Literal["FUND", "CREDIT"]  # CREDIT: the provider vouches (信用免押), no money is frozen


@dataclass(frozen=True, slots=True)
class PayIntent:
    """`payer_id` is the provider's own number of the payer, where an adapter needs it; `payer_ip` his address."""

    request_no: str
    amount: Decimal
    subject: str
    expires_at: datetime
    return_url: str
    device: Device = "desktop"
    payer_id: str = ""
    payer_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class FreezeIntent:
    order_no: str
    request_no: str
    amount: Decimal
    title: str
    expires_at: datetime
    return_url: str


@dataclass(frozen=True, slots=True)
class AgreementIntent:
    """Monthly deductions from `first_on` on, none above `most`."""

    number: str
    most: Decimal
    first_on: date
    return_url: str
    device: Device = "desktop"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser there."""

    url: str


@dataclass(frozen=True, slots=True)
class Code:
    """Draw `content` as a code that the customer scans with the provider's app, and wait for the notice."""

    content: str


@dataclass(frozen=True, slots=True)
class ClientCall:
    """Hand these signed parameters to the provider's own script in the browser inside its app."""

    parameters: Mapping[str, str]


Way = Redirect | Code | ClientCall


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """SUCCEEDED means that the money came in, for ever, even when it was refunded since (`refunded`, if told).

    `declined`: why a deduction is CLOSED.
    """

    request_no: str
    trade_no: str
    status: Status
    amount: Decimal | None
    currency: str
    payer: str
    paid_at: datetime | None
    merchant_id: str
    refunded: Decimal | None = None
    declined: Declined | None = None


@dataclass(frozen=True, slots=True)
class RefundFact:
    request_no: str
    refund_no: str
    status: RefundStatus
    amount: Decimal | None
    refunded_at: datetime | None


@dataclass(frozen=True, slots=True)
class FreezeFact:
    order_no: str
    request_no: str
    auth_no: str
    operation_id: str
    status: Status
    amount: Decimal | None
    mode: Mode
    payer: str
    frozen_at: datetime | None
    merchant_id: str
    rest: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReleaseFact:
    order_no: str
    request_no: str
    auth_no: str
    operation_id: str
    status: Status
    amount: Decimal | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class AgreementFact:
    """`number` is ours, `agreement_no` theirs."""

    number: str
    agreement_no: str
    status: AgreementStatus
    payer: str


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """The payer wants a payment back from the provider or his bank. `withheld`: it keeps the money meanwhile.

    `respond_by`: until then evidence is taken. `decided_at` with WON and LOST.
    """

    dispute_no: str
    request_no: str
    status: DisputeStatus
    amount: Decimal | None
    withheld: bool
    reason: str
    opened_at: datetime | None
    respond_by: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeNews:
    """Something about a dispute changed; how it stands is asked (`DisputeProvider`)."""

    dispute_no: str


@dataclass(frozen=True, slots=True)
class Notice:
    """`notice_id` is the provider's and stays the same over its retries.

    `fact` is None for kind "other" (not about money) and "unreadable" (truly theirs, but its fields make no sense: keep
    it, raise an alarm, and ask the provider instead).
    """

    notice_id: str
    kind: Literal["payment", "refund", "freeze", "release", "agreement", "dispute", "other", "unreadable"]
    fact: PaymentFact | RefundFact | FreezeFact | ReleaseFact | AgreementFact | DisputeFact | DisputeNews | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement as the provider's file of a day tells it; the amount is positive, the kind says which way it went.

    `request_no` is our number of the payment, `refund_no` that of the refund ("" for a payment), or the provider's
    number of the dispute by which it took the money back; `raw` is the row.
    """

    kind: Literal["payment", "refund"]
    trade_no: str
    request_no: str
    refund_no: str
    amount: Decimal
    at: datetime
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """The file of a day as it was downloaded, and what stands in it."""

    content: bytes
    lines: tuple[StatementLine, ...]


class PaymentProvider(Checked, Protocol):
    """Every call may raise ProviderUnavailable (nothing known, ask again with the same number) or ProviderRefused.

    All writes are idempotent by their request number; the same number always goes with the same amount.
    """

    @property
    def capabilities(self) -> frozenset[str]: ...
    @property
    def merchant_id(self) -> str:
        """Whose money it is at the provider: a fact with another one is not ours to post."""
        ...

    def pay(self, intent: PayIntent) -> Way: ...
    def query(self, request_no: str) -> PaymentFact: ...
    def close(self, request_no: str) -> PaymentFact:
        """Close an unpaid payment and say how it stands then: SUCCEEDED when the customer was quicker.

        NOT_FOUND: the provider has not seen the customer yet, so nothing was closed and the page still works until
        it expires.
        """
        ...

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact: ...
    def query_refund(self, request_no: str, refund_no: str) -> RefundFact: ...
    @property
    def signature_headers(self) -> frozenset[str]:
        """The headers, in lower case, that are kept with a notice because its signature stands in them."""
        ...

    def parse_notice(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        """A verified notice from its raw bytes as they came in at `at`; BadSignature otherwise, and nothing else."""
        ...

    def acknowledgement(self) -> bytes:
        """What to answer once the notice is stored, byte for byte."""
        ...


class StatementProvider(PaymentProvider, Protocol):
    """What an adapter whose `capabilities` name "statement" does besides."""

    def statement(self, day: date) -> Statement:
        """Every movement of a day.

        NotYet while the file is not out; BadStatement for a file that is not whole or does not add up.
        """
        ...


class HoldProvider(PaymentProvider, Protocol):
    """One that can also freeze a deposit; its `capabilities` name "freeze"."""

    @property
    def longest_hold_days(self) -> int:
        """A freeze ends by itself after so many days: a longer lease needs a paid deposit."""
        ...

    def freeze(self, intent: FreezeIntent) -> Redirect: ...
    def query_freeze(self, order_no: str, request_no: str) -> FreezeFact: ...
    def capture(self, auth_no: str, request_no: str, amount: Decimal, subject: str, final: bool) -> PaymentFact:
        """Turn a part of a freeze into a payment; `final` also releases the rest."""
        ...

    def unfreeze(self, auth_no: str, request_no: str, amount: Decimal, remark: str) -> ReleaseFact: ...
    def query_release(self, auth_no: str, request_no: str) -> ReleaseFact: ...
    def cancel_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        """Undo a freeze whose outcome is unknown or unwanted. CLOSED: nothing is held any more."""
        ...


class DeductProvider(PaymentProvider, Protocol):
    """One that can also take money by itself on an agreement; its `capabilities` name "deduct"."""

    def sign(self, intent: AgreementIntent) -> Redirect:
        """Where the customer agrees."""
        ...

    def query_agreement(self, number: str) -> AgreementFact: ...
    def unsign(self, number: str, agreement_no: str) -> AgreementFact:
        """End an agreement; one that is over already is ENDED as well."""
        ...

    def deduct(self, agreement_no: str, request_no: str, amount: Decimal, subject: str) -> PaymentFact:
        """Take `amount` once for one number. CLOSED with `declined` is final: this number will never be paid.

        OPEN: accepted and not settled, ask about it. ProviderRefused: the call was wrong, no money was asked for.
        """
        ...


class PayerProvider(PaymentProvider, Protocol):
    """One whose app has a browser that pays by a script, for which it must be known who holds it there; its
    `capabilities` name "payer"."""

    def ask_payer(self, return_url: str, state: str) -> Redirect:
        """Where the browser is told who holds it; it comes back to `return_url` with `code` and `state`."""
        ...

    def payer(self, code: str) -> str:
        """The provider's number of the payer, for `PayIntent.payer_id`. ProviderRefused: a code worth nothing."""
        ...


class DisputeProvider(PaymentProvider, Protocol):
    """One that tells of disputes; its `capabilities` name "dispute", and its statements carry what they take back."""

    def query_dispute(self, dispute_no: str) -> DisputeFact | None:
        """None: there is none that asks for money under this number."""
        ...

    def disputes(self, day: date) -> tuple[DisputeFact, ...]:
        """Every one that was begun on a day and asks for money."""
        ...
