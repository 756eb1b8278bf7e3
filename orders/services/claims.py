"""Damage: claimed from the signed list, answered by the customer in 72 hours, decided by the platform in five working
days or fallen (domain.md §5, §8). The deposit is untouched until then; no claim waits for a person for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Bill
from billing.rules.terms import DamagePrice, LeaseTerms
from billing.services import extras, holding
from core import calendar, money
from core.errors import DomainError
from core.services import events, workdays
from core.services.events import PLATFORM
from orders.models import AccountLock, ClaimLine, ClaimPhoto, DamageClaim, DevicePhoto, Inspection, Order, State
from orders.rules import damage
from orders.services import claim_photos, defects, deposit_deductions, inspections, photos, settlements, steps

ANSWER_WITHIN = timedelta(hours=72)
SECOND_NOTICE_AHEAD = timedelta(hours=24)
DECIDED_WITHIN_WORKING_DAYS = 5
PAID_WITHIN = timedelta(days=7)
MOST_PHOTOS = 4
Claim = DamageClaim.State


class NotListed(DomainError):
    code = "damage_not_listed"
    message = _("Only lines of the damage list that was signed can be claimed, each once.")


class NeverReceived(DomainError):
    code = "never_received"
    message = _("This device was never accepted: its lease did not begin, and nothing can be claimed.")


class NothingCharged(DomainError):
    code = "nothing_charged"
    message = _("None of this is charged: the accident cover bears it. Record the device as in order.")


class PhotoNeeded(DomainError):
    code = "photo_needed"
    message = _("Each line needs a photo and a note of what is to be seen.")


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    message = _("At most %(most)s photos.")


class ClaimOver(DomainError):
    code = "claim_over"
    message = _("This claim is no longer open for this.")


class GroundsNeeded(DomainError):
    code = "claim_grounds_needed"
    message = _("Please say why.")


class AwardTooLarge(DomainError):
    code = "award_too_large"
    message = _("Of no line more than was claimed.")


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the list that was found: what was seen, and its picture from one of the angles of packing."""

    code: str
    note: str
    photo: bytes
    angle: str = DevicePhoto.Angle.DETAIL


@dataclass(frozen=True, slots=True)
class Compared:
    """A line with its pictures, and those that were packed from the same angle."""

    line: ClaimLine
    photos: list[ClaimPhoto]
    packed: list[DevicePhoto]


def listed(order: Order) -> tuple[DamagePrice, ...]:
    """The damage list that signing fixed."""
    return LeaseTerms.from_json(order.lease.terms).damage


def worth(order: Order, at: datetime) -> Decimal:
    """What all damage together may cost on the day of `at`: the depreciated value."""
    terms = LeaseTerms.from_json(order.lease.terms)
    assert order.lease.start is not None  # the device was received
    return damage.depreciated(terms.signed_value, order.lease.start, calendar.business_date(at))


def compared(claim: DamageClaim) -> list[Compared]:
    """Line by line, then and now from the same angle; three queries, and no file is opened."""
    now = list(ClaimPhoto.objects.defer("sealed").filter(claim=claim).order_by("id"))
    then = list(photos.of(claim.order).filter(moment=DevicePhoto.Moment.PACKED))
    return [
        Compared(
            line,
            [photo for photo in now if photo.line_id == line.pk],
            [photo for photo in then if photo.angle == line.angle],
        )
        for line in claim.lines.order_by("id")
    ]


