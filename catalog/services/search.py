"""Finding an offer: what the list can be narrowed by, and which offers come first.

Lists show a plan at one term (`offers.usual_term`); narrowing and sorting by rent mean the rent of that term.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import Case, Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Abs, Coalesce, RowNumber

from catalog.models import DeviceType, LeaseModel, LeasePlan, PlanTerm
from catalog.services import offers, versions

LIKED_RENT = Decimal(250)  # a month: the good devices that many can afford, neither the cheapest nor the dearest
MOST_BRANDS = 12
KIND, MODEL = "sku__device_model__device_type", "sku__device_model"


class Sort(StrEnum):
    RECOMMENDED = "recommended"
    RENT = "rent"
    TOTAL = "total"
    NEWEST = "newest"


class Ends(StrEnum):
    OWN = "own"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted; an empty part narrows nothing. `kind` is a device type's code, `text` words of names."""

    kind: str = ""
    brand: str = ""
    text: str = ""
    months: int | None = None
    max_rent: Decimal | None = None
    ends: str = ""
    condition: str = ""


@versions.remembered
def ids(wanted: Filter, sort: str) -> list[int]:
    """Every plan that is wanted, in order."""
    return list(ordered(find(wanted), sort).values_list("id", flat=True))


def by_ids(some: Sequence[int]) -> list[LeasePlan]:
    """These plans as lists show them, in this order; one that went meanwhile is left out."""
    found = offers.published().in_bulk(some)
    return offers.priced(found[each] for each in some if each in found)


def find(wanted: Filter) -> "QuerySet[LeasePlan]":
    """The published plans that are wanted."""
    plans = _as_shown(offers.published(), wanted.months)
    for word in wanted.text.split():
        plans = plans.filter(_mentions(word))
    return plans.filter(_meets(wanted))


def ordered(plans: "QuerySet[LeasePlan]", sort: str) -> "QuerySet[LeasePlan]":
    if sort == Sort.RENT:
        return plans.order_by(F("shown_rent"), "id")
    if sort == Sort.TOTAL:
        return plans.order_by(F("shown_total"), "id")
    if sort == Sort.NEWEST:
        return plans.order_by("-published_at", "-id")
    return _recommended(plans)


@versions.remembered
def featured(count: int) -> list[LeasePlan]:
    """For the home page: what can be had today, one of each type first, no model twice in a row."""
    return offers.priced(_recommended(offers.in_stock())[:count])


@versions.remembered
def kinds() -> list[DeviceType]:
    """Types with something to rent, in their order, each with `lowest` rent and how many `offered`."""
    published = Q(models__skus__plans__state=LeasePlan.State.PUBLISHED)
    plan = "models__skus__plans"
    found = DeviceType.objects.annotate(
        lowest=Min(f"{plan}__lowest_rent", filter=published), offered=Count(plan, filter=published)
    )
    return list(found.filter(offered__gt=0).order_by("order", "code"))


@versions.remembered
def brands(kind: str) -> list[str]:
    """The brands with the most offers, of a type or of all."""
    plans = LeasePlan.objects.filter(state=LeasePlan.State.PUBLISHED)
    if kind:
        plans = plans.filter(**{f"{KIND}__code": kind})
    named = plans.values_list(f"{MODEL}__brand").annotate(offered=Count("id")).order_by("-offered", f"{MODEL}__brand")
    return [brand for brand, _offered in named[:MOST_BRANDS]]


@versions.remembered
def months_offered() -> list[int]:
    """Every term that some published plan has, shortest first."""
    terms = PlanTerm.objects.filter(plan__state=LeasePlan.State.PUBLISHED)
    return list(terms.values_list("months", flat=True).distinct().order_by("months"))


def _recommended(plans: "QuerySet[LeasePlan]") -> "QuerySet[LeasePlan]":
    """Types take turns in their order. Of a type: first what one can come to own, at a rent that many can afford.

    A model comes back in another specification only after every model had its turn.
    """
    only_returned = Case(When(lease_model=LeaseModel.RETURN_ONLY, then=1), default=0, output_field=IntegerField())
    liking = (only_returned.asc(), Abs(F("lowest_rent") - Value(LIKED_RENT)).asc(), F("id").asc())
    ranked = plans.alias(
        of_model=Window(RowNumber(), partition_by=[F(MODEL)], order_by=liking),
        of_kind=Window(RowNumber(), partition_by=[F(KIND)], order_by=liking),
    )
    return ranked.order_by("of_model", "of_kind", f"{KIND}__order", "id")


def _as_shown(plans: "QuerySet[LeasePlan]", months: int | None) -> "QuerySet[LeasePlan]":
    """With `shown_rent` and `shown_total` of the term that the list shows: `offers.usual_term` in SQL.

    A short plan stands with its 30 days.
    """
    liked = Case(When(months=months or offers.LIKED_MONTHS, then=0), default=1, output_field=IntegerField())
    usual = PlanTerm.objects.filter(plan=OuterRef("pk")).order_by(liked, "-months")
    total = usual.annotate(total=F("months") * F("monthly_rent"))
    return plans.alias(
        shown_rent=Coalesce(Subquery(usual.values("monthly_rent")[:1]), F("lowest_rent")),
        shown_total=Coalesce(Subquery(total.values("total")[:1]), F("lowest_rent")),
    )


def _meets(wanted: Filter) -> Q:
    found = Q()
    if wanted.kind:
        found &= Q(**{f"{KIND}__code": wanted.kind})
    if wanted.brand:
        found &= Q(**{f"{MODEL}__brand": wanted.brand})
    if wanted.months:
        found &= Q(terms__months=wanted.months)
    if wanted.max_rent is not None:
        found &= Q(shown_rent__lte=wanted.max_rent)
    if wanted.condition:
        found &= Q(sku__condition=wanted.condition)
    if wanted.ends:
        only_returned = Q(lease_model=LeaseModel.RETURN_ONLY)
        found &= only_returned if wanted.ends == Ends.RETURN else ~only_returned
    return found


def _mentions(word: str) -> Q:
    columns = (f"{MODEL}__name", f"{MODEL}__name_en", f"{MODEL}__brand", "sku__specification", "sku__specification_en")
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found
