"""Up to what amount one operator acts alone; what is above is asked for and decided by another one."""

from datetime import datetime
from decimal import Decimal

from accounts.models import User
from billing.models import AloneLimit
from billing.rules.limits import AT_FIRST, Deed
from core.services import events


def most(deed: Deed) -> Decimal:
    """What counts now: the last limit that was set, else the platform's first one."""
    last = AloneLimit.objects.filter(deed=deed).order_by("-id").values_list("most", flat=True).first()
    return AT_FIRST[deed] if last is None else last


def set_most(deed: Deed, amount: Decimal, by: User, at: datetime) -> AloneLimit:
    """From now on; what was done before stays as it is."""
    limit = AloneLimit.objects.create(deed=deed, most=amount, set_by=by, set_at=at)
    told = {"deed": deed, "most": str(amount)}
    events.record("limit_set", limit, at=at, actor=f"operator:{by.pk}", facts=told)
    return limit
