"""Risk rules tried on past orders by a worker: facts as they were that day, labels from repayment, nothing changed."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.services import repayment
from core import calendar, faults
from core.errors import DomainError
from core.services import events, outbox
from credit.rules import rule_trials as rules
from credit.rules.rule_trials import Tried
from orders.models import Order, RiskRule, RuleTrial, TriedOrder
from orders.services import risks

LOOKS_BACK = timedelta(days=180)
STUCK_AFTER = timedelta(minutes=30)
PIECE = 50
MOST = 20_000


class NotOver(DomainError):
    code = "rule_trial_not_over"
    message = _("It is under way or done. What failed or stands still can be begun anew.")


@transaction.atomic
def request(rule: RiskRule, actor: str, at: datetime) -> RuleTrial:
    """Try a rule, draft or not, on the orders of the last LOOKS_BACK days (topic rule_trial.requested)."""
    in_force = RiskRule.objects.filter(kind=rule.kind, state=RiskRule.State.PUBLISHED).exclude(pk=rule.pk).first()
    asked = RuleTrial.objects.create(rule=rule, old_rule=in_force, asked_by=actor, asked_at=at)
    events.record("transition", asked, at=at, actor=actor, target=asked.state)
    outbox.put("rule_trial.requested", trial_id=asked.pk)
    return asked


def run(trial_id: int, at: datetime) -> None:
    """Do it, or go on with it, in pieces that commit by themselves; a second delivery changes nothing."""
    asked = _begin(trial_id, at)
    if asked is None:
        return
    while _piece(asked.pk, at):
        faults.point("rule_trial.piece")
    with transaction.atomic():
        locked = RuleTrial.objects.select_for_update().get(pk=asked.pk)
        if can_proceed(locked.finish):
            source = locked.state
            locked.finish(_result(locked), at)
            locked.save(update_fields=["state", "result", "ended_at"])
            events.record("transition", locked, at=at, source=source, target=locked.state)


@transaction.atomic
def again(trial_id: int, actor: str, at: datetime) -> RuleTrial:
    """Begin anew what no worker moved on for long; it is named as failed first. NotOver."""
    old = RuleTrial.objects.select_for_update().get(pk=trial_id)
    if not is_stuck(old, at):
        raise NotOver
    source = old.state
    old.fail(str(_("No worker moved it on; it was begun anew.")), at)
    old.save(update_fields=["state", "failure", "ended_at"])
    events.record("transition", old, at=at, actor=actor, source=source, target=old.state)
    return request(old.rule, actor, at)


def is_stuck(asked: RuleTrial, at: datetime) -> bool:
    """Whether it has not ended and nothing moved it on for longer than a dead worker's message takes to come again."""
    return asked.ended_at is None and (asked.moved_at or asked.asked_at) < at - STUCK_AFTER


def _begin(trial_id: int, at: datetime) -> RuleTrial | None:
    """The first who takes it writes down which orders are looked at, with their labels, in one transaction."""
    with transaction.atomic():
        asked = RuleTrial.objects.select_for_update().get(pk=trial_id)
        if can_proceed(asked.begin):
            source = asked.state
            asked.begin()
            asked.total, asked.moved_at = _gather(asked), at
            asked.save(update_fields=["state", "total", "moved_at"])
            events.record("transition", asked, at=at, source=source, target=asked.state)
    return asked if asked.state == RuleTrial.State.RUNNING else None


def _gather(asked: RuleTrial) -> int:
    placed = Order.objects.filter(placed_at__gt=asked.asked_at - LOOKS_BACK, placed_at__lte=asked.asked_at)
    found = list(placed.order_by("id").values_list("pk", "lease_id")[:MOST])
    known = repayment.labels([lease for _pk, lease in found], calendar.business_date(asked.asked_at))
    rows = [TriedOrder(trial=asked, order_id=pk, bad=known.get(lease)) for pk, lease in found]
    TriedOrder.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _piece(trial_id: int, at: datetime) -> bool:
    """The next PIECE orders in a transaction of their own; False when none is left. Locks the trial."""
    with transaction.atomic():
        asked = RuleTrial.objects.select_for_update(of=("self",)).select_related("rule", "old_rule").get(pk=trial_id)
        if asked.state != RuleTrial.State.RUNNING:
            return False  # somebody named it failed and began anew
        needed = ("order__customer__user", "order__address")
        rows = list(asked.orders.filter(seen=False).select_related(*needed).order_by("order_id")[:PIECE])
        for row in rows:
            _try(row, asked.rule, asked.old_rule)
        TriedOrder.objects.bulk_update(rows, ["seen", "old_action", "new_action", "facts"])
        asked.done, asked.moved_at = asked.done + len(rows), at
        asked.save(update_fields=["done", "moved_at"])
    return bool(rows)


def _try(row: TriedOrder, new: RiskRule, old: RiskRule | None) -> None:
    found = risks.would_find(row.order, new)
    before = risks.would_find(row.order, old) if old else None
    row.seen, row.facts = True, found or before
    row.new_action = str(found["action"]) if found else ""
    row.old_action = str(before["action"]) if before else ""


def _result(asked: RuleTrial) -> dict[str, object]:
    rows = asked.orders.order_by("order_id").values_list("old_action", "new_action", "bad")
    return asdict(rules.effect([Tried(old, new, bad) for old, new, bad in rows]))
