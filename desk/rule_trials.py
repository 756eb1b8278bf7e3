"""What a rule trial found, as its page shows it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import RiskRule, RuleTrial, TriedOrder
from orders.services import risks

Text = str | Promise
MOST = 100  # orders listed

COUNTS: tuple[tuple[str, Text], ...] = (
    ("held", _("a person would have looked")),
    ("asked", _("something would have been asked for")),
    ("refused", _("would have been refused")),
    ("labelled", _("of all these, can be told")),
    ("bad", _("of them fell behind")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An order that one of the two rules would have met."""

    number: str
    why: str
    old: Text
    new: Text
    is_new: bool
    bad: bool | None


def sides(result: dict[str, Any]) -> list[tuple[Text, int, int]]:
    """Each count under the rule in force and under the one looked at."""
    return [(name, result["old"][key], result["new"][key]) for key, name in COUNTS]


def rows(trial: RuleTrial) -> list[Row]:
    """First those that fell behind, then the newest."""
    met = ~Q(old_action="") | ~Q(new_action="")
    found = (
        TriedOrder.objects.filter(met, trial=trial)
        .select_related("order")
        .order_by(F("bad").desc(nulls_last=True), "-order_id")[:MOST]
    )
    words = dict(RiskRule.Action.choices)
    return [
        Row(
            each.order.number,
            risks.explain_facts(trial.rule.kind, each.facts or {}),
            words.get(each.old_action, "–"),
            words.get(each.new_action, "–"),
            bool(each.new_action) and not each.old_action,
            each.bad,
        )
        for each in found
    ]
