"""One customer on one page: who, how trusted, what rented, what owed, what told. Sealed facts stay masked."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from accounts.models import Address, Consent, Customer, IdentityVerification
from accounts.rules import id_numbers, phones
from accounts.services import identity
from arrears.services import reaching
from billing.models import Payment
from billing.services import balance_history, statements
from billing.services.balance_history import Movement
from core import calendar, money, seals
from core.models import Event
from core.services import events
from credit.models import Decision, Hold, QuotaAccount
from credit.rules.quota import LIMIT
from credit.services import quota, quota_book
from desk import grounds
from notices.models import Message
from notices.services import rendering
from orders import words
from orders.models import Order

LAST = 20
REACHES = ("phone", "email")
BAR = 1000


@dataclass(frozen=True, slots=True)
class Rented:
    """An order with what its lease owes today."""

    order: Order
    tone: str
    overdue: Decimal
    next_due: date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision with its reasons in short words."""

    decision: Decision
    reasons: list[str]
    ended: str


@dataclass(frozen=True, slots=True)
class Part:
    """A hold on the quota bar, in thousandths of the limit."""

    x: int
    width: int
    end: int


@dataclass(frozen=True, slots=True)
class QuotaStep:
    """One line of the quota's book: what happened, why, and what was free after it."""

    title: str | Promise
    at: datetime
    order_number: str
    reason: str
    amount: Decimal
    limit: Decimal
    held: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class Quota:
    """The revolving quota with its open holds and its whole book, newest first."""

    account: QuotaAccount
    available: Decimal
    holds: list[Hold]
    parts: list[Part]
    steps: list[QuotaStep]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told, in its reader's language, by each channel that told it."""

    text: str
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that the page shows."""

    proof: IdentityVerification | None
    refusal: str
    consents: list[Consent]
    addresses: list[Address]
    judged: list[Judged]
    quota: Quota | None
    rented: list[Rented]
    overdue: Decimal
    credit_balance: Decimal
    movements: list[Movement]
    payments: list[Payment]
    told: list[Told]


def find(wanted: str, on: date) -> Customer | None:
    """By the number of the customer or of an order, or by a whole phone or ID number; never by a part of one."""
    wanted = wanted.replace("\0", "").strip()
    numbered = Customer.objects.filter(Q(number__iexact=wanted) | Q(orders__number__iexact=wanted)).first()
    return numbered or _by_phone(wanted) or _by_id_number(wanted, on)


def newest() -> "QuerySet[Customer]":
    return Customer.objects.select_related("user")


def proofs(customers: list[Customer]) -> dict[int, IdentityVerification]:
    """The proved identities by customer id, in one query."""
    found = IdentityVerification.objects.filter(customer__in=customers, state=IdentityVerification.State.VERIFIED)
    return {proof.customer_id: proof for proof in found}


def note_reading(customer: Customer, actor: str, at: datetime) -> None:
    """Who looked at whom stays on record."""
    events.record("customer_read", customer, at=at, actor=actor)


def reveal(customer: Customer, fact: str, reason: str, actor: str, at: datetime) -> str | None:
    """The plain phone, e-mail address, name or ID number, for a reason that stays on record; None if never given.

    What one could reach him by: what `reaching.require_free` refuses.
    """
    if fact in REACHES:
        reaching.require_free(customer, at)
    proof = proofs([customer]).get(customer.pk)
    owner = {"phone": customer.user, "email": customer.user, "name": proof, "id_number": proof}[fact]
    sealed = getattr(owner, fact, None)
    if sealed is None:
        return None
    with transaction.atomic():
        events.record("revealed", customer, at=at, actor=actor, facts={"fact": fact, "purpose": reason})
        plain: str = sealed.open(by=actor, purpose=reason, at=at)
    return plain


def dossier(customer: Customer, at: datetime) -> Dossier:
    """A constant number of queries, whatever the customer did."""
    on = calendar.business_date(at)
    proof = identity.latest(customer)
    rented, movements = _rented(customer, on), balance_history.of(customer)
    return Dossier(
        proof=proof,
        refusal=identity.explain(proof) if proof and proof.reason else "",
        consents=list(customer.consents.order_by("-id")),
        addresses=list(customer.addresses.order_by("-id")),
        judged=_judged(customer),
        quota=_quota(customer),
        rented=rented,
        overdue=money.total(row.overdue for row in rented),
        credit_balance=balance_history.left(movements),
        movements=movements[:LAST],
        payments=list(customer.payments.prefetch_related("refunds", "chargebacks").order_by("-id")[:LAST]),
        told=_told(customer),
    )


def _by_phone(wanted: str) -> Customer | None:
    try:
        index = seals.blind_index("phone", phones.normalise(wanted))
    except ValueError:
        return None
    return Customer.objects.filter(user__phone_index=index).first()


def _by_id_number(wanted: str, on: date) -> Customer | None:
    """The one whose proof stands, else the last who tried with this number."""
    try:
        index = seals.blind_index("id_number", id_numbers.parse(wanted, on).number)
    except id_numbers.NotAnIdNumber:
        return None
    tried = IdentityVerification.objects.filter(id_index=index).select_related("customer").order_by("-id")
    found = tried.filter(state=IdentityVerification.State.VERIFIED).first() or tried.first()
    return found.customer if found else None


def _rented(customer: Customer, on: date) -> list[Rented]:
    needed = ("plan__sku__device_model", "lease", "merchant")
    orders = list(customer.orders.select_related(*needed).order_by("-id"))
    standing = statements.statements([order.lease for order in orders], on)
    return [_row(order, standing[order.lease_id]) for order in orders]


def _row(order: Order, bills: list[statements.BillView]) -> Rented:
    overdue = money.total(bill.owed_now for bill in bills if bill.is_overdue)
    due = [bill.bill.due_date for bill in bills if bill.owed_now and bill.bill.due_date]
    return Rented(order, words.tone(order.state), overdue, min(due, default=None))


def _judged(customer: Customer) -> list[Judged]:
    made = customer.decisions.select_related("tier", "report", "tier_set").order_by("-id")
    ended = dict(_endings(list(made)))
    return [Judged(decision, grounds.of(decision), ended.get(decision.pk, "")) for decision in made]


def _endings(made: list[Decision]) -> list[tuple[int, str]]:
    rows = Event.objects.filter(
        kind="decision_ended", subject_type=Decision._meta.label_lower, subject_id__in=[one.pk for one in made]
    )
    return [(row.subject_id, str(grounds.ENDED.get(row.facts.get("reason", ""), ""))) for row in rows]


def _quota(customer: Customer) -> Quota | None:
    account = QuotaAccount.objects.filter(customer=customer).first()
    if account is None:
        return None
    every = list(account.holds.select_related("former").order_by("id"))
    holds = [hold for hold in every if hold.state == Hold.State.HELD]
    return Quota(account, quota.free(account), holds, _parts(account, holds), _steps(account, every))


def _steps(account: QuotaAccount, holds: list[Hold]) -> list[QuotaStep]:
    return [
        QuotaStep(
            title=quota_book.TITLES[quota_book.kind(line)],
            at=line.step.at,
            order_number=line.step.order_number,
            reason=quota_book.why(line.step.reason) if line.step.kind == LIMIT else str(words.reason(line.step.reason)),
            amount=line.step.amount,
            limit=line.after.limit,
            held=line.after.held,
            free=line.after.free,
        )
        for line in quota_book.of_account(account, holds)
    ]


def _parts(account: QuotaAccount, holds: list[Hold]) -> list[Part]:
    parts: list[Part] = []
    x = 0
    for hold in holds:
        width = int(hold.takes * BAR / account.granted)
        parts.append(Part(x, width, x + width))
        x += width
    return parts


def _told(customer: Customer) -> list[Told]:
    """The last LAST messages, those of one occasion together."""
    by_step: dict[str, list[Message]] = {}
    for message in Message.objects.filter(user=customer.user_id).order_by("-id")[:LAST]:
        by_step.setdefault(message.step, []).append(message)
    sent = list(by_step.values())
    return [Told(text, rows) for text, rows in zip(rendering.bodies(rows[0] for rows in sent), sent, strict=True)]
