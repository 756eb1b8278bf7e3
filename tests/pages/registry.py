"""Every page of every face: its route, who looks at it, at what in the prepared world, and how many queries it makes.

A route of the platform that stands in none of the tables here fails a test (tests/doors/test_every_page.py).
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.urls import URLPattern, get_resolver

from tests.pages.desk import DESK
from tests.pages.page import NOBODY, OPERATOR, Page, first
from tests.pages.portal import PORTAL
from tests.pages.storefront import STOREFRONT


def routes(resolver: Any = None, space: str = "") -> Iterator[str]:
    """The full name of every route of the platform but the admin's, whose pages follow from its models."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}"
        elif entry.namespace != "admin":
            yield from routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


def face(route: str) -> str:
    """storefront, portal or desk; the style guide and the like are themselves."""
    return route.partition(":")[0]


def parameters(route: str) -> list[str]:
    """The names in a route's address."""
    resolver: Any = get_resolver()
    *spaces, name = route.split(":")
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    [(possibilities, *_rest)] = resolver.reverse_dict.getlist(name)
    return list(possibilities[0][1])


def _name(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


CHANGED = [  # models of which the world has a row
    "catalog_devicetype", "catalog_devicemodel", "catalog_sku", "catalog_leaseplan", "credit_tierset",
    "credit_decision", "orders_order", "billing_lease", "billing_payment", "billing_deposit", "contracts_agreement",
    "accounts_merchant", "accounts_customer", "accounts_user", "core_event", "core_outboxmessage", "notices_message",
    "billing_merchantstatement", "billing_commissionterm", "billing_alonelimit", "core_approval", "credit_demand",
    "accounts_contact", "accounts_document", "visits_visit", "visits_fieldagent", "visits_visitcomplaint",
    "orders_riskrule", "orders_leaseruleset", "orders_reviewrequest",
]  # fmt: skip
SECOND_FACTOR = [
    Page("second_factor", "colleague", 10),
    Page("second_factor_connect", OPERATOR, 13),
    Page("second_factor_connect", "colleague", 10, variant="connected"),
]
PAGES = [*STOREFRONT, *PORTAL, *DESK, *SECOND_FACTOR, Page("styleguide", NOBODY, 0)]
ADMIN = [
    Page("admin:login", NOBODY, 5),
    Page("admin:index", OPERATOR, 60),
    *(Page(f"admin:{_name(model)}_changelist", OPERATOR, 60) for model in admin.site._registry),
    *(Page(f"admin:{name}_change", OPERATOR, 60, first(name), variant="first") for name in CHANGED),
    Page("admin:catalog_leaseplan_publish", OPERATOR, 60, lambda world: [world.draft.pk]),
]
