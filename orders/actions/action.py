"""One row of the table: who may take a step, when, and what it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise

from accounts.models import User
from orders.action_forms import NoForm
from orders.models import Order

CUSTOMER, MERCHANT, OPERATOR = "customer", "merchant", "operator"
PREFIX = {CUSTOMER: "", MERCHANT: "/portal", OPERATOR: "/desk"}
Run = Callable[[Order, User, dict[str, Any], datetime], Any]


def _always(order: Order, at: datetime) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One row: who, when, and what it runs. `run` is None where the step has a page of its own (agreement, paying)."""

    face: str
    name: str
    label: str | Promise
    states: tuple[str, ...]
    run: Run | None = None
    form: type[forms.Form] = NoForm
    primary: bool = False
    when: Callable[[Order, datetime], bool] = field(default=_always)
    hint: str | Promise = ""
    is_way_out: bool = False  # has figures of its own, and stands with its price among the ways to end the lease

    def open_for(self, order: Order, at: datetime) -> bool:
        return order.state in self.states and self.when(order, at)

    def url(self, order: Order) -> str:
        return f"{PREFIX[self.face]}/orders/{order.number}/{self.name}/"


@dataclass(frozen=True)
class Offered:
    """An action as a button of one order."""

    name: str
    label: str | Promise
    url: str
    primary: bool
