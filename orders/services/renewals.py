"""Renting on after the last day: never silent, offered in the last 30 days, signed as an addendum (domain.md §8).

The open Ending is the renewal until its new term begins: first the figures wait for a signature, then the signed paper
waits for its first day. On that day bills and last day are added in one transaction, or it lapses because something is
overdue. Until then the customer may take it back for nothing. It never voids a bill, so nothing is paused meanwhile.
"""

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import codes
from billing.models import DepositFreeze
from billing.rules import renewal
from billing.rules.renewal import Further
from billing.rules.securing import RELEASE_DAYS, UNTIL_BACK_DAYS
from billing.rules.terms import LeaseTerms
from billing.services import overdue
from billing.services import renewals as terms_of_leases
from catalog.models import LeasePlan
from contracts.models import Agreement
from contracts.rules import addenda as rules
from contracts.services import agreements
from core import calendar, faults, running
from core.errors import DomainError
from core.money import ZERO
from core.services import events, outbox
from core.services.events import PLATFORM
from orders.models import Ending, Order, State
from orders.services import addenda, endings, steps

OPENS_DAYS_BEFORE = 30
SIGN_WITHIN = timedelta(hours=72)
MONTHS = (1, 3, 6, 12)
RENT_TO_OWN = "RENT_TO_OWN"
MOST = 200
log = logging.getLogger(__name__)


class NotRenewable(DomainError):
    code = "not_renewable"
    message = _("This lease ends with its term and is not renewed.")


class RenewalTooEarly(DomainError):
    code = "renewal_too_early"
    message = _("You can renew from %(from_day)s on.")


class TermOver(DomainError):
    code = "term_over"
    message = _("The last day was %(last_day)s. Please send the device back, or buy it.")


class RentOverdue(DomainError):
    code = "rent_overdue"
    message = _("%(amount)s is overdue since %(since)s. Pay it first, then you can renew.")


class PlanWithdrawn(DomainError):
    code = "plan_withdrawn"
    message = _("The merchant no longer rents this device out. You can send it back, or buy it.")


class NothingLeftToPay(DomainError):
    code = "nothing_left_to_pay"
    message = _("Buying this device costs nothing more at the end of the term. Renewing would only cost you money.")


class TermTooDear(DomainError):
    code = "term_too_dear"
    message = _("With a further term this device would cost more than we permit. You can send it back, or buy it.")


class DepositTooShort(DomainError):
    code = "deposit_too_short"
    message = _("The frozen deposit ends by itself on %(ends_on)s, before such a term is over.")


class NotToBeSigned(DomainError):
    code = "not_to_be_signed"
    message = _("There is no renewal to sign now.")


def opens_on(order: Order) -> date | None:
    """The first day on which a further term is offered; None before the lease runs, and for a short one."""
    last_day = order.lease.last_day
    return last_day - timedelta(days=OPENS_DAYS_BEFORE) if last_day and not order.is_short else None


def offers(order: Order, on: date) -> list[Further]:
    """The further terms that may be had on day `on`, the shortest first. Otherwise the reason is raised.

    StepNotPossible, NotRenewable, RenewalTooEarly, TermOver, RentOverdue, PlanWithdrawn, NothingLeftToPay, TermTooDear,
    DepositTooShort.
    """
    _require_renewable(order, on)
    discount = order.plan.renewal_discount_rate
    terms, start = LeaseTerms.from_json(order.lease.terms), order.lease.start
    assert start is not None  # on lease
    found = [renewal.further(terms, start, months, discount) for months in MONTHS]
    cheap = [each for each in found if not renewal.is_too_dear(each, order.lease.contract_total)]
    if not cheap:
        raise TermTooDear
    ends_on = _deposit_ends_on(order)
    after = timedelta(days=terms.return_window_days + UNTIL_BACK_DAYS + RELEASE_DAYS)
    held = [each for each in cheap if ends_on is None or each.last_day + after <= ends_on]
    if not held:
        raise DepositTooShort(ends_on=ends_on)
    return held


