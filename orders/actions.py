"""The one table of what each actor may do with an order: label, form, service. Every face draws and runs its buttons
from here (house.md, State transitions are written once)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Bill
from billing.services import holding
from billing.services.offline import Receipt
from billing.services.reductions import Wish
from core import calendar
from orders.action_forms import (
    DeductionForm,
    DemandForm,
    InspectionForm,
    NoForm,
    ReasonForm,
    ReceivedForm,
    ReductionForm,
    ShippingForm,
    WaiveForm,
    WaybillForm,
)
from orders.models import Order, Parcel, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import (
    answers,
    approvals,
    cancellations,
    demands,
    deposit_deductions,
    inspections,
    offline,
    receipts,
    reductions,
    returns,
    risks,
    shipping,
)

CUSTOMER, MERCHANT, OPERATOR = "customer", "merchant", "operator"
TAKES_MONEY = (State.SIGNED, State.ACTIVE, State.RETURNING, State.INSPECTING, State.SETTLING)
PREFIX = {CUSTOMER: "", MERCHANT: "/portal", OPERATOR: "/desk"}
Run = Callable[[Order, User, dict[str, Any], datetime], Any]


def _always(order: Order, at: datetime) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One row: who, when, and what it runs. `run` is None where the step has a page of its own (agreement, paying)."""

    face: str
    name: str
    label: str | Promise
    states: tuple[str, ...]
    run: Run | None = None
    form: type[forms.Form] = NoForm
    primary: bool = False
    when: Callable[[Order, datetime], bool] = field(default=_always)
    hint: str | Promise = ""

    def open_for(self, order: Order, at: datetime) -> bool:
        return order.state in self.states and self.when(order, at)

    def url(self, order: Order) -> str:
        return f"{PREFIX[self.face]}/orders/{order.number}/{self.name}/"


@dataclass(frozen=True)
class Offered:
    """An action as a button of one order."""

    name: str
    label: str | Promise
    url: str
    primary: bool


def offered(face: str, order: Order, at: datetime) -> list[Offered]:
    """The buttons of `face` for this order now, the primary one first."""
    rows = [a for a in ACTIONS if a.face == face and a.open_for(order, at)]
    return [Offered(a.name, a.label, a.url(order), a.primary) for a in sorted(rows, key=lambda a: not a.primary)]


def for_customer(order: Order, at: datetime) -> list[Offered]:
    return offered(CUSTOMER, order, at)


def find(face: str, name: str) -> Action | None:
    """The row that a page runs; None for a name that this face does not have."""
    return next((a for a in ACTIONS if a.face == face and a.name == name and a.run), None)


def _customer(user: User) -> str:
    return f"customer:{user.customer.pk}"


def _merchant(user: User) -> str:
    return f"merchant:{user.pk}"


def _operator(user: User) -> str:
    return f"operator:{user.pk}"


def _may_cancel(order: Order, at: datetime) -> bool:
    first = cancellations.may_cancel_from(order)
    return first is None or at >= first


def _may_return(order: Order, at: datetime) -> bool:
    first = returns.opens_on(order)
    return first is not None and calendar.business_date(at) >= first


def _is_waiting_for_waybill(order: Order, at: datetime) -> bool:
    return not order.parcels.filter(way=Parcel.Way.BACK, void_at=None).exists()


def _is_under_way(order: Order, at: datetime) -> bool:
    return order.parcels.filter(way=Parcel.Way.OUT, delivered_at=None).exists()


def _is_held_and_owed(order: Order, at: datetime) -> bool:
    return _is_owed(order, at) and bool(holding.held(order.lease.deposit))


def _is_held(order: Order, at: datetime) -> bool:
    return demands.is_held(order)


def _is_free(order: Order, at: datetime) -> bool:
    return not _is_held(order, at)


def _may_ship(order: Order, at: datetime) -> bool:
    return _is_free(order, at) and not _is_looked_at(order, at)


def _is_looked_at(order: Order, at: datetime) -> bool:
    return risks.is_held(order)


def _is_owed(order: Order, at: datetime) -> bool:
    return order.lease.bills.filter(state=Bill.State.OPEN).exists()


