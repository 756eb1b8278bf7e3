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

from accounts.models import User
from billing.models import Payment
from billing.rules.limits import Deed
from billing.services import partial_refunds
from billing.services.partial_refunds import Wish
from core import canonical
from core.models import Approval
from core.services import approvals
from credit.services import tiers
from desk import tables
from orders.consequences import Consequence

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


_REFUND_OF_LEASE = _("Its bills stay paid; the merchant's next statement is lower by it.")


def _tiers_glance(asked: Approval) -> Glance:
    return Glance(gettext("tier set v%(version)s") % {"version": asked.payload["version"]})


def _tiers(asked: Approval) -> Told:
    wanted = canonical.decode(tiers.Proposal, asked.payload)
    lines = [Consequence(text) for text in tables.differences(wanted)]
    lines.append(Consequence(_("It goes into force at once; the present table ends. Decisions made keep their own.")))
    return Told(lines, reverse("desk:tier_set", args=[wanted.version]))


KINDS: dict[str, Kind] = {
    Deed.REFUND: Kind(_("Refund part of a payment"), _refund_glance, _refund, partial_refunds.carry_out),
    tiers.KIND: Kind(_("Put a tier table into force"), _tiers_glance, _tiers, tiers.carry_out),
}
