"""What customers say of telling moments: receipt, repair, a plan, arrears made good, the end (domain.md I14, ADR 33).

One is asked on the order's page alone, for thirty days, once a moment, and by no message. Nobody is asked while he is
in arrears, keeps a plan or waits for relief: that day he has other cares. No merchant's score hangs on it. A visit
rates itself (visits.services.opinions) and is counted here beside the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from arrears.models import CollectionCase, HardshipRequest
from billing.models import ExtensionPlan
from core import calendar
from core.errors import DomainError
from core.services import events
from orders.models import Fault, Opinion, Order, State
from orders.services import steps
from visits.services import opinions as of_visits

STARS = range(1, 6)
ASKED_DAYS = 30
LOW = 2  # so many stars or fewer: somebody at the desk reads it first
ASKED_IN = (State.ACTIVE, State.COMPLETED)  # not while a return and its settlement are under way
VISIT = "VISIT"
Touchpoint = Opinion.Touchpoint
NAMES: dict[str, str | Promise] = {**dict(Touchpoint.choices), VISIT: _("Field visit")}


class NothingToRate(DomainError):
    code = "nothing_to_rate"
    message = _("There is nothing to rate here now, or you have said it already. Thank you.")


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened on a day and was not rated. `code` names it in a form."""

    touchpoint: str
    occasion: int
    on: date

    @property
    def code(self) -> str:
        return f"{self.touchpoint}-{self.occasion}"

    @property
    def name(self) -> str | Promise:
        return NAMES[self.touchpoint]


@dataclass(frozen=True, slots=True)
class Figure:
    """One touchpoint in one month: how many rated it, the sum of their stars, how many gave LOW or less."""

    month: date
    touchpoint: str
    count: int
    stars: int
    low: int

    @property
    def mean(self) -> float:
        return self.stars / self.count


def waiting(order: Order, on: date) -> list[Moment]:
    """What may be rated on day `on`, the newest first; nothing while the customer is not to be asked."""
    if order.state not in ASKED_IN or order.received_at is None:
        return []
    facts = _facts(order)
    if facts["is_barred"]:
        return []
    said = set(of(order).values_list("touchpoint", "occasion"))
    first = on - timedelta(days=ASKED_DAYS)
    found = [one for one in _moments(facts) if first <= one.on <= on and (one.touchpoint, one.occasion) not in said]
    return sorted(found, key=lambda one: one.on, reverse=True)


def give(order_id: int, code: str, stars: int | None, words: str, actor: str, at: datetime) -> Opinion:
    """One to five stars for the moment of this code, once; None: he would rather not say.

    NothingToRate. Locks the order.
    """
    if stars is not None and stars not in STARS:
        raise ValueError("one to five stars")
    with transaction.atomic():
        order = steps.lock(order_id)
        moment = next((one for one in waiting(order, calendar.business_date(at)) if one.code == code), None)
        if moment is None:
            raise NothingToRate
        made = Opinion.objects.create(
            order=order, touchpoint=moment.touchpoint, occasion=moment.occasion, happened_on=moment.on, stars=stars,
            words=words.strip()[:300] if stars else "", given_by=actor, given_at=at,
        )  # fmt: skip
        facts = {"touchpoint": moment.touchpoint, "stars": stars}
        events.record("opinion_given" if stars else "opinion_declined", order, at=at, actor=actor, facts=facts)
    return made


def said(touchpoint: str = "", *, low: bool = False) -> "QuerySet[Opinion]":
    """Opinions with stars, the newest first."""
    rows = Opinion.objects.exclude(stars=None).select_related("order").order_by("-given_at", "-pk")
    rows = rows.filter(touchpoint=touchpoint) if touchpoint else rows
    return rows.filter(stars__lte=LOW) if low else rows


def of(order: Order) -> "QuerySet[Opinion]":
    """What was said of this order, and where its customer would rather not; the newest first."""
    return Opinion.objects.filter(order=order).order_by("-pk")


def figures(since: date) -> list[Figure]:
    """By month and touchpoint, visits included, the newest month first."""
    counted = (
        Opinion.objects.filter(given_at__gte=calendar.instant(since))
        .exclude(stars=None)
        .annotate(month=TruncMonth("given_at", tzinfo=calendar.SHANGHAI))
        .values("month", "touchpoint")
        .annotate(count=Count("pk"), total=Sum("stars"), low=Count("pk", filter=Q(stars__lte=LOW)))
    )
    own = [Figure(r["month"].date(), r["touchpoint"], r["count"], r["total"], r["low"]) for r in counted]
    visits = [Figure(month, VISIT, *rest) for month, *rest in of_visits.by_month(since, LOW)]
    places = list(NAMES)
    return sorted(own + visits, key=lambda one: (-one.month.toordinal(), places.index(one.touchpoint)))


def _facts(order: Order) -> Mapping[str, Any]:
    """The last moment of each kind, and whether the customer is left in peace; in one query."""
    mine = OuterRef("lease")
    fault = Fault.objects.filter(order=OuterRef("pk"), state=Fault.State.DONE).order_by("-closed_at")
    plan = ExtensionPlan.objects.filter(lease=mine, ended_on__isnull=False).order_by("-ended_on", "-pk")
    good = (CollectionCase.Outcome.PAID, CollectionCase.Outcome.REPLANNED)
    case = CollectionCase.objects.filter(lease=mine, outcome__in=good).order_by("-closed_on", "-pk")
    his = OuterRef("customer")  # any lease of his
    barred = (
        Exists(CollectionCase.objects.filter(customer=his, state=CollectionCase.State.OPEN))
        | Exists(HardshipRequest.objects.filter(customer=his, state=HardshipRequest.State.OPEN))
        | Exists(ExtensionPlan.objects.filter(lease__customer=his, state=ExtensionPlan.State.RUNNING))
    )
    return Order.objects.values(
        "state", "received_at", "closed_at",
        fault=Subquery(fault.values("pk")[:1]), fault_at=Subquery(fault.values("closed_at")[:1]),
        plan_=Subquery(plan.values("pk")[:1]), plan_on=Subquery(plan.values("ended_on")[:1]),
        case=Subquery(case.values("pk")[:1]), case_on=Subquery(case.values("closed_on")[:1]),
        is_barred=barred,
    ).get(pk=order.pk)  # fmt: skip


def _moments(facts: Mapping[str, Any]) -> list[Moment]:
    found = [Moment(Touchpoint.RECEIPT, 0, calendar.business_date(facts["received_at"]))]
    if facts["fault"]:
        found.append(Moment(Touchpoint.REPAIR, facts["fault"], calendar.business_date(facts["fault_at"])))
    if facts["plan_"]:
        found.append(Moment(Touchpoint.PLAN, facts["plan_"], facts["plan_on"]))
    if facts["case"]:
        found.append(Moment(Touchpoint.CASE, facts["case"], facts["case_on"]))
    if facts["state"] == State.COMPLETED:
        found.append(Moment(Touchpoint.END, 0, calendar.business_date(facts["closed_at"])))
    return found
