"""The one table of what an operator may do to a customer's trust."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.models import Approval
from credit.models import HardStop
from credit.services import incomes, lifts, stops

Run = Callable[[Customer, dict[str, Any], str, datetime], Any]


class GroundsForm(forms.Form):
    """Why; it stays on record."""

    grounds = forms.CharField(label=_("Grounds, which stay on record"), min_length=4, max_length=400)


class StopForm(GroundsForm):
    kind = forms.ChoiceField(label=_("Because of"), choices=HardStop.Kind.choices)


class LiftForm(GroundsForm):
    row = forms.IntegerField(min_value=1)


class RowForm(forms.Form):
    row = forms.IntegerField(min_value=1)


@dataclass(frozen=True, slots=True)
class Step:
    """`run` returns the request where a second person decides."""

    form: type[forms.Form]
    run: Run


def _revoke_lift(customer: Customer, good: dict[str, Any], actor: str, at: datetime) -> None:
    lifts.revoke(customer, good["grounds"], actor, at)


def _restore_lift(customer: Customer, good: dict[str, Any], actor: str, at: datetime) -> None:
    lifts.restore(customer, good["grounds"], actor, at)


def _stop(customer: Customer, good: dict[str, Any], actor: str, at: datetime) -> None:
    stops.add(customer, good["kind"], good["grounds"], actor, at)


def _lift_stop(customer: Customer, good: dict[str, Any], actor: str, at: datetime) -> Approval:
    return stops.ask_to_lift(customer, good["row"], good["grounds"], actor, at)


def _income(customer: Customer, good: dict[str, Any], actor: str, at: datetime) -> None:
    incomes.document(customer, good["row"], actor, at)


STEPS: dict[str, Step] = {
    "revoke-lift": Step(GroundsForm, _revoke_lift),
    "restore-lift": Step(GroundsForm, _restore_lift),
    "stop": Step(StopForm, _stop),
    "lift-stop": Step(LiftForm, _lift_stop),
    "income": Step(RowForm, _income),
}
