"""Orders that wait for a person: oldest first, with what one must know to begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import IdentityVerification
from credit.models import Demand, Outcome
from desk import grounds
from orders import words
from orders.models import Order, ReviewRequest, RiskHit, State
from orders.services import review_requests, risks

GOAL = timedelta(hours=2)  # within which a customer hears from us; after 72 hours the order expires (domain.md §5)
NEAR = timedelta(minutes=90)
REPEATED = timedelta(days=3)
BEGUN = Coalesce("review_request__asked_at", "paid_at", "placed_at")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Review:
    """One row. `signs` are what a person should look at beside the reason."""

    order: Order
    name: str
    score: int | None
    waiver: Decimal
    reason: str
    signs: tuple[str | Promise, ...]
    waited: str
    tone: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait, how many of them beyond the goal or near it, when the first expires, and how many customers who
    asked for a person have no answer in the time that they were promised."""

    count: int
    over: int
    near: int
    expires: datetime | None
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Met:
    """A risk rule that an order met, in words, and who closed it with what note."""

    text: str
    word: str
    tone: str
    hit: RiskHit


def waiting(at: datetime) -> "QuerySet[Order]":
    """Whom an answer was promised by now first, then the oldest."""
    return _waiting().order_by(promised_first(at), BEGUN, "id")


def promised_first(at: datetime) -> Case:
    """0 for a request for a person whose promised hour is past."""
    return Case(When(_unanswered(at), then=0), default=1)


def rows_waiting() -> "QuerySet[Order, int]":
    """Their keys, for a query of the caller's."""
    return _waiting().values_list("pk", flat=True)


def count() -> int:
    return _waiting().count()


def standing(at: datetime) -> Standing:
    rows = list(_waiting().annotate(late=promised_first(at)).values_list(BEGUN, "waits_until", "late"))
    over = sum(at - begun > GOAL for begun, _until, _late in rows)
    near = sum(NEAR <= at - begun <= GOAL for begun, _until, _late in rows)
    expires = min((until for _begun, until, _late in rows if until), default=None)
    return Standing(len(rows), over, near, expires, sum(late == 0 for _begun, _until, late in rows))


def rows(at: datetime, most: int) -> list[Review]:
    """The first `most`, in a fixed number of queries."""
    recent = Order.objects.filter(
        customer=OuterRef("customer"),
        placed_at__gt=OuterRef("placed_at") - REPEATED,
        pk__lte=OuterRef("pk"),
    )
    counted = recent.order_by().values("customer").annotate(n=Count("pk")).values("n")
    needed = ("lease__deposit", "decision", "address", "customer", "review_request")
    found = list(
        waiting(at)
        .prefetch_related("risk_hits")
        .select_related(*needed)
        .annotate(nth=Coalesce(Subquery(counted), 1))[:most]
    )
    proofs = _proofs([order.customer_id for order in found])
    asked = _asked([order.number for order in found])
    return [_row(order, proofs.get(order.customer_id), order.nth, asked.get(order.number, []), at) for order in found]


def is_unanswered(order: Order, at: datetime) -> bool:
    """Its customer asked for a person and was promised an answer before now."""
    request = review_requests.of(order)
    return request is not None and request.is_open and request.answer_by <= at


def since(order: Order) -> datetime:
    """When it began to wait: placed, paid and then held, or refused and asked about."""
    request = review_requests.of(order)
    return request.asked_at if request else order.paid_at or order.placed_at


def reason(order: Order) -> str:
    """Why a person must look: the decision's words while it is undecided, and every open hit of a risk rule."""
    decided = grounds.referral(order.decision) if order.state == State.PLACED else ""
    found = [risks.explain(hit) for hit in order.risk_hits.all() if hit.is_open]
    return " · ".join(part for part in (_again(order), decided, *found) if part)


def _again(order: Order) -> str:
    """What whom rules refused wants a person to know."""
    request = review_requests.of(order)
    if request is None:
        return ""
    why = words.reason(order.reason)
    return gettext("refused %(why)s, asks for a person: %(text)s") % {"why": why, "text": request.text or "–"}


