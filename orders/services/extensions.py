"""Offering an extension plan for late rents, and its customer's yes or no (domain.md §9, docs/domain/extensions.md).

An operator picks bills, parts, the first day and a fee or none; the addendum is printed with the figures of that day,
and the customer signs it with a code, refuses it, or lets it end by itself. With both signatures the plan begins in
billing, counted from the day of the offer: no day that he takes to think costs a fee.
"""

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import codes
from arrears.models import CaseNote, HardshipRequest
from arrears.services import cases, hardship, home_visits
from billing.models import ExtensionPlan
from billing.rules.extension import Terms
from billing.services import extensions as plans
from billing.services import payments
from billing.services.extensions import Preview
from contracts.models import Agreement
from contracts.rules import addenda as rules
from contracts.services import agreements
from core import calendar, faults, running
from core.errors import DomainError
from core.services import events, outbox
from core.services.events import PLATFORM
from core.templatetags.xinzu import yuan
from notices.services import messages
from orders.models import ExtensionOffer, Order, State
from orders.services import addenda, endings, steps

SIGN_WITHIN = timedelta(hours=72)
FIRST_AFTER_DAYS = 3  # the first part is not due before the customer had his time to think
MOST = 200
WORDS = _("We offer you to pay what is open in parts. Please read the plan: sign it, or refuse it.")
log = logging.getLogger(__name__)


class OfferOpen(DomainError):
    code = "extension_offer_open"
    message = _("A plan waits for the customer's answer already.")


class NoOffer(DomainError):
    code = "no_extension_offer"
    message = _("There is no extension plan to sign now.")


class FirstPartTooSoon(DomainError):
    code = "first_part_too_soon"
    message = _("The first part is due on %(first)s at the earliest: the customer has three days to answer.")


def preview(order: Order, terms: Terms, on: date) -> Preview:
    """What would be offered on day `on`. Reads only. StepNotPossible, FirstPartTooSoon; the errors of billing's."""
    _require_active(order)
    first = on + timedelta(days=FIRST_AFTER_DAYS)
    if terms.first_day < first:
        raise FirstPartTooSoon(first=first)
    return plans.preview(order.lease_id, terms, on)


def offer(order_id: int, terms: Terms, actor: str, at: datetime, words: str = "") -> ExtensionOffer:
    """The addendum is printed next. A request for help that waits is answered with it, in `words`.

    As `preview`; OfferOpen, EndingOpen. Locks order.
    """
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        shown = preview(order, terms, on)
        if of(order) is not None:
            raise OfferOpen
        endings.require_none(order)
        made = ExtensionOffer.objects.create(
            order=order, bills=list(terms.bills), parts=terms.parts, first_day=terms.first_day, fee=terms.fee,
            total=shown.proposal.total, paper=addenda.draft_extension(order, shown, at), offered_by=actor,
            offered_at=at, valid_until=min(at + SIGN_WITHIN, calendar.instant(terms.first_day + timedelta(days=1))),
        )  # fmt: skip
        _log(made, "offered", actor, at)
        asked = HardshipRequest.objects.filter(lease=order.lease_id, state=HardshipRequest.State.OPEN).first()
        if asked is not None:
            hardship.answer(asked.pk, words or str(WORDS), actor, at)
    return made


def of(order: Order) -> ExtensionOffer | None:
    """The offer that waits for the customer."""
    return order.extension_offers.filter(state=ExtensionOffer.State.OPEN).select_related("paper").first()


def latest(order: Order) -> ExtensionOffer | None:
    return order.extension_offers.select_related("paper", "plan").order_by("-id").first()


def request_code(order: Order, at: datetime) -> None:
    """Send the six digits that sign exactly this addendum. NoOffer, AgreementNotReady."""
    paper, user = _to_sign(order, at).paper, order.customer.user
    phone = user.phone.open(by=PLATFORM, purpose="signing code", at=at)
    codes.request(phone, agreements.code_purpose(paper), language=user.language, at=at, user=user)


def intend(order_id: int, confirmed: Collection[str], code: str, facts: dict[str, str], at: datetime) -> None:
    """The customer's will: every point ticked and the code for this paper entered. Safe to repeat once it is willed.

    NoOffer, NotAllConfirmed, FiguresChanged, AttemptOpen, the errors of `codes.check`. Locks order, then the paper.
    """
    order = Order.objects.select_related("customer__user", "lease").get(pk=order_id)
    found = of(order)
    if found is not None and agreements.is_willed(found.paper_id):
        return
    made = _to_sign(order, at)
    left = rules.left(frozenset(confirmed), rules.PlanPoint)
    if left:
        raise agreements.NotAllConfirmed(count=len(left))
    _require_as_offered(made)
    phone = order.customer.user.phone.open(by=PLATFORM, purpose="signing code", at=at)
    try:
        codes.check(phone, agreements.code_purpose(made.paper), code, at)
    except codes.CodeUsed:
        if not agreements.is_willed(made.paper_id):
            raise
        return  # the other of two clicks was quicker
    with transaction.atomic():
        order = steps.lock(order_id)
        made = _to_sign(order, at)
        agreements.intend(made.paper_id, [point.value for point in rules.PlanPoint], facts, at)
        outbox.put("extension.intended", agreement_id=made.paper_id)


