"""Cash-out and shared accounts: what the rules in force find of an order, kept with its facts, shown to a person.

The facts are known only here, where accounts, billing and orders meet. A new kind is a row of READERS and of the
model's Kind.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.services import behaviour
from billing.services import payers
from billing.services.payers import Payer
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from credit.rules import risks as rules
from credit.services import reports
from orders.models import Order, ReviewRequest, RiskHit, RiskRule, State
from orders.services import activations, demands, trust

Reader = Callable[[Order, datetime, timedelta], dict[str, Any]]
NOT_COUNTED = (State.REFUSED, State.CANCELLED)
HELD = (State.PLACED, State.PAID)  # where an open hit keeps an order
ALLOWED_FOR = timedelta(days=30)  # what a person found wrong is not held against the customer
ZHIMA = "alipay"  # whose accounts the source of scores names
REVIEWER: dict[str, str | Promise] = {
    rules.MANY_LEASES: _("%(count)s orders within %(days)s days; the rule is met from %(threshold)s on"),
    rules.SHARED_ADDRESS: _("%(count)s other customers had things sent to this phone or address within %(days)s days"),
    rules.OTHER_PAYER: _("Paid by another account than the customer's own or the one used before"),
    rules.KNOWN_DEFAULTERS: _(
        "%(count)s customers in arrears or stopped share a phone, an address, an account or a device"
    ),
    rules.NEVER_ACTIVATED: _(
        "%(count)s devices of this customer were not switched on %(days)s days after their receipt, as was reported"
    ),
}
LOOKING = _("A person looks at this order before it goes on, usually within 2 hours. Nothing is charged meanwhile.")
LOOKING_PAID = _("A person looks at this order before it is shipped. If it cannot go on, you get everything back.")
STRANGE_PAYER = _(
    "The payment came from an account that we have not seen with you. A person looks at it before the device is "
    "shipped. If it cannot go on, everything goes back to the account that paid."
)


class HeldForReview(DomainError):
    code = "held_for_review"
    message = _("The platform looks at this order first. Please ship it after that.")


def look(order: Order, kinds: Sequence[str], at: datetime) -> str:
    """What the rules of these kinds find now, kept with its facts, and the strongest that follows ("" for nothing).

    For an order that the caller holds locked. Once per order and kind: a hit that a person cleared is not raised
    again, nor a kind whose refusal a person took back lately. What is demanded is raised here; refusing is the
    caller's. Once an order is paid, all hits hold it.
    """
    in_force = list(RiskRule.objects.filter(state=RiskRule.State.PUBLISHED, kind__in=kinds).order_by("id"))
    if not in_force:
        return ""
    known = set(order.risk_hits.values_list("kind", flat=True)) | _allowed(order.customer_id, at)
    found = [hit for rule in in_force if rule.kind not in known if (hit := _found(order, rule, at))]
    strongest = rules.follows([hit.facts["action"] for hit in found])
    if strongest != rules.REFUSE:  # who is refused is asked for nothing before
        _demand(order, [hit for hit in found if hit.facts["action"] == rules.DEMAND], at)
    return strongest


def is_held(order: Order) -> bool:
    """Whether an open hit keeps it from the next step."""
    return order.state in HELD and any(hit.is_open for hit in order.risk_hits.all())


def open_hits(order: Order) -> "QuerySet[RiskHit]":
    return order.risk_hits.filter(state=RiskHit.State.OPEN).order_by("id")


def require_clear(order: Order) -> None:
    """HeldForReview while a hit is open. The merchant hears that, not what was found."""
    if is_held(order):
        raise HeldForReview


def waiting() -> Exists:
    """For a query of orders: whether a hit is open."""
    return Exists(RiskHit.objects.filter(order=OuterRef("pk"), state=RiskHit.State.OPEN))


def clear(order: Order, actor: str, note: str, at: datetime) -> int:
    """A person has looked, and the order may go on; for an order that the caller holds locked. How many were open."""
    found = _open_locked(order)
    for hit in found:
        hit.clear(actor, note, at)
        _closed(hit, actor, note, at)
    return len(found)


def end(order: Order, reason: str, at: datetime) -> None:
    """The order ends, and with it what was to be looked at; for an order that the caller holds locked."""
    for hit in _open_locked(order):
        hit.end(PLATFORM, reason, at)
        _closed(hit, PLATFORM, reason, at)


def would_find(order: Order, rule: RiskRule) -> dict[str, Any] | None:
    """The facts of a rule that this order would have met when it was placed, or when it was paid; changes nothing."""
    if rule.kind in rules.AT_ORDER and (told := _met(order, rule, order.placed_at, is_paid=False)):
        return told
    if rule.kind in rules.AT_PAYMENT and order.paid_at:
        return _met(order, rule, order.paid_at, is_paid=True)
    return None


def explain(hit: RiskHit) -> str:
    """To the one who looks: the facts."""
    return explain_facts(hit.kind, hit.facts)


def explain_facts(kind: str, facts: dict[str, Any]) -> str:
    told: str = str(REVIEWER[kind]) % facts
    return told


def explain_kindly(order: Order) -> str | Promise:
    """To the customer of a held order: what happens next. No accusation, no threshold, nothing of other people."""
    if order.state != State.PAID:
        return LOOKING
    strange = open_hits(order).filter(kind=RiskRule.Kind.OTHER_PAYER).exists()
    return STRANGE_PAYER if strange else LOOKING_PAID


def _allowed(customer_id: int, at: datetime) -> set[str]:
    """Kinds of rules that stopped an earlier order and were found wrong by a person."""
    answered = ReviewRequest.objects.filter(
        order__customer=customer_id, state=ReviewRequest.State.ALLOWED, decided_at__gt=at - ALLOWED_FOR
    )
    return set(RiskHit.objects.filter(order__review_request__in=answered).values_list("kind", flat=True))


def _found(order: Order, rule: RiskRule, at: datetime) -> RiskHit | None:
    """The hit of a rule that is met."""
    told = _met(order, rule, at, is_paid=order.state != State.PLACED)
    if told is None:
        return None
    hit = RiskHit.objects.create(order=order, rule=rule, kind=rule.kind, facts=told, found_at=at)
    events.record("risk_found", order, at=at, facts={"kind": rule.kind, **told})
    return hit


def _met(order: Order, rule: RiskRule, at: datetime, *, is_paid: bool) -> dict[str, Any] | None:
    """The facts of a rule that is met at `at`, with what follows; a paid order is held, whatever the rule says."""
    facts = READERS[rule.kind](order, at, timedelta(days=rule.window_days))
    if not rules.hits([_plain(rule)], {rule.kind: facts["count"]}):
        return None
    action = rules.HOLD if is_paid else rule.action
    return {**facts, "threshold": rule.threshold, "days": rule.window_days, "action": action}


def _demand(order: Order, found: Sequence[RiskHit], at: datetime) -> None:
    """Ask for what these hits ask for; the demands hold the order then, and the hits are done with."""
    for hit in found:
        demands.raise_missing(order, [hit.rule.demand], at)
        hit.clear(PLATFORM, rules.DEMAND, at)
        _closed(hit, PLATFORM, rules.DEMAND, at)


def _plain(rule: RiskRule) -> rules.RiskRule:
    return rules.RiskRule(rule.kind, rule.threshold, rule.window_days, rule.action, rule.demand)


def _open_locked(order: Order) -> list[RiskHit]:
    return list(open_hits(order).select_for_update())


def _closed(hit: RiskHit, actor: str, note: str, at: datetime) -> None:
    hit.save(update_fields=["state", "cleared_by", "note", "cleared_at"])
    events.record("risk_closed", hit.order, at=at, actor=actor, facts={"kind": hit.kind, "reason": note})


def _many_leases(order: Order, at: datetime, window: timedelta) -> dict[str, Any]:
    """This order among them, and what was refused or cancelled later."""
    own = Order.objects.filter(customer=order.customer_id, placed_at__gt=at - window, placed_at__lte=at)
    return {"count": own.exclude(state__in=NOT_COUNTED, closed_at__lte=at).count()}


def _shared_address(order: Order, at: datetime, window: timedelta) -> dict[str, Any]:
    """Other customers whose orders went to the same phone or place, by blind indexes alone."""
    address = order.address
    same = Q()
    for name in ("phone_index", "place_index"):
        if getattr(address, name):
            same |= Q(**{f"address__{name}": getattr(address, name)})
    if not same:
        return {"count": 0}
    others = Order.objects.exclude(customer=order.customer_id).filter(
        same, placed_at__gt=at - window, placed_at__lte=at
    )
    return {"count": others.values("customer").distinct().count()}


def _other_payer(order: Order, at: datetime, window: timedelta) -> dict[str, Any]:
    """Channels by which this order was paid from an account that we do not know as his, where we know one.

    Known: who paid for him before without a person's objection, and the account of his score.
    """
    doubted = Order.objects.filter(customer=order.customer_id, risk_hits__kind=rules.OTHER_PAYER)
    refused = doubted.exclude(risk_hits__kind=rules.OTHER_PAYER, risk_hits__state=RiskHit.State.CLEARED)
    besides = [order.lease_id, *refused.values_list("lease_id", flat=True)]
    known = payers.of_customer(order.customer_id, at - window, at, besides) | _scored(order)
    channels = {channel for channel, _payer in known}
    paid = payers.of_lease(order.lease_id)
    strange = sorted({channel for channel, payer in paid if channel in channels and (channel, payer) not in known})
    return {"count": len(strange), "channels": strange}


def _known_defaulters(order: Order, at: datetime, window: timedelta) -> dict[str, Any]:
    """Who is in arrears or stopped and gave the same phone or place, or signed in at the same browser, at any time, or
    used the same account in the window."""
    shared = behaviour.sharing(order.customer, at)
    own = payers.of_customer(order.customer_id, at - window, at) | _scored(order)
    by_account = (payers.customers_of(own, at - window, at) | _scored_by(own)) - {order.customer_id}
    defaulters = trust.defaulters(shared.customers | by_account, at)
    by = {
        "phone": shared.by_phone,
        "address": shared.by_address,
        "device": shared.by_browser,
        "account": by_account,
    }
    return {"count": len(defaulters), "by": {name: len(people & defaulters) for name, people in by.items()}}


def _never_activated(order: Order, at: datetime, window: timedelta) -> dict[str, Any]:
    """Devices that this customer has on lease and that nobody uses, `window` after their receipt."""
    return {"count": activations.never_activated(order.customer_id, at, window)}


def _scored(order: Order) -> frozenset[Payer]:
    return frozenset((ZHIMA, account) for account in reports.accounts_of(order.customer))


def _scored_by(accounts: frozenset[Payer]) -> frozenset[int]:
    return reports.customers_of([account for channel, account in accounts if channel == ZHIMA])


READERS: dict[str, Reader] = {
    rules.MANY_LEASES: _many_leases,
    rules.SHARED_ADDRESS: _shared_address,
    rules.OTHER_PAYER: _other_payer,
    rules.KNOWN_DEFAULTERS: _known_defaulters,
    rules.NEVER_ACTIVATED: _never_activated,
}