def propose(
    order_id: int, inspector: User, found: inspections.Findings, lines: Sequence[Found], at: datetime
) -> DamageClaim:
    """The merchant's claim; the customer is told at once. NeverReceived, NotListed, PhotoNeeded, NothingCharged,
    LockFirst, ClaimOpen.

    Locks the order. The device stays with the merchant, INSPECTING, until the claim is over.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "assess")
        inspections.require_unclaimed(order)
        if not defects.was_accepted(order):
            raise NeverReceived
        if not found.wiped and not AccountLock.objects.filter(order=order).exists():
            raise inspections.LockFirst
        actor = f"merchant:{inspector.pk}"
        claim = _drawn_up(order, lines, inspector, at)
        inspections.recorded(order, Inspection.Result.DAMAGED, found, inspector, at).save()
        inspections.wait(order, claim.answer_by - SECOND_NOTICE_AHEAD)
        told = {"amount": str(claim.amount), "lines": [line.code for line in lines]}
        events.record("damage_claimed", order, at=at, actor=actor, facts=told)
        _record(claim, "", actor, at)
        _tell(claim, "damage_claimed", at)
    return claim


def accept(order_id: int, actor: str, at: datetime) -> DamageClaim:
    """The customer's yes: settled from the deposit. ClaimOver."""
    with transaction.atomic():
        order, claim = _open(order_id, Claim.PROPOSED)
        _require_in_time(claim, at)
        _accepted(order, claim, actor, at, by_clause=False)
    return claim


def dispute(order_id: int, actor: str, grounds: str, pictures: Sequence[bytes], at: datetime) -> DamageClaim:
    """The customer's no, with grounds and up to four pictures: the platform decides. ClaimOver, GroundsNeeded."""
    if not grounds.strip():
        raise GroundsNeeded
    if len(pictures) > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    with transaction.atomic():
        order, claim = _open(order_id, Claim.PROPOSED)
        _require_in_time(claim, at)
        for raw in pictures:
            claim_photos.keep(claim, None, raw, actor, at)
        claim.dispute(grounds.strip(), at)
        claim.save()
        last = workdays.after(calendar.business_date(at), DECIDED_WITHIN_WORKING_DAYS)
        inspections.wait(order, calendar.instant(last, 23, 59))
        events.record("damage_disputed", order, at=at, actor=actor)
        _record(claim, Claim.PROPOSED, actor, at)
        _tell(claim, "damage_disputed", at, {"day": last.isoformat()})
    return claim


def decide(order_id: int, awards: Mapping[str, Decimal], grounds: str, actor: str, at: datetime) -> DamageClaim:
    """An operator's word on a disputed claim, line by line, with grounds for both. ClaimOver, AwardTooLarge."""
    if not grounds.strip():
        raise GroundsNeeded
    with transaction.atomic():
        order, claim = _open(order_id, Claim.DISPUTED)
        lines = list(claim.lines.order_by("id"))
        try:
            total = damage.awarded([_rule(line) for line in lines], awards, claim.cap)
        except (ValueError, KeyError) as error:
            raise AwardTooLarge from error
        for line in lines:
            line.awarded = awards[line.code]
            line.save(update_fields=["awarded"])
        _decided(order, claim, total, grounds.strip(), actor, at)
    return claim


