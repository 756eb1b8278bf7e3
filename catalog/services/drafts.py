"""A merchant's draft of a plan: kept by him, published by an operator alone (catalog.services.plans)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Merchant
from catalog.models import LeasePlan, PlanTerm, Sku
from catalog.services import plans
from core.services import events

Term = tuple[int, Decimal, Decimal | None]  # months, monthly rent, total to own


@transaction.atomic
def keep(
    merchant: Merchant, sku: Sku, fields: dict[str, Any], terms: Sequence[Term], actor: str, at: datetime,
    plan_id: int | None = None,
) -> LeasePlan:  # fmt: skip
    """A new draft, or the figures of one that is there. PlanNotDraft for a published one; DoesNotExist for another's.

    Locks the SKU, as publishing does, then the plan: a draft that is being published is not changed under it.
    """
    Sku.objects.select_for_update().get(pk=sku.pk)
    if plan_id is None:
        plan = LeasePlan(merchant=merchant, sku=sku, version=plans.next_version(merchant.pk, sku.pk))
    else:
        plan = LeasePlan.objects.select_for_update().get(pk=plan_id, merchant=merchant, sku=sku)
        if plan.state != LeasePlan.State.DRAFT:
            raise plans.PlanNotDraft
    for name, value in fields.items():
        setattr(plan, name, value)
    plan.save()
    plan.terms.all().delete()
    PlanTerm.objects.bulk_create(
        PlanTerm(plan=plan, months=months, monthly_rent=rent, total_to_own=total) for months, rent, total in terms
    )
    events.record("plan_drafted", plan, at=at, actor=actor)
    return plan
