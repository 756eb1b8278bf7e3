"""Risk rules tried on past orders by a worker: facts as they were that day, labels from repayment, nothing changed."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from billing.services import repayment
from core import calendar
from core.services import outbox
from credit.rules import rule_trials as rules
from credit.rules.rule_trials import Tried
from orders.models import Order, RiskRule, RuleTrial, TriedOrder
from orders.services import risks, runs
from orders.services.runs import Work

LOOKS_BACK = timedelta(days=180)
PIECE = 50
MOST = 20_000


@transaction.atomic
def request(rule: RiskRule, actor: str, at: datetime) -> RuleTrial:
    """Try a rule, draft or not, on the orders of the last LOOKS_BACK days (topic rule_trial.requested)."""
    in_force = RiskRule.objects.filter(kind=rule.kind, state=RiskRule.State.PUBLISHED).exclude(pk=rule.pk).first()
    asked = runs.ask(RuleTrial(rule=rule, old_rule=in_force), actor, at)
    outbox.put("rule_trial.requested", trial_id=asked.pk)
    return asked


def run(trial_id: int, at: datetime) -> None:
    """As `runs.run`."""
    runs.run(WORK, trial_id, at)


@transaction.atomic
def again(trial_id: int, actor: str, at: datetime) -> RuleTrial:
    """Begin anew what failed, or what no worker moved on for long. NotOver."""
    return request(runs.require_over(WORK, trial_id, actor, at).rule, actor, at)


def _gather(asked: RuleTrial) -> int:
    placed = Order.objects.filter(placed_at__gt=asked.asked_at - LOOKS_BACK, placed_at__lte=asked.asked_at)
    found = list(placed.order_by("id").values_list("pk", "lease_id")[:MOST])
    known = repayment.labels([lease for _pk, lease in found], calendar.business_date(asked.asked_at))
    rows = [TriedOrder(trial=asked, order_id=pk, bad=known.get(lease)) for pk, lease in found]
    TriedOrder.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _piece(asked: RuleTrial) -> int:
    """The next PIECE orders."""
    needed = ("order__customer__user", "order__address")
    rows = list(asked.orders.filter(seen=False).select_related(*needed).order_by("order_id")[:PIECE])
    for row in rows:
        _try(row, asked.rule, asked.old_rule)
    TriedOrder.objects.bulk_update(rows, ["seen", "old_action", "new_action", "facts"])
    return len(rows)


def _try(row: TriedOrder, new: RiskRule, old: RiskRule | None) -> None:
    found = risks.would_find(row.order, new)
    before = risks.would_find(row.order, old) if old else None
    row.seen, row.facts = True, found or before
    row.new_action = str(found["action"]) if found else ""
    row.old_action = str(before["action"]) if before else ""


def _result(asked: RuleTrial) -> dict[str, Any]:
    rows = asked.orders.order_by("order_id").values_list("old_action", "new_action", "bad")
    return asdict(rules.effect([Tried(old, new, bad) for old, new, bad in rows]))


WORK = Work(RuleTrial, "rule_trial.piece", _gather, _piece, _result)