def open(order_id: int, months: int, actor: str, at: datetime, shown: str | None = None) -> Ending:  # noqa: A001
    """The customer picks a term, at the figures `shown`; its addendum is printed next.

    As `offers`; EndingOpen, QuoteChanged also for a term that is not offered. Locks order.
    """
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require_trusted(order.customer)
        offered = {each.months: each for each in offers(order, on)}
        endings.require_none(order)
        offer = offered.get(months)
        if offer is None or (shown is not None and shown != offer.code):
            raise endings.QuoteChanged
        paper = addenda.draft_renewal(order, offer, at)
        quote = {"months": months, "discount": str(order.plan.renewal_discount_rate), "total": str(offer.total)}
        ending = Ending.objects.create(
            order=order,
            kind=Ending.Kind.RENEWAL,
            quote=quote,
            paper=paper,
            opened_at=at,
            valid_until=min(at + SIGN_WITHIN, calendar.instant(offer.first_day)),
        )
        events.record("ending_opened", order, at=at, actor=actor, facts={"kind": ending.kind, "quote": quote})
    return ending


def of(order: Order) -> Ending | None:
    """The renewal that is under way: to be signed, or signed and waiting for its first day."""
    rows = order.endings.filter(kind=Ending.Kind.RENEWAL, state=Ending.State.OPEN)
    return rows.select_related("paper").first()


def further_of(order: Order, ending: Ending) -> Further:
    """What its addendum says, computed again: the lease's terms have not changed since."""
    assert ending.quote is not None
    assert order.lease.start is not None
    terms = LeaseTerms.from_json(order.lease.terms)
    return renewal.further(terms, order.lease.start, ending.quote["months"], Decimal(ending.quote["discount"]))


def request_code(order: Order, at: datetime) -> None:
    """Send the six digits that sign exactly this addendum. NotToBeSigned, AgreementNotReady."""
    _ending, paper = _to_sign(order, at)
    user = order.customer.user
    phone = user.phone.open(by=PLATFORM, purpose="signing code", at=at)
    codes.request(phone, agreements.code_purpose(paper), language=user.language, at=at, user=user)


def intend(order_id: int, confirmed: Collection[str], code: str, facts: dict[str, str], at: datetime) -> None:
    """The customer's will: every point ticked and the code for this paper entered. Safe to repeat once it is willed.

    NotToBeSigned, NotAllConfirmed, the errors of `codes.check`. Locks order, then the paper.
    """
    order = Order.objects.select_related("customer__user", "lease").get(pk=order_id)
    found = of(order)
    if found is not None and found.paper is not None and agreements.is_willed(found.paper.pk):
        return
    _ending, paper = _to_sign(order, at)
    left = rules.left(frozenset(confirmed))
    if left:
        raise agreements.NotAllConfirmed(count=len(left))
    phone = order.customer.user.phone.open(by=PLATFORM, purpose="signing code", at=at)
    try:
        codes.check(phone, agreements.code_purpose(paper), code, at)
    except codes.CodeUsed:
        if not agreements.is_willed(paper.pk):
            raise
        return  # the other of two clicks was quicker
    with transaction.atomic():
        order = steps.lock(order_id)
        _to_sign(order, at)
        agreements.intend(paper.pk, [point.value for point in rules.Point], facts, at)
        outbox.put("paper.intended", agreement_id=paper.pk)


def complete(agreement_id: int, at: datetime) -> None:
    """Both signatures (topic paper.intended); a killed worker's act is repeated from the start.

    Taken back meanwhile: nothing is kept, and the paper is void.
    """
    signed = agreements.make_signatures(agreement_id, at)
    if signed is None:
        return
    faults.point("paper.signed")
    order_id = Ending.objects.get(paper=agreement_id).order_id
    with transaction.atomic():
        order = steps.lock(order_id)
        ending = of(order)
        if ending is None or ending.paper_id != agreement_id:
            agreements.void(agreement_id)
            return
        if agreements.is_signed(agreement_id):
            return
        agreements.seal(agreement_id, signed, at)
        offer = further_of(order, ending)
        ending.valid_until = calendar.instant(offer.first_day)
        ending.save(update_fields=["valid_until"])
        addenda.tell(ending, "renewal_signed", "signed", at, day=offer.first_day.isoformat())


def withdraw(order_id: int, actor: str, at: datetime) -> None:
    """The customer thinks again, before the new term begins: nothing is owed. StepNotPossible without a renewal."""
    with transaction.atomic():
        order = steps.lock(order_id)
        ending = of(order)
        if ending is None:
            raise steps.StepNotPossible(state=order.get_state_display())
        _drop(ending, "withdraw", actor, at)