ACTIONS = [
    Action(CUSTOMER, "agreement", _("Read and sign"), (State.APPROVED,), primary=True),
    Action(CUSTOMER, "pay", _("Pay rent and deposit"), (State.SIGNED,), primary=True),
    Action(
        CUSTOMER,
        "confirm",
        _("I have received it"),
        (State.SHIPPED,),
        lambda order, user, form, at: receipts.confirm(order.pk, _customer(user), at),
        primary=True,
        hint=_("The lease starts today; look at the device first."),
    ),
    Action(
        CUSTOMER,
        "return",
        _("Send it back"),
        (State.ACTIVE,),
        lambda order, user, form, at: returns.open_return(order.pk, _customer(user), at),
        when=_may_return,
        hint=_("Bills until the last day stay owed. You can withdraw until the parcel is handed over."),
    ),
    Action(
        CUSTOMER,
        "hand-over",
        _("Enter the waybill"),
        (State.RETURNING,),
        lambda order, user, form, at: returns.hand_over(
            order.pk, _customer(user), form["carrier"], form["waybill"], at
        ),
        WaybillForm,
        primary=True,
        when=_is_waiting_for_waybill,
    ),
    Action(
        CUSTOMER,
        "withdraw",
        _("Keep renting"),
        (State.RETURNING,),
        lambda order, user, form, at: returns.withdraw(order.pk, _customer(user), at),
        when=_is_waiting_for_waybill,
    ),
    Action(
        CUSTOMER,
        "cancel",
        _("Cancel the order"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: cancellations.cancel(order.pk, _customer(user), "by_customer", at),
        when=_may_cancel,
        hint=_("Everything that you paid is refunded and everything frozen is released."),
    ),
    Action(
        MERCHANT,
        "ship",
        _("Ship"),
        (State.PAID,),
        lambda order, user, form, at: shipping.ship(
            order.pk, _merchant(user), form["code"], form["carrier"], form["waybill"], at
        ),
        ShippingForm,
        primary=True,
        when=_may_ship,
    ),
    Action(
        MERCHANT,
        "arrive",
        _("The parcel has arrived"),
        (State.RETURNING,),
        lambda order, user, form, at: inspections.arrive(order.pk, _merchant(user), at),
        primary=True,
    ),
    Action(
        MERCHANT,
        "pass",
        _("Inspected: in order"),
        (State.INSPECTING,),
        lambda order, user, form, at: inspections.pass_device(order.pk, user, **form, at=at),
        InspectionForm,
        primary=True,
    ),
    Action(
        MERCHANT,
        "cancel",
        _("Cancel the order"),
        (State.PAID,),
        lambda order, user, form, at: cancellations.cancel(order.pk, _merchant(user), form["reason"], at),
        ReasonForm,
        hint=_("The customer gets everything back."),
    ),
    Action(
        OPERATOR,
        "approve",
        _("Approve"),
        (State.PLACED,),
        lambda order, user, form, at: approvals.approve(order.pk, _operator(user), at),
        primary=True,
        when=_is_free,
    ),
    Action(
        OPERATOR,
        "demand",
        _("Ask for something"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: demands.raise_(
            order.pk, form["kind"], form["wanted"], form["grounds"], _operator(user), at
        ),
        DemandForm,
        hint=_("The order stands still until it is there. After the approval only a visit can be asked for."),
    ),
    Action(
        OPERATOR,
        "waive",
        _("Do without what was asked"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: answers.waive(order.pk, form["kind"], form["grounds"], _operator(user), at),
        WaiveForm,
        when=_is_held,
    ),
    Action(
        OPERATOR,
        "refuse",
        _("Refuse"),
        (State.PLACED,),
        lambda order, user, form, at: approvals.refuse(order.pk, _operator(user), form["reason"], at),
        ReasonForm,
    ),
    Action(
        OPERATOR,
        "release",
        _("It may be shipped"),
        (State.PAID,),
        lambda order, user, form, at: approvals.release(order.pk, _operator(user), form["reason"], at),
        ReasonForm,
        primary=True,
        when=_is_looked_at,
        hint=_("The merchant ships next. To give everything back instead, cancel the order."),
    ),
    Action(
        OPERATOR,
        "delivered",
        _("The carrier delivered"),
        (State.SHIPPED,),
        lambda order, user, form, at: shipping.record_delivery(order.pk, _operator(user), at),
        when=_is_under_way,
    ),
    Action(
        OPERATOR,
        "received",
        _("Record money received"),
        TAKES_MONEY,
        lambda order, user, form, at: offline.record(order, form.pop("bills"), Receipt(**form), _operator(user), at),
        ReceivedForm,
        when=_is_owed,
        hint=_("By bank transfer or in cash. Only what has arrived; it cannot be taken back here."),
    ),
    Action(
        OPERATOR,
        "deduct",
        _("Use the deposit"),
        (State.SETTLING,),
        lambda order, user, form, at: deposit_deductions.propose(order, **form, actor=_operator(user), at=at),
        DeductionForm,
        when=_is_held_and_owed,
        hint=_("A second person decides. The customer hears of it now and can still pay."),
    ),
    Action(
        OPERATOR,
        "reduce",
        _("Reduce a bill"),
        TAKES_MONEY,
        lambda order, user, form, at: reductions.give(order, Wish(order.lease.number, **form), _operator(user), at),
        ReductionForm,
        when=_is_owed,
        hint=_("Only what is still open. It counts from today on, and the merchant gets less by it."),
    ),
    Action(
        OPERATOR,
        "cancel",
        _("Cancel the order"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: cancellations.cancel(order.pk, _operator(user), form["reason"], at),
        ReasonForm,
        hint=_("The customer gets everything back."),
    ),
]
