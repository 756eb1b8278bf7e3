"""An order's page: where it stands, who acts next and by when, what moved in money."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Deposit, DepositRelease, Refund
from billing.rules import schedule
from billing.rules.terms import LeaseTerms
from billing.services import holding, statements
from billing.services.statements import Condition
from contracts.models import Agreement
from core import calendar, money
from core.templatetags.xinzu import day, moment, yuan
from credit.models import Outcome
from orders import actions, consequences
from orders.models import Order, Parcel, ParcelEvent, ReviewRequest, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import defects, opinions, readdressing, review_requests, risks, shipping, turned_back
from orders.services.terms import COOLING_OFF_DAYS
from storefront.pages import deposits, evidence, inspections, labels, names, swaps, timelines, ways_out
from storefront.pages.evidence import ShownDemand
from storefront.pages.timelines import Step

Text = str | Promise

TONES = {
    State.PLACED: "wait", State.APPROVED: "wait", State.SIGNED: "wait", State.PAID: "wait", State.SHIPPED: "live",
    State.ACTIVE: "live", State.RETURNING: "wait", State.INSPECTING: "wait", State.SETTLING: "wait",
    State.COMPLETED: "ok", State.REFUSED: "late", State.CANCELLED: "neutral", State.WRITTEN_OFF: "late",
}  # fmt: skip

GOES_BACK = ("return", "return-early", "broken", "hand-over")
GOING_BACK = (State.RETURNING, State.INSPECTING, State.SETTLING)
TO_BE_PAID = (State.PLACED, State.APPROVED, State.SIGNED)
DUE = (Condition.DUE, Condition.GRACE, Condition.LATE)

HEADLINES: dict[str, Text] = {
    State.PLACED: _("We are looking at your order"),
    State.APPROVED: _("Approved. Please read and sign the agreement"),
    State.SIGNED: _("Signed. Now the first rent and the deposit"),
    State.PAID: _("Paid. The merchant ships next"),
    State.SHIPPED: _("Your device is on its way"),
    State.ACTIVE: _("Your lease is running"),
    State.RETURNING: _("You are sending it back"),
    State.INSPECTING: _("The merchant is inspecting the device"),
    State.SETTLING: _("Being settled: last amounts and the deposit"),
    State.COMPLETED: _("Completed. Thank you"),
    State.WRITTEN_OFF: _("Ended with an unpaid rest"),
    State.REFUSED: _("This order was not approved"),
    State.CANCELLED: _("This order was cancelled"),
}

EXPLANATIONS: dict[str, Text] = {
    State.PLACED: _("Most orders are answered in seconds. Nothing is charged meanwhile."),
    State.APPROVED: _("You sign with a code that we send to your phone. Nothing is charged before."),
    State.SIGNED: _("Both happen on the pages of the payment provider, as the agreement says."),
    State.PAID: _("Days on the road cost no rent. If it is not shipped within 48 hours, you may cancel here."),
    State.SHIPPED: _("Look at the device first, then confirm. The lease starts on the day of your confirmation."),
    State.ACTIVE: _("Bills, papers and ways to end stand on the page of the lease."),
    State.RETURNING: _("Hand the parcel to the carrier and enter its waybill number here."),
    State.INSPECTING: _("It has three working days; after that the device counts as returned without damage."),
    State.SETTLING: _("What is still owed is named below; then the deposit goes back."),
    State.COMPLETED: _("Everything is paid and the deposit was given back."),
    State.WRITTEN_OFF: _("The rest was written off. You can still pay it: then your waiver quota comes back."),
    State.REFUSED: _("Nothing was charged. What was held is released."),
    State.CANCELLED: _("Everything that you paid goes back, and what was frozen is released."),
}


REVIEWED: dict[str, Text] = {
    ReviewRequest.State.OPEN: _("A person looks at what our rules decided. The answer comes here and by message."),
    ReviewRequest.State.ALLOWED: _("A person took the refusal back. You may order again; the same rules let it pass."),
    ReviewRequest.State.UPHELD: _("A person looked at it, and the refusal stands."),
}
ENDS_UNANSWERED = _("If nobody has answered by then, the order ends by itself and everything goes back to you.")


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund or a release, and how it stands."""

    word: Text
    amount: Decimal
    condition: Text
    tone: str