def hits(order: Order) -> list[Met]:
    """Every risk rule that the order met, the first first."""
    return [
        Met(risks.explain(hit), hit.get_state_display(), "wait" if hit.is_open else "neutral", hit)
        for hit in order.risk_hits.order_by("id")
    ]


def headline(now: Standing) -> tuple[str, str, str]:
    """What waits, what of it is late, and the tone of that."""
    waits = ngettext("%(count)d order to review", "%(count)d orders to review", now.count) % {"count": now.count}
    if not now.count:
        return gettext("No order waits for review"), "", ""
    hours = GOAL // HOUR
    if now.unanswered:
        late = ngettext(
            "%(count)d promised answer is overdue", "%(count)d promised answers are overdue", now.unanswered
        )
        return waits, late % {"count": now.unanswered}, "late"
    if now.over:
        late = ngettext("%(count)d over %(hours)d hours", "%(count)d over %(hours)d hours", now.over)
        return waits, late % {"count": now.over, "hours": hours}, "late"
    if now.near:
        soon = ngettext("%(count)d close to %(hours)d hours", "%(count)d close to %(hours)d hours", now.near)
        return waits, soon % {"count": now.near, "hours": hours}, "wait"
    return waits, gettext("all within %(hours)d hours") % {"hours": hours}, ""


def span(waited: timedelta) -> str:
    """1 h 52 min, 2 d 3 h, 48 min: two units at most."""
    minutes = waited // timedelta(minutes=1)
    if waited >= DAY:
        return gettext("%(days)d d %(hours)d h") % {"days": waited.days, "hours": waited % DAY // HOUR}
    if waited >= HOUR:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return gettext("%(minutes)d min") % {"minutes": minutes}


def _waiting() -> "QuerySet[Order]":
    asked = Q(state=State.PLACED, decision__outcome=Outcome.REFER) | Q(risks.waiting(), state__in=risks.HELD)
    return Order.objects.filter(asked | Q(review_request__state=ReviewRequest.State.OPEN)).order_by()


def _unanswered(at: datetime) -> Q:
    return Q(review_request__state=ReviewRequest.State.OPEN, review_request__answer_by__lte=at)


def _row(order: Order, proof: IdentityVerification | None, nth: int, asked: list[str], at: datetime) -> Review:
    waited = at - since(order)
    return Review(
        order=order,
        name=proof.name.masked if proof else order.customer.number,
        score=order.decision.score if order.decision else None,
        waiver=order.lease.deposit.waived,
        reason=reason(order),
        signs=tuple(_signs(order, proof, nth, asked, is_unanswered(order, at))),
        waited=span(waited),
        tone="late" if waited > GOAL else "wait" if waited >= NEAR else "neutral",
    )


def _signs(
    order: Order, proof: IdentityVerification | None, nth: int, asked: list[str], is_late: bool
) -> list[str | Promise]:
    signs: list[str | Promise] = [gettext("asked for: %(what)s") % {"what": what} for what in asked]
    if is_late:
        signs.insert(0, _("the answer that was promised is overdue"))
    if proof and order.address.consignee != proof.name:
        signs.append(_("the consignee is not the lessee"))
    if nth > 1:
        signs.append(gettext("order %(nth)d within %(days)d days") % {"nth": nth, "days": REPEATED.days})
    return signs


def _asked(numbers: list[str]) -> dict[str, list[str]]:
    """What is open of each order, by the order's number."""
    found: dict[str, list[str]] = {}
    for demand in Demand.objects.filter(order_number__in=numbers, state=Demand.State.OPEN).order_by("id"):
        found.setdefault(demand.order_number, []).append(demand.get_kind_display())
    return found


def _proofs(customers: list[int]) -> dict[int, IdentityVerification]:
    proved = IdentityVerification.objects.filter(customer__in=customers, state=IdentityVerification.State.VERIFIED)
    return {proof.customer_id: proof for proof in proved}
