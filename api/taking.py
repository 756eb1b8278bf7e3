"""Taking a step by the API: the row of the table, its form, its service; once for each Idempotency-Key."""

from datetime import datetime
from typing import Any

from accounts.models import ApiToken
from api import fields
from api.problems import Problem
from core.errors import DomainError
from core.services import requests
from orders import actions
from orders.models import Order
from orders.services import steps

ROUTE = "api:act"


def once(
    action: actions.Action, order: Order, token: ApiToken, given: dict[str, Any], key: str, at: datetime
) -> dict[str, str]:
    """The answer of this key. A step that was refused keeps nothing, and its key may be used again.

    RequestInFlight, RequestKeyReused; a Problem for what the form or a field refuses; what the domain refuses.
    """
    body = {"order": order.number, "action": action.name, "fields": given}
    answer: dict[str, str] = requests.once(
        f"user:{token.user_id}", ROUTE, key, body, lambda: _take(action, order, token, given, at),
        waits=False,
    )  # fmt: skip
    return answer


def _take(action: actions.Action, order: Order, token: ApiToken, given: dict[str, Any], at: datetime) -> dict[str, str]:
    if not action.open_for(order, at):
        raise steps.StepNotPossible(state=order.get_state_display())
    form = fields.filled(action, given)
    try:
        actions.take(action, order, token.user, form, at)
    except DomainError as error:
        name = actions.field_of(error, form)
        if name is None:
            raise
        wrong = {name: [{"code": error.code, "message": str(error)}]}
        raise Problem(422, error.code, str(error), wrong) from error
    state = Order.objects.values_list("state", flat=True).get(pk=order.pk)
    return {"order": order.number, "action": action.name, "state": state}
