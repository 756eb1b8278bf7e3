"""One page of a face: its route, who looks at it, at what in the prepared world, and how many queries it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import reverse

from tests.pages.world import World

NOBODY, DOORSTEP = "", "on the doorstep"  # the second one gave his phone and waits for the code
CUSTOMER, MERCHANT, OPERATOR, AGENT = "renter", "merchant", "operator", "agent"  # people of the world
OPEN = {
    "storefront:home", "storefront:devices", "storefront:device", "storefront:sign_in", "storefront:offline",
    "storefront:basket", "storefront:verify", "styleguide", "portal:sign_in", "desk:sign_in", "storefront:guarantee",
    "storefront:sign_in_mail",
}  # fmt: skip
Arguments = Callable[[World], list[Any]]


def nothing(world: World) -> list[Any]:
    return []


@dataclass(frozen=True)
class Page:
    """One page as one person sees it. `is_own`: other people of the same kind must not find it."""

    route: str
    who: str
    queries: int
    arguments: Arguments = nothing
    query: str = ""
    variant: str = ""
    is_own: bool = False
    waits: bool = False  # for a provider; it looks again by itself every few seconds, and says so

    @property
    def is_open(self) -> bool:
        """Anybody sees it, though perhaps otherwise than the one it is made for."""
        return self.route in OPEN

    @property
    def name(self) -> str:
        return f"{self.route} {self.variant}".strip()

    def address(self, world: World) -> str:
        return reverse(self.route, args=self.arguments(world)) + self.query.format(
            plan=world.plan.pk, ahead=world.ahead
        )


def order(route: str, who: str, queries: int, names: str, *more: Any) -> list[Page]:
    """The page of `route` for each of these orders; `more` follows the order's number in the address."""
    variants = {name: " ".join([name, *map(str, more)]) for name in names.split()}
    return [
        Page(route, who, queries, number_of(name, more), variant=variant, is_own=who != OPERATOR)
        for name, variant in variants.items()
    ]


def each(route: str, who: str, name: str, *steps: Any) -> list[Page]:
    """The page of `route` for one order and each of these steps."""
    return [page for step in steps for page in order(route, who, 20, name, step)]


def number_of(name: str, more: tuple[Any, ...]) -> Arguments:
    return lambda world: [world.number(name), *more]


def customer_of(name: str) -> Arguments:
    return lambda world: [world.people[name].customer.number]


def plan(world: World) -> list[Any]:
    return [world.plan.pk]


def given(*arguments: Any) -> Arguments:
    return lambda world: list(arguments)


def first(name: str) -> Arguments:
    """The oldest row of a model, which the world has."""
    model = apps.get_model(name.replace("_", ".", 1))
    return lambda world: [model._default_manager.order_by("pk").values_list("pk", flat=True)[0]]


def statement(world: World) -> list[Any]:
    return [world.statement.number]


def paid_statement(world: World) -> list[Any]:
    return [world.paid_statement.number]