def complete(agreement_id: int, at: datetime) -> None:
    """Both signatures, and the plan begins with them (topic extension.intended); repeated from the start after a crash.

    Something was paid meanwhile: nothing is kept, the paper is void and the offer lapses. AttemptOpen: again later.
    """
    signed = agreements.make_signatures(agreement_id, at)
    if signed is None:
        return
    faults.point("paper.signed")
    order_id = ExtensionOffer.objects.get(paper=agreement_id).order_id
    with transaction.atomic():
        order = steps.lock(order_id)
        made = of(order)
        if made is None or made.paper_id != agreement_id:
            agreements.void(agreement_id)
            return
        try:
            plan = _begin(order, made, at)
        except (plans.FiguresChanged, plans.NoSuchBills, steps.StepNotPossible, endings.EndingOpen):
            _drop(made, "lapse", PLATFORM, at)
            _tell(made, "extension_lapsed", at)
            return
        agreements.seal(agreement_id, signed, at)
        made.sign(plan, at)
        made.save()
        home_visits.call_off(order.number, "plan_kept", at)
        _log(made, "signed", f"customer:{order.customer_id}", at)
        first = plan.parts.order_by("number")[0]
        assert first.due_date is not None  # a part has its day from the start
        _tell(made, "extension_begun", at, amount=str(first.amount), day=first.due_date.isoformat())


def refuse(order_id: int, actor: str, at: datetime) -> None:
    """The customer does not want it: his bills stand as before. NoOffer."""
    _close(order_id, "refuse", actor, at)


def withdraw(order_id: int, actor: str, at: datetime) -> None:
    """An operator takes it back, while it is not signed. NoOffer."""
    _close(order_id, "withdraw", actor, at)


def lapse_due(at: datetime) -> int:
    """Offers that nobody signed in time end; how many. Each re-checks locked; a signature being made is waited for."""
    rows = ExtensionOffer.objects.filter(state=ExtensionOffer.State.OPEN, valid_until__lte=at).order_by("valid_until")
    ended = 0
    for order_id in list(rows.values_list("order_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, order_id):
                ended += _lapse(order_id, at)
        except (DomainError, DatabaseError):
            log.exception("the extension offer of order %s did not end; the others go on", order_id)
    return ended


def _lapse(order_id: int, at: datetime) -> bool:
    with transaction.atomic():
        made = of(steps.lock(order_id))
        if made is None or made.valid_until > at or made.paper.state == Agreement.State.SIGNING:
            return False
        _drop(made, "lapse", PLATFORM, at)
        _tell(made, "extension_lapsed", at)
    return True


def _close(order_id: int, verb: str, actor: str, at: datetime) -> None:
    with transaction.atomic():
        made = of(steps.lock(order_id))
        if made is None or agreements.is_willed(made.paper_id):
            raise NoOffer
        _drop(made, verb, actor, at)


def _drop(made: ExtensionOffer, verb: str, actor: str, at: datetime) -> None:
    paper = Agreement.objects.select_for_update().get(pk=made.paper_id)
    agreements.void(paper.pk)
    agreements.note(paper, "lapsed" if verb == "lapse" else "taken_back", {}, at)
    getattr(made, verb)(at)
    made.save()
    _log(made, made.state.lower(), actor, at)


def _begin(order: Order, made: ExtensionOffer, at: datetime) -> ExtensionPlan:
    _require_active(order)
    endings.require_none(order)
    return plans.begin(order.lease_id, made.terms, made.total, calendar.business_date(made.offered_at), at)


def _require_active(order: Order) -> None:
    if order.state != State.ACTIVE or order.is_short:
        raise steps.StepNotPossible(state=order.get_state_display())


def _require_as_offered(made: ExtensionOffer) -> None:
    """FiguresChanged, AttemptOpen: said before the customer signs."""
    bills = list(made.order.lease.bills.filter(number__in=made.bills))
    payments.require_no_attempt(bills)
    on = calendar.business_date(made.offered_at)
    try:
        shown = plans.preview(made.order.lease_id, made.terms, on)
    except plans.NoSuchBills as gone:
        raise plans.FiguresChanged from gone
    if shown.proposal.total != made.total:
        raise plans.FiguresChanged


def _to_sign(order: Order, at: datetime) -> ExtensionOffer:
    made = of(order)
    if made is None or made.valid_until <= at:
        raise NoOffer
    if made.paper.state == Agreement.State.DRAFTED:
        raise agreements.AgreementNotReady
    if made.paper.state != Agreement.State.READY:
        raise NoOffer
    return made


def _log(made: ExtensionOffer, what: str, actor: str, at: datetime) -> None:
    facts = {"offer": made.paper.number, "total": str(made.total), "parts": made.parts, "what": what}
    events.record(f"extension_{what}", made.order, at=at, actor=actor, facts=facts)
    case = cases.of_lease(made.order.lease_id)
    if case is not None:
        text = f"{made.paper.number} · {yuan(made.total)} / {made.parts} · {made.get_state_display()}"
        cases.note(case, CaseNote.Kind.EXTENSION, text, actor, at)


def _tell(made: ExtensionOffer, template: str, at: datetime, **figures: str) -> None:
    order = made.order
    messages.inform(
        order.customer.user,
        template,
        {"lease": order.number, **figures},
        step=f"offer:{made.pk}:{template}",
        at=at,
        link=f"/orders/{order.number}/extension/",
    )