@dataclass(frozen=True, slots=True)
class Owed:
    """What stands between a returned device and its deposit: the bills that fell due, to be paid in one go."""

    total: Decimal
    bills: str
    count: int


@dataclass(frozen=True, slots=True)
class Beside:
    """How many others were ordered together with this one, and where all of them stand."""

    count: int
    href: str


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """What `storefront/order.html` prints."""

    order: Order
    name: str
    kind: str
    word: Text
    tone: str
    headline: Text
    explanation: Text
    until: datetime | None
    step: int
    timeline: list[Step]
    buttons: list[actions.Offered]
    first_bill: Bill
    deposit: Deposit
    vouched: Decimal
    taken: list[deposits.Taken]
    parcels: list[tuple[Text, Parcel, Text, list[ParcelEvent]]]
    given_back: list[GivenBack]
    owed: Owed | None
    asked: list[ShownDemand]
    yours: ShownDemand | None
    has_lease: bool
    has_paper: bool
    may_readdress: bool
    waits_for_machine: bool
    review: ReviewRequest | None
    then: Text
    beside: Beside | None
    swap: swaps.Linked | None
    opinion: opinions.Moment | None


def shown(order: Order, at: datetime) -> ShownOrder:
    device = order.plan.sku.device_model
    parcels = list(order.parcels.filter(void_at=None).prefetch_related("scans").order_by("id"))
    asked = evidence.asked(order)
    held = risks.is_held(order)
    says = inspections.says(order)
    waits = waits_for_machine(order) and not held and not any(each.is_open for each in asked)
    return ShownOrder(
        order=order,
        name=names.of(device),
        kind=names.drawing(device),
        word=order.get_state_display(),
        tone=TONES[State(order.state)],
        headline=says.headline if says else _headline(order, waits, parcels, asked, held),
        explanation=says.explanation if says else _explanation(order, parcels, asked, held),
        until=says.until if says else order.waits_until,
        step=_checkout_step(order),
        timeline=timelines.of(order, parcels),
        buttons=actions.for_customer(order, at),
        first_bill=order.lease.bills.get(number=1),
        deposit=order.lease.deposit,
        vouched=holding.vouched(order.lease.deposit) if order.lease.deposit.to_hold else money.ZERO,
        taken=deposits.taken(order.lease.deposit),
        parcels=[
            (parcel.get_way_display(), parcel, carrier(parcel), list(parcel.scans.all())[::-1]) for parcel in parcels
        ],
        given_back=_given_back(order),
        owed=_owed(order, calendar.business_date(at)) if order.state in GOING_BACK else None,
        asked=asked,
        yours=next((each for each in asked if each.is_yours), None),
        has_lease=order.received_at is not None,
        has_paper=order.agreement is not None and order.agreement.state != Agreement.State.DRAFTED,
        may_readdress=readdressing.may(order),
        waits_for_machine=waits,
        review=review_requests.of(order),
        then=ENDS_UNANSWERED if held else "",
        beside=_beside(order) if order.state in TO_BE_PAID else None,
        swap=swaps.new_one(order) or swaps.old_one(order),
        opinion=next(iter(opinions.waiting(order, calendar.business_date(at))), None),
    )


@dataclass(frozen=True, slots=True)
class ShownStep:
    """What `storefront/step.html` prints: what pressing the button does, in amounts and dates."""

    order: Order
    name: str
    kind: str
    action: actions.Action
    form: forms.Form
    does: list[consequences.Consequence]
    facts: list[tuple[Text, Any]]
    figures: ways_out.Figures | None


def step(order: Order, action: actions.Action, form: forms.Form, at: datetime) -> ShownStep:
    device = order.plan.sku.device_model
    return ShownStep(
        order=order,
        name=names.of(device),
        kind=names.drawing(device),
        action=action,
        form=form,
        does=consequences.of(action, order, at),
        facts=_facts(order, action.name, calendar.business_date(at)),
        figures=ways_out.of(order, action.name, at) if action.open_for(order, at) else None,
    )


def carrier(parcel: Parcel) -> Text:
    return shipping.CARRIERS.get(parcel.carrier, parcel.carrier)


