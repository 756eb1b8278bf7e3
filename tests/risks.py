"""Risk rules in force, as two operators put them there."""

from typing import Any

from orders.models import RiskRule
from orders.services import risk_rules
from tests.make import AT


def in_force(kind: str, threshold: int, window_days: int = 30, **fields: Any) -> RiskRule:
    return published(RiskRule.objects.create(kind=kind, threshold=threshold, window_days=window_days, **fields))


def published(rule: RiskRule) -> RiskRule:
    asked = risk_rules.propose(rule.pk, "operator:1", "agreed in the meeting", AT)
    return risk_rules.carry_out(asked.pk, "operator:2", AT)


def ended(rule: RiskRule) -> RiskRule:
    asked = risk_rules.propose_end(rule.pk, "operator:1", "held too many", AT)
    return risk_rules.carry_out_end(asked.pk, "operator:2", AT)
