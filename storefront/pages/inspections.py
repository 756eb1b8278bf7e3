"""The inspection as its customer reads it: what was found, what it costs by his own agreement, what becomes of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.services import holding, statements
from core import calendar
from orders.models import AccountLock, ClaimPhoto, DamageClaim, Inspection, Order, State
from orders.rules import damage
from orders.services import claims, settlements
from storefront.pages import bills, names

Text = str | Promise
TONES = {
    DamageClaim.State.PROPOSED: "wait", DamageClaim.State.ACCEPTED: "neutral", DamageClaim.State.DISPUTED: "wait",
    DamageClaim.State.UPHELD: "late", DamageClaim.State.REDUCED: "wait", DamageClaim.State.FALLEN: "ok",
}  # fmt: skip
WEAR: tuple[tuple[str, Text, Text], ...] = (
    ("hairlines", _("Fine scratches"), _("that a fingernail does not catch, on glass or case")),
    ("edges", _("Worn edges"), _("dull corners and small chips of colour, no dent deeper than a millimetre")),
    ("battery", _("A weaker battery"), _("as months of charging make it")),
    ("marks", _("Marks of a case"), _("or of a film, a stand, a cable")),
)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of the claim; `awarded` once it is decided."""

    name: str
    amount: Decimal
    is_covered: bool
    note: str
    awarded: Decimal | None
    angle: Text
    photos: list[int]
    packed: list[int]


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """`may_answer`: the customer's 72 hours run. `if_accepted`: what then becomes of the deposit."""

    claim: DamageClaim
    word: Text
    tone: str
    lines: list[ShownLine]
    own_photos: list[int]
    is_capped: bool
    may_answer: bool
    if_accepted: damage.Settlement | None


@dataclass(frozen=True, slots=True)
class ShownInspection:
    """What `storefront/inspection.html` prints."""

    order: Order
    name: str
    kind: str
    word: Text
    inspection: Inspection | None
    lock: AccountLock | None
    lock_stands: bool
    claim: ShownClaim | None
    kept: settlements.Kept | None
    promised_on: date | None
    owed: list[bills.Row]
    wear: tuple[tuple[str, Text, Text], ...]


def shown(order: Order, at: datetime) -> ShownInspection:
    on = calendar.business_date(at)
    claim: DamageClaim | None = getattr(order, "claim", None)
    lock: AccountLock | None = getattr(order, "account_lock", None)
    settles = order.state in (State.SETTLING, State.COMPLETED, State.WRITTEN_OFF)
    views = statements.statement(order.lease, on) if settles else []
    device = order.plan.sku.device_model
    return ShownInspection(
        order=order,
        name=names.of(device),
        kind=names.drawing(device),
        word=order.get_state_display(),
        inspection=getattr(order, "inspection", None),
        lock=lock,
        lock_stands=lock is not None and lock.stands and order.state == State.INSPECTING,
        claim=_claim(order, claim, at) if claim else None,
        kept=settlements.kept(order, on) if settles else None,
        promised_on=order.lease.deposit.promised_on,
        owed=[bills.row(view, order.number, on) for view in views if bills.is_payable(view)],
        wear=WEAR,
    )


@dataclass(frozen=True, slots=True)
class Says:
    """What the order's own page says while its inspection waits for somebody else than the merchant."""

    headline: Text
    explanation: Text
    until: datetime | None


def says(order: Order) -> Says | None:
    """None while the merchant looks at the device, and for every other state."""
    if order.state != State.INSPECTING:
        return None
    claim: DamageClaim | None = getattr(order, "claim", None)
    if claim is not None and claim.state == DamageClaim.State.PROPOSED:
        told = _("Look at the photos and the prices, then accept or dispute it. Your deposit is untouched until then.")
        return Says(_("Damage is claimed: please answer"), told, claim.answer_by)
    if claim is not None:
        told = _("We compare the photos and both sides. If we do not decide in time, nothing is charged.")
        return Says(_("We decide on your objection"), told, order.waits_until)
    lock: AccountLock | None = getattr(order, "account_lock", None)
    if lock is not None and lock.stands:
        told = _("Nobody can look at it until you remove the lock. You can do that from afar.")
        return Says(_("The device is still locked to your account"), told, lock.until)
    return None


def _claim(order: Order, claim: DamageClaim, at: datetime) -> ShownClaim:
    own = ClaimPhoto.objects.filter(claim=claim, line=None).order_by("id")
    may_answer = claim.state == DamageClaim.State.PROPOSED and at < claim.answer_by
    return ShownClaim(
        claim=claim,
        word=claim.get_state_display(),
        tone=TONES[DamageClaim.State(claim.state)],
        lines=[_line(row) for row in claims.compared(claim)],
        own_photos=list(own.values_list("pk", flat=True)),
        is_capped=claim.total > claim.amount,
        may_answer=may_answer,
        if_accepted=_if_accepted(order, claim, calendar.business_date(at)) if may_answer else None,
    )


def _line(of: claims.Compared) -> ShownLine:
    row = of.line
    is_english = (get_language() or "").startswith("en")
    name = row.name_en if is_english and row.name_en else row.name
    now, then = [photo.pk for photo in of.photos], [photo.pk for photo in of.packed]
    return ShownLine(name, row.amount, row.covered, row.note, row.awarded, row.get_angle_display(), now, then)


def _if_accepted(order: Order, claim: DamageClaim, on: date) -> damage.Settlement:
    return damage.settle(holding.held(order.lease.deposit), claim.amount, settlements.owed(order, on))