def _explanation(order: Order, parcels: list[Parcel], asked: list[ShownDemand], held: bool) -> Text:
    if order.state in BEFORE_SHIPPING and any(each.is_open for each in asked):
        if order.state == State.PLACED:
            return _("The order goes on once everything below is there. Nothing is charged meanwhile.")
        return _("The device is shipped once what we ask for below is done. You may cancel until then.")
    if held:
        return risks.explain_kindly(order)
    if review_requests.may_ask(order):
        return _("Our rules ended it by themselves; nothing is kept of what you paid. You may ask for a person, once.")
    review = review_requests.of(order)
    if review is not None:
        return REVIEWED[ReviewRequest.State(review.state)]
    if order.state == State.PLACED and order.decision and order.decision.outcome == Outcome.REFER:
        return _("A person looks at this one, at the latest by the time below. Nothing is charged meanwhile.")
    if order.received_at is None and order.state in (*GOING_BACK, State.COMPLETED):
        return _never_began(order, parcels)
    if order.state == State.RETURNING and _is_on_its_way(parcels):
        return _("The parcel is on its way back. If it is lost from now on, the merchant bears it, not you.")
    if order.state == State.PAID and order.is_short:
        return _("It leaves in time for your first day. Until it is shipped you may cancel here, with everything back.")
    return EXPLANATIONS[order.state]


def _headline(order: Order, waits: bool, parcels: list[Parcel], asked: list[ShownDemand], held: bool) -> Text:
    if held and order.state == State.PAID:
        return _("Paid. A person looks at it first")
    if order.state == State.PLACED and any(each.is_yours for each in asked):
        return _("Your order waits for you")
    if order.received_at is None and order.state in (*GOING_BACK, State.COMPLETED):
        defect = order.reason == defects.DEFECT
        return _("The lease did not begin: a defect was reported") if defect else _("The parcel was turned back")
    was_used = order.state == State.SETTLING and order.lease.deposit.deductions.exists()
    if order.state in GOING_BACK and order.lease.deposit.to_hold and not was_used:
        deposit = yuan(order.lease.deposit.to_hold)
        if order.state != State.RETURNING or _is_on_its_way(parcels):
            return gettext("Your deposit of %(deposit)s is untouched") % {"deposit": deposit}
    if not waits or order.state != State.APPROVED or order.agreement is None:
        return HEADLINES[order.state]
    is_signing = order.agreement.state == Agreement.State.SIGNING
    return _("Both signatures are being made") if is_signing else _("Approved. The agreement is being prepared")


def _never_began(order: Order, parcels: list[Parcel]) -> Text:
    if order.state == State.COMPLETED:
        return _("Everything that you paid goes back, and what was frozen is released.")
    if turned_back.may_keep(order):
        return _("Send the device back and enter its waybill here. If you do not, it counts as received after 7 days.")
    return _("Once the merchant has it and looked at it, everything that you paid or froze goes back. You owe no rent.")


def _is_on_its_way(parcels: list[Parcel]) -> bool:
    return any(parcel.way == Parcel.Way.BACK for parcel in parcels)


def _owed(order: Order, on: date) -> Owed | None:
    due = [view for view in statements.statement(order.lease, on) if view.owed_now and view.condition in DUE]
    if not due:
        return None
    numbers = "-".join(str(view.bill.number) for view in due)
    return Owed(money.total(view.owed_now for view in due), numbers, len(due))


def _checkout_step(order: Order) -> int:
    """The place in the four steps from filling in to receipt; 0 once they are behind or the order is closed."""
    places = {State.PLACED: 1, State.APPROVED: 2, State.SIGNED: 3, State.PAID: 4, State.SHIPPED: 4}
    return places.get(State(order.state), 0)


def _beside(order: Order) -> Beside | None:
    """Counted where the order was read."""
    count: int = getattr(order, "beside", 0)
    return Beside(count, reverse("storefront:placed", args=[order.checkout.number])) if count else None


def waits_for_machine(order: Order) -> bool:
    """Something happens by itself within seconds, so the page looks again."""
    if order.state == State.PLACED:
        return order.decision is None or order.decision.outcome != Outcome.REFER
    preparing = (Agreement.State.DRAFTED, Agreement.State.SIGNING)
    return order.state == State.APPROVED and order.agreement is not None and order.agreement.state in preparing


