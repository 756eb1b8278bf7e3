"""What the customer may do with an order."""

from django.utils.translation import gettext_lazy as _

from orders.action_forms import AskForm, DefectForm, ReceiptForm, ReportGoneForm, ShownForm, WaybillForm
from orders.actions import actors, moments
from orders.actions.action import CUSTOMER, Action
from orders.models import State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import (
    buyouts,
    cancellations,
    early_returns,
    losses,
    receipts,
    renewals,
    returns,
    review_requests,
    swaps,
    turned_back,
)

ROWS = [
    Action(CUSTOMER, "agreement", _("Read and sign"), (State.APPROVED,), primary=True),
    Action(CUSTOMER, "pay", _("Pay rent and deposit"), (State.SIGNED,), primary=True),
    Action(
        CUSTOMER,
        "confirm",
        _("I have received it"),
        (State.SHIPPED,),
        lambda order, user, form, at: receipts.confirm(order.pk, actors.customer(user), at, form["seen"]),
        ReceiptForm,
        primary=True,
        hint=_("The lease starts today; look at the device first."),
    ),
    Action(
        CUSTOMER,
        "defect",
        _("Something is wrong with it"),
        (State.SHIPPED,),
        lambda order, user, form, at: turned_back.report_defect(
            order.pk, actors.customer(user), form["points"], form["words"], at
        ),
        DefectForm,
        hint=_("The lease does not begin. You send the device back, and everything that you paid or froze goes back."),
    ),
    Action(
        CUSTOMER,
        "keep",
        _("Keep it after all"),
        (State.RETURNING,),
        lambda order, user, form, at: turned_back.keep(order.pk, actors.customer(user), at),
        when=moments.may_keep,
        hint=_("The lease starts today."),
    ),
    Action(
        CUSTOMER,
        "return",
        _("Send it back"),
        (State.ACTIVE,),
        lambda order, user, form, at: returns.open_return(order.pk, actors.customer(user), at),
        when=moments.may_return,
        hint=_("Bills until the last day stay owed. You can withdraw until the parcel is handed over."),
    ),
    Action(
        CUSTOMER,
        "buy",
        _("Buy it"),
        (State.ACTIVE,),
        lambda order, user, form, at: buyouts.open(order.pk, actors.customer(user), at, form["shown"]),
        ShownForm,
        when=moments.may_buy,
        hint=_("The price holds until midnight. Nothing is charged yet: you pay on the next page."),
        is_way_out=True,
    ),
    Action(
        CUSTOMER,
        "do-not-buy",
        _("Do not buy it"),
        (State.ACTIVE,),
        lambda order, user, form, at: buyouts.withdraw(order.pk, actors.customer(user), at),
        when=moments.has_offer,
        hint=_("The offer is withdrawn and you go on renting as before."),
        is_way_out=True,
    ),
    Action(
        CUSTOMER,
        "return-early",
        _("Send it back early"),
        (State.ACTIVE,),
        lambda order, user, form, at: early_returns.open(order.pk, actors.customer(user), at, form["shown"]),
        ShownForm,
        when=moments.may_return_early,
        hint=_("The day on which the carrier takes the parcel decides. You can withdraw until then."),
        is_way_out=True,
    ),
    Action(CUSTOMER, "swap", _("Swap it"), (State.ACTIVE,), when=moments.may_swap, is_way_out=True),
    Action(
        CUSTOMER,
        "do-not-swap",
        _("Keep this device"),
        (State.ACTIVE,),
        lambda order, user, form, at: cancellations.cancel(
            swaps.to_call_off(order), actors.customer(user), "by_customer", at
        ),
        when=moments.may_call_off_swap,
        hint=_("The order of the other device is cancelled with everything back. This lease goes on as it was."),
        is_way_out=True,
    ),
    Action(CUSTOMER, "renew", _("Rent on"), (State.ACTIVE,), when=moments.may_renew, is_way_out=True),
    Action(
        CUSTOMER,
        "do-not-renew",
        _("Take the renewal back"),
        (State.ACTIVE,),
        lambda order, user, form, at: renewals.withdraw(order.pk, actors.customer(user), at),
        when=moments.has_renewal,
        hint=_("It costs nothing. The lease ends on its last day, as it was agreed."),
        is_way_out=True,
    ),
    Action(
        CUSTOMER,
        "hand-over",
        _("Enter the waybill"),
        (State.RETURNING,),
        lambda order, user, form, at: returns.hand_over(
            order.pk, actors.customer(user), form["carrier"], form["waybill"], at
        ),
        WaybillForm,
        primary=True,
        when=moments.is_waiting_for_waybill,
    ),
    Action(
        CUSTOMER,
        "withdraw",
        _("Keep renting"),
        (State.RETURNING,),
        lambda order, user, form, at: returns.withdraw(order.pk, actors.customer(user), at),
        when=moments.may_withdraw,
    ),
    Action(
        CUSTOMER,
        "lost",
        _("It is lost or stolen"),
        (State.ACTIVE, State.RETURNING),
        lambda order, user, form, at: losses.report(
            order.pk, actors.customer(user), form["how"], form["story"], form["police"], at, form["shown"]
        ),
        ReportGoneForm,
        when=moments.is_with_customer,
        hint=_("You owe what the device is worth today, once, and no later rent. Found again, you owe that no more."),
    ),
    Action(
        CUSTOMER,
        "found",
        _("It is there again"),
        (State.SETTLING,),
        lambda order, user, form, at: losses.find(order.pk, actors.customer(user), at),
        primary=True,
        when=moments.is_given_up,
        hint=_("Its value is no longer owed. You send it back; until a carrier has it the days cost day rent."),
    ),
    Action(
        CUSTOMER,
        "inspection",
        _("See the inspection"),
        (State.INSPECTING, State.SETTLING, State.COMPLETED, State.WRITTEN_OFF),
        primary=True,
        when=moments.is_inspected,
    ),
    Action(
        CUSTOMER,
        "cancel",
        _("Cancel the order"),
        tuple(BEFORE_SHIPPING),
        lambda order, user, form, at: cancellations.cancel(order.pk, actors.customer(user), "by_customer", at),
        when=moments.may_cancel,
        hint=_("Everything that you paid is refunded and everything frozen is released."),
    ),
    Action(
        CUSTOMER,
        "ask-a-person",
        _("Ask for a person"),
        (State.REFUSED, State.CANCELLED),
        lambda order, user, form, at: review_requests.ask(order.pk, form["text"], actors.customer(user), at),
        AskForm,
        primary=True,
        when=moments.may_ask_for_a_person,
        hint=_("A person reads it and answers within 24 hours, on the order's page and by message. Once per order."),
    ),
]
