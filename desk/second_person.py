"""What waits for a second person, in words: what exactly will be done, and the one service that does it.

The one table of all kinds. A new kind is one row: its name, its lines, its `carry_out`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from billing.models import Bill, Deposit, Payment, Reduction
from billing.rules.limits import Deed
from billing.services import captures, failed_refunds, holding, partial_refunds, reductions
from billing.services.failed_refunds import Transfer
from billing.services.partial_refunds import Wish
from core import calendar, canonical
from core.models import Approval
from core.services import approvals
from credit.models import HardStop, Scorecard
from credit.services import decisions, overrides, quota, scorecards, stops, tiers
from credit.services.overrides import Deed as CreditDeed
from credit.services.overrides import Override
from desk import cards, tables
from orders.consequences import PAYS, Consequence
from orders.models import LeaseRuleSet, RiskRule
from orders.services import deposit_deductions, lease_rules, offline, risk_rules, standstills, terminations, write_offs
from orders.services import reductions as order_reductions

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Told:
    """A request in words: what will happen, line by line, and where it belongs."""

    lines: list[Consequence]
    href: str


@dataclass(frozen=True, slots=True)
class Glance:
    """What it is about and how much money moves; read from the request alone."""

    place: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """`carry_out(approval_id, actor, at)` approves and acts in one transaction."""

    title: Text
    glance: Callable[[Approval], Glance]
    tell: Callable[[Approval], Told]
    carry_out: Callable[[int, str, datetime], Any]


class UnknownKind(approvals.ApprovalUnknown):
    """A kind that a later version of the platform asked for."""


def kind(asked: Approval) -> Kind:
    try:
        return KINDS[asked.kind]
    except KeyError as unknown:
        raise UnknownKind from unknown


def who(actor: str) -> str:
    """An operator's login; whoever else asked in a word."""
    role, _colon, pk = actor.partition(":")
    login = User.objects.filter(pk=pk).values_list("login", flat=True).first() if role == "operator" else None
    return login or actor


def _receipt_glance(asked: Approval) -> Glance:
    wish = canonical.decode(offline.Wish, asked.payload)
    return Glance(f"{wish.order} · {wish.reference}", wish.amount)


def _receipt(asked: Approval) -> Told:
    wish = canonical.decode(offline.Wish, asked.payload)
    numbers = ", ".join(map(str, wish.bills))
    lines = [
        Consequence(gettext("Counts as received for bills %(numbers)s") % {"numbers": numbers}, amount=wish.amount),
        Consequence(_("Late fees are counted to"), at=wish.received_at),
        Consequence(_("What is too much becomes the customer's credit. It cannot be taken back here.")),
    ]
    return Told(lines, reverse("desk:order", args=[wish.order]))


def _reduction_glance(asked: Approval) -> Glance:
    wish = canonical.decode(reductions.Wish, asked.payload)
    return Glance(gettext("lease %(number)s, bill %(bill)s") % {"number": wish.lease, "bill": wish.bill}, wish.amount)


def _reduction(asked: Approval) -> Told:
    wish = canonical.decode(reductions.Wish, asked.payload)
    bill = Bill.objects.select_related("lease__order").get(lease__number=wish.lease, number=wish.bill)
    open_now = reductions.most(bill, wish.part, calendar.business_date(asked.requested_at))
    part = Reduction.Of(wish.part).label
    lines = [
        Consequence(gettext("Taken off the bill: %(part)s") % {"part": part}, amount=wish.amount),
        Consequence(_("Of it open when it was asked for"), amount=open_now),
        Consequence(_("It counts from today on; the merchant gets less by it.")),
        Consequence(_("The customer reads the reason in a message.")),
    ]
    return Told(lines, reverse("desk:order", args=[bill.lease.order.number]))


def _deduction_glance(asked: Approval) -> Glance:
    wish = canonical.decode(captures.Wish, asked.payload)
    return Glance(gettext("lease %(number)s") % {"number": wish.lease}, wish.most)


def _deduction(asked: Approval) -> Told:
    wish = canonical.decode(captures.Wish, asked.payload)
    deposit = Deposit.objects.select_related("lease__order").get(lease__number=wish.lease)
    lines = [
        Consequence(_("Kept of the deposit at most; not more than is owed when it is carried out"), amount=wish.most),
        Consequence(_("Held as deposit now"), amount=holding.held(deposit)),
        Consequence(PAYS),
        Consequence(_("The customer was told of it when it was asked for.")),
    ]
    return Told(lines, reverse("desk:order", args=[deposit.lease.order.number]))


def _termination_glance(asked: Approval) -> Glance:
    wish = canonical.decode(terminations.Wish, asked.payload)
    return Glance(gettext("lease %(number)s") % {"number": wish.order}, wish.most)


def _termination(asked: Approval) -> Told:
    wish = canonical.decode(terminations.Wish, asked.payload)
    lines = [
        Consequence(gettext("The lease ends, after the demand letter %(letter)s") % {"letter": wish.letter}),
        Consequence(_("Owed for the device at most; less if it is worth less on that day"), amount=wish.most),
        Consequence(_("Not before; until then the customer may pay, send it back or buy it"), on=wish.not_before),
        Consequence(_("Later rents fall away. The customer was told of it when it was asked for.")),
    ]
    return Told(lines, reverse("desk:order", args=[wish.order]))


