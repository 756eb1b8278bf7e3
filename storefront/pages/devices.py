"""The list of offers: what it is narrowed by, how it is sorted, its pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import Customer
from catalog.models import ConditionGrade, DeviceType
from catalog.services import search
from catalog.services.search import Ends, Sort
from core.templatetags.xinzu import yuan
from storefront.forms.devices import Wanted
from storefront.pages import offers as shelves

A_PAGE = 20
Text = str | Promise

SORTS: dict[str, Text] = {
    Sort.RECOMMENDED: pgettext_lazy("sort", "Recommended"),
    Sort.RENT: pgettext_lazy("sort", "Lowest rent"),
    Sort.TOTAL: pgettext_lazy("sort", "Least in all"),
    Sort.NEWEST: pgettext_lazy("sort", "Newest"),
}
ENDS: dict[str, Text] = {Ends.OWN: _("Can become yours"), Ends.RETURN: _("To return only")}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow or sort the list: a link, or a value of the form."""

    label: Text
    is_chosen: bool
    href: str = ""
    value: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ShownList:
    """What `storefront/devices.html` prints."""

    heading: Text
    count: int
    grid: SafeString | None
    first: int
    last: int
    kinds: list[Choice]
    sorts: list[Choice]
    terms: list[Choice]
    brands: list[Choice]
    ends: list[Choice]
    conditions: list[Choice]
    narrowed: list[Choice]
    previous: str
    next: str
    wanted: Wanted
    knows_customer: bool


def shown(customer: Customer | None, wanted: Wanted, on: date) -> ShownList:
    found = search.ids(wanted.filter, wanted.sort)
    count = len(found)
    start = (wanted.page - 1) * A_PAGE
    some = found[start : start + A_PAGE]
    types = search.kinds()
    return ShownList(
        heading=next((str(kind) for kind in types if kind.code == wanted.type), _("All devices")),
        count=count,
        grid=shelves.grid(customer, some, on, wanted.months) if some else None,
        first=start + 1,
        last=start + len(some),
        kinds=_kinds(types, wanted),
        sorts=[Choice(label, key == wanted.sort, wanted.address(sort=str(key))) for key, label in SORTS.items()],
        terms=_values(((str(n), months(n)) for n in search.months_offered()), str(wanted.months or "")),
        brands=_values(((brand, brand) for brand in search.brands(wanted.type)), wanted.brand),
        ends=_values(((str(key), label) for key, label in ENDS.items()), wanted.ends),
        conditions=_values(ConditionGrade.choices, wanted.condition),
        narrowed=_narrowed(types, wanted),
        previous=wanted.address(page=wanted.page - 1) if wanted.page > 1 else "",
        next=wanted.address(page=wanted.page + 1) if start + A_PAGE < count else "",
        wanted=wanted,
        knows_customer=customer is not None,
    )


def months(count: int) -> str:
    return ngettext("%(months)s month", "%(months)s months", count) % {"months": count}


def _kinds(types: list[DeviceType], wanted: Wanted) -> list[Choice]:
    offered = sum(vars(kind)["offered"] for kind in types)
    everything = Choice(
        pgettext_lazy("kinds", "All"), not wanted.type, wanted.address(type="", brand=""), count=offered
    )
    return [everything] + [
        Choice(
            str(kind),
            kind.code == wanted.type,
            wanted.address(type=kind.code, brand=""),
            count=vars(kind)["offered"],
        )
        for kind in types
    ]


def _values(named: Iterable[tuple[str, Text]], chosen: str) -> list[Choice]:
    return [Choice(_("any"), not chosen)] + [Choice(label, value == chosen, value=value) for value, label in named]


def _narrowed(types: list[DeviceType], wanted: Wanted) -> list[Choice]:
    """What narrows the list now; each link takes one away."""
    conditions = dict(ConditionGrade.choices)
    named: dict[str, Text | None] = {
        "q": f"“{wanted.q}”" if wanted.q else None,
        "type": next((str(kind) for kind in types if kind.code == wanted.type), None),
        "brand": wanted.brand or None,
        "months": months(wanted.months) if wanted.months else None,
        "max_rent": _at_most(wanted.max_rent) if wanted.max_rent else None,
        "ends": ENDS.get(wanted.ends),
        "condition": conditions.get(wanted.condition),
    }
    empty = Wanted()
    return [
        Choice(label, True, wanted.address(**{part: getattr(empty, part)}))
        for part, label in named.items()
        if label is not None
    ]


def _at_most(rent: Decimal) -> str:
    return str(_("rent up to %(rent)s") % {"rent": yuan(rent)})
