"""The first page: where the customer stands, what kinds there are, the offers that come first."""

from dataclasses import dataclass
from datetime import date

from accounts.models import Customer
from catalog.models import DeviceType
from catalog.services import search
from credit.services import decisions
from orders.services import lease_rules
from storefront.pages import late, standing
from storefront.pages import offers as shelves
from storefront.pages.offers import Card
from storefront.pages.standing import NextBill, ShownQuota

OFFERS = 6
KINDS_ON_PHONE = 6


@dataclass(frozen=True, slots=True)
class ShownHome:
    """What `storefront/home.html` prints."""

    kinds: list[DeviceType]
    offers: list[Card]
    offered: int
    is_signed_in: bool
    has_decision: bool
    score: int | None
    quota: ShownQuota | None
    next_bill: NextBill | None
    late: str


def shown(customer: Customer | None, on: date) -> ShownHome:
    kinds = search.kinds()
    decision = decisions.current(customer, on) if customer else None
    quota = standing.quota_of(customer) if customer else None
    return ShownHome(
        kinds=kinds,
        offers=shelves.cards(customer, search.featured(OFFERS), on),
        offered=sum(vars(kind)["offered"] for kind in kinds),
        is_signed_in=customer is not None,
        has_decision=decision is not None,
        score=decision.score if decision else None,
        quota=quota if quota and (quota.limit or quota.held) else None,
        next_bill=standing.next_bill(customer, on) if customer else None,
        late=late.told(lease_rules.of_day(on)),
    )
