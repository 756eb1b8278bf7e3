"""From the agreement's draft to two signatures. Rendering and signing are slow: they run in a worker, outside locks."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import codes
from billing.services import leases
from contracts.models import Agreement
from contracts.services import agreements
from core import faults
from core.errors import DomainError
from core.services import outbox
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Order, State
from orders.services import lease_terms, steps, terms


class PaperRenewed(DomainError):
    code = "paper_renewed"
    message = _(
        "The legal cap fell since this agreement was made. A new one with a lower late fee is being prepared:"
        " please read that one."
    )


def draft(order: Order, at: datetime) -> None:
    """Its agreement, on the terms of its lease as they are lawful on that day; so the paper states what runs.

    Inside the transaction that holds the order's lock. LendingRateMissing; what `terms.of` refuses.
    """
    lease_terms.keep_lawful(order, at)
    order.agreement = agreements.draft(terms.of(order, at), order.customer, order.merchant, at)
    order.save(update_fields=["agreement"])
    outbox.put("agreement.drafted", order_id=order.pk)


def present(order_id: int, at: datetime) -> None:
    """Render the agreement so that the customer can read it. Repeating it changes nothing."""
    order = Order.objects.select_related("customer__user", "agreement").get(pk=order_id)
    assert order.agreement is not None
    if not agreements.present(order.agreement.pk, at):
        return
    with transaction.atomic():
        messages.inform(
            order.customer.user,
            "agreement_ready",
            {"order": order.number},
            step=f"order:{order.pk}:agreement{order.agreement.number.removeprefix(order.number)}",
            at=at,
            link=f"/orders/{order.number}/agreement/",
        )


def request_code(order: Order, at: datetime) -> None:
    """Send the six digits that sign exactly this document and no other. PaperRenewed."""
    steps.require(order, "sign")
    _require_lawful(order, at)
    agreement = _agreement(order)
    phone = order.customer.user.phone
    codes.request(
        phone.open(by=PLATFORM, purpose="signing code", at=at),
        agreements.code_purpose(agreement),
        language=order.customer.user.language,
        at=at,
        user=order.customer.user,
    )


def intend(order_id: int, confirmed: Collection[str], code: str, facts: dict[str, str], at: datetime) -> Order:
    """The customer's will to sign: every key term confirmed and the code for this document entered.

    `facts` (address, browser) go into the evidence. Safe to repeat once it is SIGNING. PaperRenewed.
    """
    order = Order.objects.select_related("customer__user", "agreement").get(pk=order_id)
    agreement = _agreement(order)
    if agreement.state in (Agreement.State.SIGNING, Agreement.State.SIGNED):
        return order
    steps.require_trusted(order.customer)
    _require_lawful(order, at)
    confirmed = agreements.require_confirmed(agreement, confirmed, at)
    phone = order.customer.user.phone.open(by=PLATFORM, purpose="signing code", at=at)
    try:
        codes.check(phone, agreements.code_purpose(agreement), code, at)
    except codes.CodeUsed:
        if not agreements.is_willed(agreement.pk):
            raise
        return order  # the other of two clicks was quicker
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "sign")
        agreements.intend(agreement.pk, confirmed, facts, at)
        outbox.put("agreement.intended", order_id=order.pk)
    return order


def complete(order_id: int, at: datetime) -> None:
    """Make both signatures and step the order. A worker's act; a killed one is repeated from the start."""
    order = Order.objects.get(pk=order_id)
    assert order.agreement_id is not None
    signed = agreements.make_signatures(order.agreement_id, at)
    if signed is None:
        return
    faults.point("agreement.signed")
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.APPROVED or order.agreement_id is None:
            return
        agreements.seal(order.agreement_id, signed, at)
        leases.freeze_amounts(order.lease_id, at)
        steps.take(order, "sign", at, at=at, actor=f"customer:{order.customer_id}")
    # a deposit that is waived whole still waits for bill 1: nothing to step here


def _require_lawful(order: Order, at: datetime) -> None:
    """PaperRenewed where the lending rate fell since the paper was drafted; the new draft is kept."""
    if lease_terms.is_lawful(order, at):
        return
    with transaction.atomic():
        order = steps.lock(order.pk)
        steps.require(order, "sign")
        if order.agreement_id is None or agreements.is_willed(order.agreement_id):
            raise steps.StepNotPossible(state=order.get_state_display())
        if not lease_terms.is_lawful(order, at):  # else the other of two clicks was quicker
            agreements.void(order.agreement_id)
            draft(order, at)
    raise PaperRenewed


def _agreement(order: Order) -> Agreement:
    if order.agreement is None:
        raise steps.StepNotPossible(state=order.get_state_display())
    return order.agreement
