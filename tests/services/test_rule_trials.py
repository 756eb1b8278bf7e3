"""A risk rule tried on past orders: facts of that day, labels from repayment, nothing changed (B18, B19)."""

from datetime import timedelta

import pytest

from accounts.models import Customer
from core.models import OutboxMessage
from orders.models import Order, RiskHit, RiskRule, RuleTrial, TriedOrder
from orders.services import approvals, cancellations, risks, rule_trials, runs
from tests import make, walks
from tests import risks as rules

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(days=1)


def draft(kind: str = "MANY_LEASES", threshold: int = 2, days: int = 7, **fields: str) -> RiskRule:
    return RiskRule.objects.create(kind=kind, threshold=threshold, window_days=days, **fields)


def run(rule: RiskRule) -> RuleTrial:
    made = rule_trials.request(rule, "operator:1", LATER)
    assert OutboxMessage.objects.filter(topic="rule_trial.requested", payload={"trial_id": made.pk}).exists()
    rule_trials.run(made.pk, LATER)
    return RuleTrial.objects.get(pk=made.pk)


def three(of: Customer) -> list[Order]:
    return [make.order(of=of, slug="mini-4", months=3, at=AT + timedelta(hours=n)) for n in range(3)]


def test_a_draft_says_whom_it_would_have_held_and_the_rule_in_force_beside_it() -> None:
    """Three orders of one, one of another; from two on: two of four; the rule in force, from three on: one."""
    rules.in_force("MANY_LEASES", 3, 7)
    first, second, third = three(make.customer())
    make.order(slug="mini-4", months=3)
    found = run(draft())
    assert found.result is not None
    assert (found.state, found.done, found.total) == ("DONE", 4, 4)
    assert (found.result["old"]["held"], found.result["new"]["held"], found.result["added"]) == (1, 2, 1)
    rows = {each.order_id: (each.old_action, each.new_action) for each in TriedOrder.objects.filter(trial=found)}
    assert (rows[first.pk], rows[second.pk], rows[third.pk]) == (("", ""), ("", "HOLD"), ("HOLD", "HOLD"))


def test_it_says_what_the_rule_says_when_it_is_in_force() -> None:
    """The same orders, really looked at by the same rule: the same ones are met, with the same facts."""
    rule = rules.in_force("MANY_LEASES", 2, 7)
    of = make.customer()
    for order in three(of):
        approvals.review(order.pk, order.placed_at)
    run(rule)
    met = TriedOrder.objects.exclude(new_action="")
    assert {each.order_id: each.facts for each in met} == {hit.order_id: hit.facts for hit in RiskHit.objects.all()}
    assert met.count() == 2


def test_facts_are_those_of_the_day_of_the_order() -> None:
    """The first order was cancelled after the second was placed, so it counted; an address given later did not."""
    of = make.customer()
    first, _second, _third = three(of)
    cancellations.cancel(first.pk, f"customer:{of.pk}", "by_customer", AT + timedelta(hours=1, minutes=30))
    assert run(draft()).result["new"]["held"] == 2  # type: ignore[index]
    alone = make.order(slug="mini-4", months=3, at=AT - timedelta(days=2))
    shared = draft("SHARED_ADDRESS", 1, 30)
    assert risks.would_find(alone, shared) is None
    make.order(slug="mini-4", months=3, at=AT + timedelta(hours=5))
    assert risks.would_find(alone, shared) is None


def test_labels_come_from_repayment() -> None:
    order = make.order("ACTIVE", slug="mini-4", months=3, at=AT - timedelta(days=150))
    make.order(of=order.customer, slug="mini-4", months=3, at=AT - timedelta(days=149))
    found = run(draft())
    assert found.result is not None
    assert (found.result["labelled"], found.result["bad"]) == (1, 1)  # nothing was paid after the first rent
    assert (found.result["new"]["held"], found.result["new"]["labelled"]) == (1, 0)


def test_a_trial_changes_nothing_and_a_second_delivery_repeats_nothing() -> None:
    three(make.customer())
    made = rule_trials.request(draft(), "operator:1", LATER)
    with walks.nothing_changes("orders_ruletrial", "orders_triedorder", "core_event"):
        rule_trials.run(made.pk, LATER)
    with walks.nothing_changes():
        rule_trials.run(made.pk, LATER)


def test_what_stands_still_is_begun_anew() -> None:
    made = rule_trials.request(draft(), "operator:1", AT)
    with pytest.raises(runs.NotOver):
        rule_trials.again(made.pk, "operator:1", AT + timedelta(minutes=5))
    new = rule_trials.again(made.pk, "operator:1", AT + timedelta(minutes=31))
    assert (RuleTrial.objects.get(pk=made.pk).state, new.state) == ("FAILED", "QUEUED")
    rule_trials.run(made.pk, LATER)  # the old message comes late
    assert RuleTrial.objects.get(pk=made.pk).result is None
