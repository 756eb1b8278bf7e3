"""Past applications as credit's rules look at them: the score they were decided on and the deposit D."""

from datetime import datetime, timedelta

from django.db.models import Count

from credit.rules.impact import Past
from credit.services import tiers
from orders.models import Order

LOOKS_BACK = timedelta(days=180)


def recent(at: datetime) -> list[Past]:
    """The orders of the last 180 days that stood on a decision with a tier, grouped: one query, one row per kind."""
    placed = Order.objects.filter(placed_at__gt=at - LOOKS_BACK, placed_at__lte=at, decision__tier__isnull=False)
    rows = (
        placed.annotate(score=tiers.points("decision__"))
        .values_list("score", "lease__deposit__total")
        .annotate(n=Count("pk"))
        .order_by("score", "lease__deposit__total")
    )
    return [Past(score, deposit, count) for score, deposit, count in rows]
