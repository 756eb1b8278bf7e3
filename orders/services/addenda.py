"""Papers that follow an order's agreement: addenda, a buyout's title paper, a notice of the end; printed by a worker.

Parties and device are those of the signed agreement. Printing and signing run outside locks and are repeated from the
start after a crash; what is kept is kept once, by the paper's state.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from arrears.models import DemandLetter
from billing.rules.renewal import Further
from billing.rules.terms import FeeMode, LeaseTerms
from billing.services import statements
from billing.services.extensions import Preview
from billing.services.statements import BillView
from contracts.models import Agreement
from contracts.rules.addenda import Claim, ExtensionTerms, Instalment, NoticeTerms, RenewalTerms, TitleTerms
from contracts.services import agreements
from core import calendar, faults, money
from core.services import outbox
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Order
from orders.services import steps

TOLD = {Agreement.Kind.TITLE.value: "title_paper", Agreement.Kind.NOTICE.value: "termination_notice"}


def draft_renewal(order: Order, offer: Further, at: datetime) -> Agreement:
    """The addendum of a further term, to be printed and then signed by both."""
    rank = order.endings.filter(kind=Ending.Kind.RENEWAL).count() + 1
    terms = offer.after
    return _draft(
        order,
        RenewalTerms(
            number=f"{order.number}-R{rank}",
            agreed_on=calendar.business_date(at),
            months=offer.months,
            first_day=offer.first_day,
            last_day=offer.last_day,
            monthly_rent=terms.monthly_rent,
            cover_monthly=terms.cover_monthly,
            bills=tuple(Instalment(each.number, each.first_day, offer.monthly) for each in offer.periods),
            total=offer.total,
            deposit_held=order.lease.deposit.to_hold,
            price_before=offer.price_before,
            price_after=offer.price_after,
            **_common(order, at),
        ),
        at,
    )


def draft_extension(order: Order, shown: Preview, at: datetime) -> Agreement:
    """The addendum of an extension plan, to be printed and then signed by both."""
    rank = order.extension_offers.count() + 1
    owed = [
        Instalment(bill.number, bill.due_date, each.rent + each.cover)
        for bill, each in zip(shown.bills, shown.owed, strict=True)
        if bill.due_date is not None
    ]
    deal = LeaseTerms.from_json(order.lease.terms)
    parts = [Instalment(part.number, part.due_date, part.total) for part in shown.proposal.parts]
    terms = ExtensionTerms(
        number=f"{order.number}-E{rank}",
        agreed_on=calendar.business_date(at),
        bills=tuple(owed),
        late_fees=money.total(each.fee for each in shown.owed),
        fee=shown.proposal.agreed,
        parts=tuple(parts),
        total=shown.proposal.total,
        grace_days=deal.grace_days,
        is_retroactive=deal.late_fee_mode is FeeMode.RETROACTIVE,
        **_common(order, at),
    )
    return _draft(order, terms, at)


def draft_title(order: Order, price: Decimal, at: datetime) -> Agreement:
    """The paper that says whose the device is now; inside the transaction in which title passes."""
    paid = money.total(order.lease.bills.values_list("paid", flat=True))
    terms = TitleTerms(
        number=f"{order.number}-T",
        agreed_on=calendar.business_date(at),
        price=price,
        paid_in_all=paid,
        **_common(order, at),
    )
    return _draft(order, terms, at)


def draft_notice(order: Order, letter: DemandLetter, at: datetime) -> Agreement:
    """The notice that the lease has ended, with every bill that is open now; inside the transaction that ends it."""
    on = calendar.business_date(at)
    views = [view for view in statements.statement(order.lease, on) if view.owed_now]
    terms = NoticeTerms(
        number=f"{order.number}-N",
        agreed_on=on,
        letter=letter.number,
        letter_on=calendar.business_date(letter.issued_at),
        cure_until=letter.cure_until,
        claims=tuple(_claim(view) for view in views),
        total=money.total(view.owed_now for view in views),
        credit=statements.credit_balance(order.customer),
        signed_value=LeaseTerms.from_json(order.lease.terms).signed_value,
        telephone=order.merchant.telephone,
        **_common(order, at),
    )
    return _draft(order, terms, at)


def make(agreement_id: int, at: datetime) -> None:
    """A worker's act (topic paper.drafted): print it, sign what the lessor signs alone; repeating changes nothing."""
    agreements.present(agreement_id, at)
    paper = Agreement.objects.select_related("ending__order__customer__user").get(pk=agreement_id)
    if paper.kind in agreements.ALONE:
        _seal_alone(paper, at)
    elif paper.kind == Agreement.Kind.EXTENSION:
        _tell_plan(paper, at)
    elif paper.state == Agreement.State.READY:
        with transaction.atomic():
            tell(paper.ending, "renewal_ready", "ready", at)


def tell(ending: Ending, template: str, step: str, at: datetime, **figures: str) -> None:
    """Say it to the customer, once for the step."""
    order = ending.order
    messages.inform(
        order.customer.user,
        template,
        {"order": order.number, **figures},
        step=f"ending:{ending.pk}:{step}",
        at=at,
        link=f"/leases/{order.number}/",
    )


def _tell_plan(paper: Agreement, at: datetime) -> None:
    """The plan can be read; once, and not when it is over already."""
    made = paper.extension
    if paper.state == Agreement.State.READY:
        figures = {"amount": str(made.total), "parts": str(made.parts)}
        figures |= {"lease": made.order.number, "day": calendar.business_date(made.valid_until).isoformat()}
        messages.inform(
            made.order.customer.user, "extension_ready", figures, step=f"offer:{made.pk}:ready", at=at,
            link=f"/orders/{made.order.number}/extension/",
        )  # fmt: skip


def _seal_alone(paper: Agreement, at: datetime) -> None:
    signed = agreements.make_signatures(paper.pk, at)
    if signed is None:
        return
    faults.point("paper.signed")
    with transaction.atomic():
        steps.lock(paper.ending.order_id)
        if not agreements.is_signed(paper.pk):
            agreements.seal(paper.pk, signed, at)
            tell(paper.ending, TOLD[paper.kind], "paper", at)


def _claim(view: BillView) -> Claim:
    assert view.bill.due_date is not None  # of a lease that began
    return Claim(view.bill.number, view.bill.kind, view.bill.due_date, view.owed_now - view.fee_owed, view.fee_owed)


def _draft(order: Order, terms: RenewalTerms | ExtensionTerms | TitleTerms | NoticeTerms, at: datetime) -> Agreement:
    paper = agreements.draft(terms, order.customer, order.merchant, at)
    outbox.put("paper.drafted", agreement_id=paper.pk)
    return paper


def _common(order: Order, at: datetime) -> dict[str, Any]:
    """What every paper repeats of the agreement that it follows."""
    assert order.agreement is not None  # on lease
    assert order.unit is not None
    agreed = agreements.terms_of(order.agreement, PLATFORM, "addendum", at)
    signed = agreements.signed(order.agreement)
    assert signed is not None
    return {
        "languages": agreed.languages,
        "platform": agreed.platform,
        "lessor": agreed.lessor,
        "lessee": agreed.lessee,
        "agreement": agreed.number,
        "agreement_sha256": signed.sha256,
        "device": f"{agreed.device.model} {agreed.device.specification}",
        "serial": order.unit.serial,
    }
