"""A scorecard, a risk rule and lease rules in words, for the second person: line by line against what is in force."""

from decimal import Decimal

from django.db.models import Model
from django.utils.translation import gettext as _

from core.templatetags.xinzu import rate
from credit.models import Demand
from credit.rules.scorecards import Factor
from credit.services import factors, scorecards
from credit.services.scorecards import Proposal
from orders.models import LeaseRuleSet, RiskRule
from orders.services import lease_rules, risk_rules

NOTHING = "–"


def differences(wanted: Proposal) -> list[str]:
    """Of a card against the one in force; all of it when there is none."""
    present = scorecards.in_force()
    old = scorecards.proposal(present) if present else None
    weights = {each.dimension: each.percent for each in old.weights} if old else {}
    drawn = {each.code: _drawn(each) for each in old.factors} if old else {}
    changed = [
        (str(factors.DIMENSION_NAMES[each.dimension]), _weight(weights.get(each.dimension)), _weight(each.percent))
        for each in wanted.weights
    ]
    changed += [(str(factors.name(each.code)), drawn.pop(each.code, NOTHING), _drawn(each)) for each in wanted.factors]
    changed += [(str(factors.name(code)), before, NOTHING) for code, before in drawn.items()]
    return [_line(*each) for each in changed if each[1] != each[2]]


def rule_lines(wanted: risk_rules.Proposal) -> list[str]:
    """Of a rule, each figure beside that of the rule of its kind in force."""
    present = RiskRule.objects.filter(kind=wanted.kind, state=RiskRule.State.PUBLISHED).first()
    old = risk_rules.proposal(present) if present else None
    return [
        str(RiskRule.Kind(wanted.kind).label),
        *(
            _line(str(_field(name)), _said(old, name) if old else NOTHING, _said(wanted, name))
            for name in ("threshold", "window_days", "action", "demand")
        ),
    ]


def lease_rule_lines(wanted: lease_rules.Proposal) -> list[str]:
    """Of lease rules, each figure beside that of the rules in force."""
    old = lease_rules.in_force()
    return [
        _line(str(_field(name, LeaseRuleSet)), _figure(getattr(old, name)), _figure(getattr(wanted, name)))
        for name in lease_rules.COPIED
    ]


def _figure(value: object) -> str:
    modes = dict(LeaseRuleSet.Mode.choices)
    return rate(value) if isinstance(value, Decimal) else str(modes.get(str(value), value))


def _line(what: str, before: str, now: str) -> str:
    return _("%(what)s: %(before)s → %(now)s") % {"what": what, "before": before, "now": now}


def _weight(share: int | None) -> str:
    return NOTHING if share is None else f"{share}%"


def _drawn(factor: Factor) -> str:
    """0:20 25:60 – from a value on, so many points."""
    return " ".join(f"{each.from_value}:{each.points}" for each in factor.bins)


def _field(name: str, of: type[Model] = RiskRule) -> object:
    return of._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _said(rule: risk_rules.Proposal, name: str) -> str:
    choices = dict([*RiskRule.Action.choices, *Demand.Kind.choices])
    value = getattr(rule, name)
    return str(choices.get(value, value)) or NOTHING
