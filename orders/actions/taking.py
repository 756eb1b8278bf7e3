"""Taking a step: the same for every face that a person or a machine presses the button on."""

from datetime import datetime
from typing import Any

from django import forms

from accounts.models import User
from core.errors import DomainError
from orders.actions.action import Action
from orders.models import Order

FIELDS = {"unit_not_found": "code", "unit_out": "code", "waybill_invalid": "waybill", "waybill_used": "waybill"}


def take(action: Action, order: Order, user: User, form: forms.Form, at: datetime) -> Any:
    """Run the row's service with what its valid form found. What the domain refuses is raised."""
    assert action.run is not None
    return action.run(order, user, form.cleaned_data, at)


def field_of(error: DomainError, form: forms.Form) -> str | None:
    """The field that a refusal speaks of; None when it speaks of the step."""
    name = FIELDS.get(error.code)
    return name if name in form.fields else None