def _write_off_glance(asked: Approval) -> Glance:
    wish = canonical.decode(write_offs.Wish, asked.payload)
    return Glance(gettext("lease %(number)s") % {"number": wish.order}, wish.most)


def _write_off(asked: Approval) -> Told:
    wish = canonical.decode(write_offs.Wish, asked.payload)
    lines = [
        Consequence(_("Given up at most, late fees of the day included"), amount=wish.most),
        Consequence(_("No deposit is held for it any more.")),
        Consequence(_("The order ends. The customer can still pay; that is posted as a recovery.")),
    ]
    return Told(lines, reverse("desk:order", args=[wish.order]))


def _refund_glance(asked: Approval) -> Glance:
    wish = canonical.decode(Wish, asked.payload)
    place = gettext("lease %(number)s") % {"number": wish.lease} if wish.lease else gettext("credit balance")
    return Glance(f"{wish.payment} · {place}", wish.amount)


def _refund(asked: Approval) -> Told:
    wish = canonical.decode(Wish, asked.payload)
    payment = Payment.objects.select_related("customer").get(number=wish.payment)
    lines = [
        Consequence(_("Goes back to the customer, the way it was paid"), amount=wish.amount),
        Consequence(_("Of a payment of"), amount=payment.amount),
        Consequence(_("Given back of it so far"), amount=payment.refunded),
        Consequence(_REFUND_OF_LEASE if wish.lease else _("It lies on no bill; the credit balance falls by it.")),
        Consequence(_("The customer reads the reason in a message.")),
    ]
    return Told(lines, reverse("desk:refund", args=[payment.number]))


def _transfer_glance(asked: Approval) -> Glance:
    transfer = canonical.decode(Transfer, asked.payload)
    return Glance(transfer.refund, transfer.amount)


def _transfer(asked: Approval) -> Told:
    transfer = canonical.decode(Transfer, asked.payload)
    lines = [
        Consequence(_("Was transferred to the customer by a person"), amount=transfer.amount),
        Consequence(gettext("Reference of the transfer: %(reference)s") % {"reference": transfer.reference}),
        Consequence(gettext("To whom, and what proves it: %(note)s") % {"note": transfer.note}),
        Consequence(_("The failed refund counts as paid; the customer is told.")),
    ]
    return Told(lines, reverse("desk:failed_refund", args=[transfer.refund]))


def _override_glance(asked: Approval) -> Glance:
    wish = canonical.decode(Override, asked.payload)
    return Glance(wish.customer, wish.limit)


def _override(asked: Approval) -> Told:
    wish = canonical.decode(Override, asked.payload)
    customer = Customer.objects.get(number=wish.customer)
    present, lines = decisions.at(customer, asked.requested_at), []
    if wish.from_score is not None:
        grade = present.tier.grade if present and present.tier else "–"
        named = {"grade": grade, "from_score": wish.from_score}
        lines.append(Consequence(gettext("Grade %(grade)s becomes that of the band from %(from_score)s") % named))
        lines.append(Consequence(_("A new decision is made with the same inputs; running leases keep their terms.")))
    if wish.limit is not None:
        lines.append(Consequence(_("The quota limit becomes, until the next decision"), amount=wish.limit))
    lines.append(Consequence(_("Free of the quota now"), amount=quota.available(customer)))
    return Told(lines, reverse("desk:trust", args=[wish.customer]))


_REFUND_OF_LEASE = _("Its bills stay paid; the merchant's next statement is lower by it.")


def _tiers_glance(asked: Approval) -> Glance:
    return Glance(gettext("tier set v%(version)s") % {"version": asked.payload["version"]})


def _tiers(asked: Approval) -> Told:
    wanted = canonical.decode(tiers.Proposal, asked.payload)
    lines = [Consequence(text) for text in tables.differences(wanted)]
    lines.append(Consequence(_("It goes into force at once; the present table ends. Decisions made keep their own.")))
    return Told(lines, reverse("desk:tier_set", args=[wanted.version]))


def _lifting_glance(asked: Approval) -> Glance:
    return Glance(str(asked.payload["customer"]))


def _lifting(asked: Approval) -> Told:
    wish = canonical.decode(stops.Lifting, asked.payload)
    row = HardStop.objects.get(pk=wish.stop)
    visit = [Consequence(gettext("Field visit %(number)s") % {"number": row.visit_number})] if row.visit_number else []
    lines = [
        Consequence(gettext("Lifts the stop “%(kind)s”") % {"kind": row.get_kind_display()}),
        *visit,
        Consequence(_("Added"), at=row.added_at),
        Consequence(_("The person is judged as anybody again, under every account with this phone or ID number.")),
    ]
    return Told(lines, reverse("desk:trust", args=[wish.customer]))


def _card_glance(asked: Approval) -> Glance:
    return Glance(gettext("scorecard v%(version)s") % {"version": asked.payload["version"]})