def end_wait(order_id: int, at: datetime) -> None:
    """The second notice; after it the express clause; or, undecided by the platform, the claim falls."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.INSPECTING or order.waits_until is None or order.waits_until > at:
            return
        claim = DamageClaim.objects.select_for_update(of=("self",)).get(order=order)
        claim.order = order
        if claim.state == Claim.DISPUTED:
            _decided(order, claim, Decimal("0.00"), "", PLATFORM, at)
        elif claim.second_notice_at is None:
            _remind(order, claim, at)
        elif claim.answer_by <= at:
            _accepted(order, claim, PLATFORM, at, by_clause=True)


def _drawn_up(order: Order, found: Sequence[Found], inspector: User, at: datetime) -> DamageClaim:
    terms = LeaseTerms.from_json(order.lease.terms)
    prices = {price.code: price for price in terms.damage}
    codes = [line.code for line in found]
    if not found or len(set(codes)) != len(codes) or not set(codes) <= set(prices):
        raise NotListed
    if not all(line.photo and line.note.strip() for line in found):
        raise PhotoNeeded
    ruled = [damage.Line(code, prices[code].amount, damage.is_covered(code, terms.cover_monthly)) for code in codes]
    cap, total = worth(order, at), money.total(line.charged for line in ruled)
    if not total:
        raise NothingCharged
    claim = DamageClaim.objects.create(
        order=order, valued_on=calendar.business_date(at), cap=cap, total=total, amount=damage.claimed(ruled, cap),
        proposed_by=inspector, proposed_at=at, answer_by=at + ANSWER_WITHIN,
    )  # fmt: skip
    for line, rule in zip(found, ruled, strict=True):
        _keep_line(claim, line, prices[line.code], covered=rule.covered, at=at)
    return claim


def _keep_line(claim: DamageClaim, line: Found, price: DamagePrice, *, covered: bool, at: datetime) -> None:
    row = ClaimLine.objects.create(
        claim=claim, code=price.code, name=price.name, name_en=price.name_en, amount=price.amount, covered=covered,
        note=line.note.strip(), angle=DevicePhoto.Angle(line.angle),
    )  # fmt: skip
    claim_photos.keep(claim, row, line.photo, f"merchant:{claim.proposed_by_id}", at)


def _open(order_id: int, state: str) -> tuple[Order, DamageClaim]:
    """Both locked. ClaimOver."""
    order = steps.lock(order_id)
    claim = DamageClaim.objects.select_for_update(of=("self",)).filter(order=order).first()
    if claim is None or claim.state != state or order.state != State.INSPECTING:
        raise ClaimOver
    claim.order = order
    return order, claim


def _require_in_time(claim: DamageClaim, at: datetime) -> None:
    if claim.answer_by <= at:
        raise ClaimOver


def _remind(order: Order, claim: DamageClaim, at: datetime) -> None:
    """At least a day before anything counts as accepted: a late notice moves the end."""
    claim.second_notice_at = at
    claim.answer_by = max(claim.answer_by, at + SECOND_NOTICE_AHEAD)
    claim.save(update_fields=["second_notice_at", "answer_by"])
    inspections.wait(order, claim.answer_by)
    _tell(claim, "damage_second_notice", at)


def _accepted(order: Order, claim: DamageClaim, actor: str, at: datetime, *, by_clause: bool) -> None:
    claim.accept(at, by_clause=by_clause)
    claim.save()
    _record(claim, Claim.PROPOSED, actor, at)
    _conclude(order, claim, actor, at)


def _decided(order: Order, claim: DamageClaim, total: Decimal, grounds: str, actor: str, at: datetime) -> None:
    step = claim.fall if not total else claim.uphold if total == claim.amount else claim.reduce
    step(total, actor, grounds, at)
    claim.save()
    _record(claim, Claim.DISPUTED, actor, at)
    _conclude(order, claim, actor, at)


def _conclude(order: Order, claim: DamageClaim, actor: str, at: datetime) -> None:
    """What came of it is a bill of its own, the deposit pays it, the rest is settled. Stock and quota last."""
    steps.take(order, "assess", at=at, actor=actor, facts={"result": claim.state})
    inspections.end_open(order, at)
    if claim.awarded:
        holding.locked_whole(order.lease.deposit.pk)
        due = calendar.business_date(at + PAID_WITHIN)
        extras.charge(order.lease_id, Bill.Kind.DAMAGE, claim.awarded, due, at)
        deposit_deductions.by_claim(order, claim.awarded, f"merchant:{claim.proposed_by_id}", actor, at)
    _tell(claim, "damage_settled", at, {"amount": str(claim.awarded)})
    settlements.settle_locked(order, at, shelve=True)


def _rule(line: ClaimLine) -> damage.Line:
    return damage.Line(line.code, line.amount, line.covered)


def _record(claim: DamageClaim, source: str, actor: str, at: datetime) -> None:
    told = {"step": "claim", "awarded": str(claim.awarded)}
    events.record("transition", claim, at=at, actor=actor, source=source, target=claim.state, facts=told)


def _tell(claim: DamageClaim, template: str, at: datetime, params: dict[str, str] | None = None) -> None:
    told = {"amount": str(claim.amount), "day": calendar.business_date(claim.answer_by).isoformat()}
    inspections.tell(claim.order, template, told | (params or {}), at)
