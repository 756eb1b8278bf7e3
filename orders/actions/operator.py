"""What an operator may do with an order."""

from django.utils.translation import gettext_lazy as _

from billing.services.offline import Receipt
from billing.services.reductions import Wish
from orders.action_forms import (
    AnswerFaultForm,
    AnswerForm,
    DeductionForm,
    DemandForm,
    GoneForm,
    ReasonForm,
    ReceivedForm,
    ReductionForm,
    WaiveForm,
)
from orders.actions import actors, moments
from orders.actions.action import OPERATOR, Action
from orders.models import State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import (
    aftersales,
    answers,
    approvals,
    cancellations,
    demands,
    deposit_deductions,
    extensions,
    losses,
    offline,
    reductions,
    review_requests,
    shipping,
    turned_back,
)

TAKES_MONEY = (State.SIGNED, State.ACTIVE, State.RETURNING, State.INSPECTING, State.SETTLING)

ROWS = [
    Action(
        OPERATOR,
        "approve",
        _("Approve"),
        (State.PLACED,),
        lambda order, user, form, at: approvals.approve(order.pk, actors.operator(user), at),
        primary=True,
        when=moments.is_free,
    ),
    Action(
        OPERATOR,
        "demand",
        _("Ask for something"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: demands.raise_(
            order.pk, form["kind"], form["wanted"], form["grounds"], actors.operator(user), at
        ),
        DemandForm,
        hint=_("The order stands still until it is there. After the approval only a visit can be asked for."),
    ),
    Action(
        OPERATOR,
        "waive",
        _("Do without what was asked"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: answers.waive(order.pk, form["kind"], form["grounds"], actors.operator(user), at),
        WaiveForm,
        when=moments.is_held,
    ),
    Action(
        OPERATOR,
        "refuse",
        _("Refuse"),
        (State.PLACED,),
        lambda order, user, form, at: approvals.refuse(order.pk, actors.operator(user), form["reason"], at),
        ReasonForm,
    ),
    Action(
        OPERATOR,
        "release",
        _("It may be shipped"),
        (State.PAID,),
        lambda order, user, form, at: approvals.release(order.pk, actors.operator(user), form["reason"], at),
        ReasonForm,
        primary=True,
        when=moments.is_looked_at,
        hint=_("The merchant ships next. To give everything back instead, cancel the order."),
    ),
    Action(
        OPERATOR,
        "delivered",
        _("The carrier delivered"),
        (State.SHIPPED,),
        lambda order, user, form, at: shipping.record_delivery(order.pk, actors.operator(user), at),
        when=moments.is_under_way,
    ),
    Action(
        OPERATOR,
        "turned-back",
        _("The parcel is turned back"),
        (State.SHIPPED,),
        lambda order, user, form, at: turned_back.turn_back(order.pk, actors.operator(user), at),
        when=moments.is_under_way,
        hint=_("It goes back to the merchant. Once it is there the customer gets everything back."),
    ),
    Action(
        OPERATOR,
        "fault-repair",
        _("Repair it"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.accept(order.pk, "REPAIR", actors.operator(user), at),
        primary=True,
        when=moments.has_fault("AT_DESK"),
        hint=_("The customer sends it in within seven days; the merchant has fourteen days from its arrival."),
    ),
    Action(
        OPERATOR,
        "fault-exchange",
        _("Exchange it"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.accept(order.pk, "EXCHANGE", actors.operator(user), at),
        when=moments.has_fault("AT_DESK"),
        hint=_("Another unit of the same model; the faulty one comes back first and is rented to nobody again."),
    ),
    Action(
        OPERATOR,
        "fault-decline",
        _("Decline it"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.decline(order.pk, form["answer"], actors.operator(user), at),
        AnswerFaultForm,
        when=moments.has_fault("AT_DESK"),
        hint=_("The customer reads the reason."),
    ),
    Action(
        OPERATOR,
        "received",
        _("Record money received"),
        TAKES_MONEY,
        lambda order, user, form, at: offline.record(
            order, form.pop("bills"), Receipt(**form), actors.operator(user), at
        ),
        ReceivedForm,
        when=moments.is_owed,
        hint=_("By bank transfer or in cash. Only what has arrived; it cannot be taken back here."),
    ),
    Action(
        OPERATOR,
        "deduct",
        _("Use the deposit"),
        (State.SETTLING,),
        lambda order, user, form, at: deposit_deductions.propose(order, **form, actor=actors.operator(user), at=at),
        DeductionForm,
        when=moments.is_held_and_owed,
        hint=_("A second person decides. The customer hears of it now and can still pay."),
    ),
    Action(
        OPERATOR,
        "reduce",
        _("Reduce a bill"),
        TAKES_MONEY,
        lambda order, user, form, at: reductions.give(
            order, Wish(order.lease.number, **form), actors.operator(user), at
        ),
        ReductionForm,
        when=moments.is_owed,
        hint=_("Only what is still open. It counts from today on, and the merchant gets less by it."),
    ),
    Action(
        OPERATOR,
        "found",
        _("The device is there again"),
        (State.SETTLING,),
        lambda order, user, form, at: losses.find(order.pk, actors.operator(user), at),
        when=moments.is_given_up,
        hint=_("Its value is no longer owed; the order goes on as a return."),
    ),
    Action(
        OPERATOR,
        "lost",
        _("The customer reports it as gone"),
        (State.ACTIVE, State.RETURNING),
        lambda order, user, form, at: losses.report(
            order.pk, actors.operator(user), form["how"], form["story"], form["police"], at
        ),
        GoneForm,
        when=moments.is_with_customer,
        hint=_("The customer owes its value of today, once, and no later rent; the message says how much."),
    ),
    Action(
        OPERATOR,
        "cancel",
        _("Cancel the order"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: cancellations.cancel(order.pk, actors.operator(user), form["reason"], at),
        ReasonForm,
        hint=_("The customer gets everything back."),
    ),
    Action(
        OPERATOR,
        "allow",
        _("Take the refusal back"),
        (State.REFUSED, State.CANCELLED),
        lambda order, user, form, at: review_requests.allow(order.pk, form["answer"], actors.operator(user), at),
        AnswerForm,
        primary=True,
        when=moments.is_asked_for_a_person,
        hint=_("This order stays ended. For 30 days the same rules do not stop this customer's orders."),
    ),
    Action(
        OPERATOR,
        "uphold",
        _("The refusal stands"),
        (State.REFUSED, State.CANCELLED),
        lambda order, user, form, at: review_requests.uphold(order.pk, form["answer"], actors.operator(user), at),
        AnswerForm,
        when=moments.is_asked_for_a_person,
    ),
    Action(OPERATOR, "extension", _("Offer an extension plan"), (State.ACTIVE,), when=moments.may_offer_extension),
    Action(
        OPERATOR,
        "withdraw-extension",
        _("Take the extension offer back"),
        (State.ACTIVE,),
        lambda order, user, form, at: extensions.withdraw(order.pk, actors.operator(user), at),
        when=moments.has_extension_offer,
        hint=_("As long as it is not signed. The customer's bills stand as before."),
    ),
]
