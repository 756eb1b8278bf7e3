"""What the merchant may do with an order."""

from django.utils.translation import gettext_lazy as _

from orders.action_forms import ActivationForm, AnswerFaultForm, BackForm, InspectionForm, ReasonForm, ShippingForm
from orders.actions import actors, moments
from orders.actions.action import MERCHANT, Action
from orders.models import State
from orders.services import (
    activations,
    aftersales,
    cancellations,
    inspections,
    losses,
    retrievals,
    shipping,
)

ROWS = [
    Action(
        MERCHANT,
        "ship",
        _("Ship"),
        (State.PAID,),
        lambda order, user, form, at: shipping.ship(
            order.pk, actors.merchant(user), form["code"], form["carrier"], form["waybill"], at
        ),
        ShippingForm,
        primary=True,
        when=moments.may_ship,
    ),
    Action(
        MERCHANT,
        "activation",
        _("Report whether it was switched on"),
        (State.ACTIVE,),
        lambda order, user, form, at: activations.report(
            order.pk, form["source"], actors.merchant(user), at, activated=form["activated"]
        ),
        ActivationForm,
        when=moments.may_be_switched_on,
        hint=_("This lease runs on. Where a rule says so, a person looks at the customer's next order first."),
    ),
    Action(
        MERCHANT,
        "arrive",
        _("The parcel has arrived"),
        (State.RETURNING,),
        lambda order, user, form, at: inspections.arrive(order.pk, actors.merchant(user), at),
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
        when=moments.is_unclaimed,
    ),
    Action(
        MERCHANT,
        "locked",
        _("Still locked to an account"),
        (State.INSPECTING,),
        lambda order, user, form, at: inspections.report_lock(order.pk, user, at),
        when=moments.is_never_locked,
        hint=_("The customer is told how to remove the lock from afar. Your three working days begin anew after it."),
    ),
    Action(
        MERCHANT,
        "found",
        _("The device is there again"),
        (State.SETTLING,),
        lambda order, user, form, at: losses.find(order.pk, actors.merchant(user), at),
        when=moments.is_given_up,
        hint=_("Its value is no longer owed; the order goes on as a return."),
    ),
    Action(
        MERCHANT,
        "found-arrived",
        _("The found device has arrived"),
        (State.COMPLETED,),
        lambda order, user, form, at: retrievals.arrive(order.pk, actors.merchant(user), at),
        primary=True,
        when=moments.is_retrieved,
        hint=_("It is this device: what was paid for it less day rent goes back, and it stands on your shelf again."),
    ),
    Action(
        MERCHANT,
        "fault-repair",
        _("Repair it"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.accept(order.pk, "REPAIR", actors.merchant(user), at),
        primary=True,
        when=moments.has_fault("REPORTED"),
        hint=_("The customer sends it in within seven days; you have fourteen days from its arrival."),
    ),
    Action(
        MERCHANT,
        "fault-exchange",
        _("Exchange it"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.accept(order.pk, "EXCHANGE", actors.merchant(user), at),
        when=moments.has_fault("REPORTED"),
        hint=_("Another unit of the same model; the faulty one comes back first and is rented to nobody again."),
    ),
    Action(
        MERCHANT,
        "fault-decline",
        _("Decline it"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.decline(order.pk, form["answer"], actors.merchant(user), at),
        AnswerFaultForm,
        when=moments.has_fault("REPORTED"),
        hint=_("The customer reads the reason."),
    ),
    Action(
        MERCHANT,
        "fault-arrived",
        _("The faulty device has arrived"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.arrive(order.pk, actors.merchant(user), at),
        primary=True,
        when=moments.has_fault("SENT"),
    ),
    Action(
        MERCHANT,
        "fault-back",
        _("Send it back to the customer"),
        (State.ACTIVE,),
        lambda order, user, form, at: aftersales.send_back(
            order.pk, form["code"], form["carrier"], form["waybill"], actors.merchant(user), at
        ),
        BackForm,
        primary=True,
        when=moments.has_fault("ARRIVED"),
    ),
    Action(MERCHANT, "claim", _("Damage found"), (State.INSPECTING,), when=moments.may_claim),
    Action(
        MERCHANT,
        "claim",
        _("See the damage claim"),
        (State.INSPECTING, State.SETTLING, State.COMPLETED, State.WRITTEN_OFF),
        when=moments.is_claimed,
    ),
    Action(
        MERCHANT,
        "cancel",
        _("Cancel the order"),
        (State.PAID,),
        lambda order, user, form, at: cancellations.cancel(order.pk, actors.merchant(user), form["reason"], at),
        ReasonForm,
        hint=_("The customer gets everything back."),
    ),
]