def turn_due(at: datetime) -> int:
    """Renewals whose day has come: signed ones begin, the others lapse; how many turned. Each re-checks locked."""
    rows = Ending.objects.filter(kind=Ending.Kind.RENEWAL, state=Ending.State.OPEN, valid_until__lte=at)
    turned = 0
    for order_id in list(rows.order_by("valid_until").values_list("order_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, order_id):
                turned += turn(order_id, at)
        except (DomainError, DatabaseError):
            log.exception("the renewal of order %s did not turn; the others go on", order_id)
    return turned


def turn(order_id: int, at: datetime) -> bool:
    """Begin or lapse one renewal. A signature that is being made, and money that is on its way, are waited for."""
    with transaction.atomic():
        order = steps.lock(order_id)
        ending = of(order)
        if ending is None or ending.paper is None or ending.valid_until is None or ending.valid_until > at:
            return False
        if ending.paper.state == Agreement.State.SIGNING:
            return False
        if ending.paper.state != Agreement.State.SIGNED or order.state != State.ACTIVE:
            _drop(ending, "lapse", PLATFORM, at)
            addenda.tell(ending, "renewal_unsigned", "lapsed", at)
            return True
        offer = further_of(order, ending)
        if overdue.of([order.lease_id], offer.first_day):
            return _lapse_overdue(order, ending, at)
        _begin(order, ending, offer, at)
        return True


def _require_renewable(order: Order, on: date) -> None:
    first, last_day = opens_on(order), order.lease.last_day
    if order.state != State.ACTIVE:
        raise steps.StepNotPossible(state=order.get_state_display())
    if first is None or last_day is None or order.lease.terms["lease_model"] == RENT_TO_OWN:
        raise NotRenewable
    if on < first:
        raise RenewalTooEarly(from_day=first)
    if on > last_day:
        raise TermOver(last_day=last_day)
    late = overdue.of([order.lease_id], on).get(order.lease_id)
    if late is not None:
        raise RentOverdue(amount=late.amount, since=late.since)
    terms = LeaseTerms.from_json(order.lease.terms)
    if terms.curve and terms.curve[-1] == ZERO:
        raise NothingLeftToPay
    plan = order.plan
    on_offer = LeasePlan.objects.filter(merchant=plan.merchant_id, sku=plan.sku_id, state=LeasePlan.State.PUBLISHED)
    if not on_offer.exists():
        raise PlanWithdrawn


def _deposit_ends_on(order: Order) -> date | None:
    """When the provider lets go of what it holds; None where nothing is frozen."""
    held = DepositFreeze.objects.filter(deposit__lease=order.lease_id, state=DepositFreeze.State.FROZEN, held__gt=0)
    first = held.exclude(ends_at=None).order_by("ends_at").values_list("ends_at", flat=True).first()
    return calendar.business_date(first) if first else None


def _to_sign(order: Order, at: datetime) -> tuple[Ending, Agreement]:
    ending = of(order)
    if ending is None or ending.paper is None or ending.valid_until is None or ending.valid_until <= at:
        raise NotToBeSigned
    if ending.paper.state == Agreement.State.DRAFTED:
        raise agreements.AgreementNotReady
    if ending.paper.state != Agreement.State.READY:
        raise NotToBeSigned
    return ending, ending.paper


def _begin(order: Order, ending: Ending, offer: Further, at: datetime) -> None:
    terms_of_leases.extend(order.lease_id, offer, at)
    ending.finish(at)
    ending.save()
    facts = {"kind": ending.kind, "months": offer.months, "last_day": offer.last_day.isoformat()}
    events.record("ending_done", order, at=at, actor=PLATFORM, facts=facts)
    addenda.tell(ending, "renewal_begun", "begun", at, day=offer.last_day.isoformat())


def _lapse_overdue(order: Order, ending: Ending, at: datetime) -> bool:
    """Overdue on the first day: it lapses, unless a payment is on its way."""
    if order.lease.bills.filter(payment_items__open=True).exists():
        return False
    _drop(ending, "lapse", PLATFORM, at)
    addenda.tell(ending, "renewal_overdue", "lapsed", at)
    return True


def _drop(ending: Ending, verb: str, actor: str, at: datetime) -> None:
    assert ending.paper_id is not None
    paper = Agreement.objects.select_for_update().get(pk=ending.paper_id)
    agreements.void(paper.pk)
    agreements.note(paper, "taken_back" if verb == "withdraw" else "lapsed", {}, at)
    endings.drop(ending, verb, actor, at)