def _given_back(order: Order) -> list[GivenBack]:
    """Refunds and releases of this order, whatever became of them."""
    lease = order.lease_id
    mine = Q(payment__items__bill__lease=lease) | Q(deposit__lease=lease)
    refunds = Refund.objects.filter(mine).distinct().order_by("id")
    releases = DepositRelease.objects.filter(freeze__deposit__lease=lease).order_by("id")
    return [
        *(_moved(_("Refund"), row, row.state == Refund.State.SUCCEEDED) for row in refunds),
        *(_moved(_("Release of the deposit"), row, row.state == DepositRelease.State.SUCCEEDED) for row in releases),
    ]


def _moved(word: Text, row: Refund | DepositRelease, done: bool) -> GivenBack:
    return GivenBack(word, row.amount, row.get_state_display(), "ok" if done else "wait")


def _facts(order: Order, name: str, on: date) -> list[tuple[Text, Any]]:
    if name == "confirm":
        return _what_starts(order, on)
    if name in ("fault-send", "send-found"):
        return [*_where_to(order), _label(order)]
    return _how_to_return(order, name) if name in GOES_BACK else []


def _what_starts(order: Order, on: date) -> list[tuple[Text, Any]]:
    """Receipt fixes every date: the term, and the day of the next rent."""
    if order.is_short:
        return [(_("The lease runs"), format_html("{} – {}", day(order.first_day), day(order.last_day)))]
    last = schedule.last_day(on, order.months)
    facts: list[tuple[Text, Any]] = [(_("The lease runs"), format_html("{} – {}", day(on), day(last)))]
    if order.months > 1:
        following = order.lease.bills.get(number=2)
        due = day(schedule.period(on, 2).first_day)
        facts.append(
            (_("Next bill"), format_html(gettext("{amount} on {day}"), amount=yuan(following.amount), day=due))
        )
    changed = day(on + timedelta(days=COOLING_OFF_DAYS))
    return [*facts, (_("Change your mind"), format_html(gettext("until {day}, for the days used"), day=changed))]


def _where_to(order: Order) -> list[tuple[Text, Any]]:
    merchant = order.merchant
    return [
        (_("Send it to"), f"{merchant.return_address} · {names.merchant(merchant)} {merchant.telephone}"),
        (_("Shipping cost"), labels.payer(order, to_merchant=True)),
    ]


def _label(order: Order) -> tuple[Text, Any]:
    href = reverse("storefront:order_label", args=[order.number])
    return _("Label"), format_html('<a class="link" href="{}">{}</a>', href, gettext("Print the label"))


def _how_to_return(order: Order, name: str) -> list[tuple[Text, Any]]:
    """What ends before its term has a day of its own, on which it lapses."""
    lease = order.lease
    facts = [*_where_to(order), *([_label(order)] if name == "hand-over" else [])]
    swapped = swaps.sent_by(order) if name == "hand-over" else None
    if swapped is not None:
        facts.append((_("Send it off by"), day(swapped)))
    elif order.waits_until is not None and name == "hand-over":
        facts.append((_("Send it off by"), moment(order.waits_until)))
    elif lease.last_day is not None and name == "return":
        window = LeaseTerms.from_json(lease.terms).return_window_days
        until = day(lease.last_day + timedelta(days=window))
        said = format_html(gettext("{day}; after that a day's rent is added each day"), day=until)
        facts.append((_("Send it off by"), said))
    return [
        *facts,
        (_("Inspection"), _("Within three working days of arrival; not made in time, it counts as in order")),
        (_("Deposit"), _deposit_stays(lease.deposit)),
    ]


def _deposit_stays(deposit: Deposit) -> str:
    if not deposit.to_hold:
        return gettext("Nothing is frozen; what was waived comes back to your quota")
    if deposit.kind == Deposit.Kind.PAID:
        said = gettext("%(amount)s is refunded within three working days of settlement")
        return said % {"amount": yuan(deposit.to_hold)}
    said = gettext("%(amount)s stays untouched and is released within three working days of settlement")
    return said % {"amount": yuan(deposit.to_hold)}