def _card(asked: Approval) -> Told:
    wanted = canonical.decode(scorecards.Proposal, asked.payload)
    lines = [Consequence(text) for text in cards.differences(wanted)]
    lines.append(Consequence(_("It goes into force at once; the present card ends. Decisions made keep their own.")))
    return Told(lines, _version_href(Scorecard, wanted.version))


def _rule_glance(asked: Approval) -> Glance:
    rule = RiskRule.objects.filter(pk=asked.payload["rule"]).first()
    return Glance(str(rule) if rule else str(asked.payload["rule"]))


def _rule(asked: Approval) -> Told:
    wanted = canonical.decode(risk_rules.Proposal, asked.payload)
    lines = [Consequence(text) for text in cards.rule_lines(wanted)]
    lines.append(Consequence(_("It goes into force at once, in place of the one of its kind. Old hits keep theirs.")))
    return Told(lines, reverse("admin:orders_riskrule_change", args=[wanted.rule]))


def _lease_rules_glance(asked: Approval) -> Glance:
    return Glance(gettext("lease rules v%(version)s") % {"version": asked.payload["version"]})


def _lease_rules(asked: Approval) -> Told:
    wanted = canonical.decode(lease_rules.Proposal, asked.payload)
    lines = [Consequence(text) for text in cards.lease_rule_lines(wanted)]
    lines.append(Consequence(_("New orders take them at once. Orders and leases that are there keep their own.")))
    return Told(lines, _version_href(LeaseRuleSet, wanted.version))


def _version_href(model: type[Scorecard | LeaseRuleSet], number: int) -> str:
    """The draft in the admin; nowhere once it is gone."""
    row = model._default_manager.filter(version=number).first()
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[row.pk]) if row else ""


def _rule_end(asked: Approval) -> Told:
    wanted = canonical.decode(risk_rules.Ending, asked.payload)
    lines = [
        Consequence(_("The rule ends at once; nothing takes its place.")),
        Consequence(_("What it found stays with its orders.")),
    ]
    return Told(lines, reverse("admin:orders_riskrule_change", args=[wanted.rule]))


def _standstill_glance(asked: Approval) -> Glance:
    return Glance(str(asked.payload["customer"]))


def _date_back(asked: Approval) -> Told:
    wish = canonical.decode(standstills.DateBack, asked.payload)
    lines = [
        Consequence(_("The death or loss of legal capacity counts from"), on=wish.day),
        Consequence(_("Late fees of later days are given back, and day rent of later days falls away.")),
    ]
    return Told(lines, reverse("desk:standstill", args=[wish.customer]))


def _standstill_end(asked: Approval) -> Told:
    wish = canonical.decode(standstills.Withdrawal, asked.payload)
    lines = [
        Consequence(_("It was recorded by mistake, for the day"), on=wish.day),
        Consequence(_("Reminders, calls and late fees begin again today; the days before stay free.")),
    ]
    return Told(lines, reverse("desk:standstill", args=[wish.customer]))


KINDS: dict[str, Kind] = {
    CreditDeed.WAIVER: Kind(_("Another grade or quota limit"), _override_glance, _override, overrides.carry_out),
    Deed.REFUND: Kind(_("Refund part of a payment"), _refund_glance, _refund, partial_refunds.carry_out),
    Deed.REDUCTION: Kind(_("Reduce a bill"), _reduction_glance, _reduction, order_reductions.carry_out),
    captures.KIND: Kind(_("Use a deposit"), _deduction_glance, _deduction, deposit_deductions.carry_out),
    terminations.KIND: Kind(_("End a lease by notice"), _termination_glance, _termination, terminations.carry_out),
    standstills.BACK: Kind(
        _("Date a death or loss of capacity back"), _standstill_glance, _date_back, standstills.carry_out
    ),
    standstills.END: Kind(
        _("Withdraw a death or loss of capacity"), _standstill_glance, _standstill_end, standstills.carry_out_end
    ),
    write_offs.KIND: Kind(_("Write off what is owed"), _write_off_glance, _write_off, write_offs.carry_out),
    Deed.OFFLINE: Kind(_("Record money received"), _receipt_glance, _receipt, offline.carry_out),
    Deed.BY_HAND: Kind(
        _("Record a refund that was transferred"), _transfer_glance, _transfer, failed_refunds.carry_out
    ),
    stops.KIND: Kind(_("Lift a hard stop"), _lifting_glance, _lifting, stops.carry_out),
    scorecards.KIND: Kind(_("Put a scorecard into force"), _card_glance, _card, scorecards.carry_out),
    risk_rules.KIND: Kind(_("Put a risk rule into force"), _rule_glance, _rule, risk_rules.carry_out),
    lease_rules.KIND: Kind(_("Put lease rules into force"), _lease_rules_glance, _lease_rules, lease_rules.carry_out),
    risk_rules.END: Kind(_("Put a risk rule out of force"), _rule_glance, _rule_end, risk_rules.carry_out_end),
    tiers.KIND: Kind(_("Put a tier table into force"), _tiers_glance, _tiers, tiers.carry_out),
}
