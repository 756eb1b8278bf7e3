"""Every page of every face: its route, who looks at it, at what in the prepared world, and how many queries it makes.

A route of the platform that stands in none of the tables here fails a test (tests/doors/test_every_page.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Contact
from accounts.services import contacts
from arrears.models import CollectionCase, HardshipRequest
from billing.models import Chargeback, Refund
from tests.pages.world import World
from visits.models import Visit

NOBODY, DOORSTEP = "", "on the doorstep"  # the second one gave his phone and waits for the code
CUSTOMER, MERCHANT, OPERATOR, AGENT = "renter", "merchant", "operator", "agent"  # people of the world
OPEN = {
    "storefront:home", "storefront:devices", "storefront:device", "storefront:sign_in", "storefront:offline",
    "storefront:basket", "storefront:verify", "styleguide", "portal:sign_in", "desk:sign_in", "storefront:guarantee",
}  # fmt: skip
Arguments = Callable[[World], list[Any]]


def _nothing(world: World) -> list[Any]:
    return []


@dataclass(frozen=True)
class Page:
    """One page as one person sees it. `is_own`: other people of the same kind must not find it."""

    route: str
    who: str
    queries: int
    arguments: Arguments = _nothing
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
        Page(route, who, queries, _number_of(name, more), variant=variant, is_own=who != OPERATOR)
        for name, variant in variants.items()
    ]


def each(route: str, who: str, name: str, *steps: Any) -> list[Page]:
    """The page of `route` for one order and each of these steps."""
    return [page for step in steps for page in order(route, who, 20, name, step)]


def _number_of(name: str, more: tuple[Any, ...]) -> Arguments:
    return lambda world: [world.number(name), *more]


def _customer_of(name: str) -> Arguments:
    return lambda world: [world.people[name].customer.number]


def _checkout_of(name: str) -> Arguments:
    return lambda world: [world.orders[name].checkout.number]


def plan(world: World) -> list[Any]:
    return [world.plan.pk]


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


def _given(*arguments: Any) -> Arguments:
    return lambda world: list(arguments)


def _first(name: str) -> Arguments:
    """The oldest row of a model, which the world has."""
    model = apps.get_model(name.replace("_", ".", 1))
    return lambda world: [model._default_manager.order_by("pk").values_list("pk", flat=True)[0]]


def _failed_refund(world: World) -> list[Any]:
    return [Refund.objects.filter(state="FAILED").latest("pk").number]


def _dispute(world: World) -> list[Any]:
    return [Chargeback.objects.latest("pk").number]


def _disputed_payment(world: World) -> list[Any]:
    return [Chargeback.objects.latest("pk").payment.number]


def _plan_by_day(world: World) -> list[Any]:
    return [apps.get_model("catalog.LeasePlan")._default_manager.get(state="PUBLISHED", most_days__gt=0).pk]


def _case(world: World) -> list[Any]:
    return [CollectionCase.objects.get(lease=world.orders["LATE"].lease).number]


def _lettered_case(world: World) -> list[Any]:
    return [CollectionCase.objects.get(lease=world.orders["LETTERED"].lease).number]


def _asked_for_relief(world: World) -> list[Any]:
    return [HardshipRequest.objects.get(lease=world.orders["LATE"].lease).number]


def _statement(world: World) -> list[Any]:
    return [world.statement.number]


def _paid_statement(world: World) -> list[Any]:
    return [world.paid_statement.number]


def _visit_of(name: str, *more: Any) -> Arguments:
    return lambda world: [Visit.objects.get(order_number=world.number(name)).number, *more]


def _guarantee(world: World) -> list[Any]:
    return [contacts.link(Contact.objects.get(order_number=world.number("HELD"), kind="GUARANTOR"))]


def _tier_draft(world: World) -> list[Any]:
    return [apps.get_model("credit.TierSet")._default_manager.get(state="DRAFT").version]


CHANGED = [  # models of which the world has a row
    "catalog_devicetype", "catalog_devicemodel", "catalog_sku", "catalog_leaseplan", "credit_tierset",
    "credit_decision", "orders_order", "billing_lease", "billing_payment", "billing_deposit", "contracts_agreement",
    "accounts_merchant", "accounts_customer", "accounts_user", "core_event", "core_outboxmessage", "notices_message",
    "billing_merchantstatement", "billing_commissionterm", "billing_alonelimit", "core_approval", "credit_demand",
    "accounts_contact", "accounts_document", "visits_visit", "visits_fieldagent", "visits_visitcomplaint",
    "orders_riskrule", "orders_reviewrequest",
]  # fmt: skip
STOREFRONT = [
    Page("storefront:home", NOBODY, 20),
    Page("storefront:home", CUSTOMER, 21, variant="renting"),
    Page("storefront:home", "newcomer", 20, variant="new"),
    Page("storefront:devices", NOBODY, 20),
    Page("storefront:devices", NOBODY, 20, query="?q=zzzz", variant="nothing found"),
    Page("storefront:device", NOBODY, 20, plan),
    Page("storefront:device", CUSTOMER, 20, plan, query="?months=12", variant="renting"),
    Page("storefront:device", NOBODY, 20, _plan_by_day, variant="by the day"),
    Page("storefront:sign_in", NOBODY, 20),
    Page("storefront:sign_in_code", DOORSTEP, 20),
    Page("storefront:me", CUSTOMER, 20),
    Page("storefront:me", "newcomer", 20, variant="new"),
    Page("storefront:messages", CUSTOMER, 20),
    Page("storefront:messages", "newcomer", 20, variant="none"),
    Page("storefront:permissions", CUSTOMER, 20),
    Page("storefront:addresses", CUSTOMER, 20),
    Page("storefront:addresses", "newcomer", 20, variant="none"),
    Page("storefront:address_add", CUSTOMER, 20),
    Page("storefront:identity", CUSTOMER, 20, variant="proved"),
    Page("storefront:identity", "newcomer", 20),
    Page("storefront:identity", "waiting", 20, variant="waiting", waits=True),
    Page("storefront:identity", "mistaken", 20, variant="refused"),
    Page("storefront:credit", CUSTOMER, 20),
    Page("storefront:credit", "newcomer", 20, variant="new"),
    Page("storefront:credit", "proved", 20, variant="proved"),
    Page("storefront:credit", "poor", 20, variant="refused"),
    Page("storefront:credit", "scoreless", 20, variant="no score"),
    Page("storefront:quota", CUSTOMER, 20),
    Page("storefront:quota", "newcomer", 20, variant="none"),
    Page("storefront:leases", CUSTOMER, 20),
    Page("storefront:leases", "newcomer", 20, variant="none"),
    Page("storefront:checkout", CUSTOMER, 20, plan),
    Page("storefront:address", CUSTOMER, 20, plan),
    Page("storefront:basket", CUSTOMER, 20, query="?line={plan}.12&line={plan}.6"),
    Page("storefront:basket", NOBODY, 20, query="?line=", variant="empty"),
    Page("storefront:basket_address", CUSTOMER, 20),
    Page("storefront:verify", NOBODY, 20),
    Page("storefront:verify", CUSTOMER, 20, variant="signed in"),
    Page("storefront:placed", CUSTOMER, 20, _checkout_of("APPROVED"), is_own=True),
    *order("storefront:order", CUSTOMER, 20, "APPROVED SIGNED PAID SHIPPED ACTIVE INSPECTING COMPLETED CANCELLED LATE"),
    *order("storefront:order", CUSTOMER, 22, "RETURNING SETTLING"),
    *order("storefront:order", "referred", 20, "REFERRED"),
    *order("storefront:order", "refused", 20, "REFUSED"),
    *order("storefront:order_inspection", CUSTOMER, 20, "CLAIMED DISPUTED SETTLING COMPLETED"),
    *order("storefront:agreement", CUSTOMER, 20, "APPROVED ACTIVE"),
    *order("storefront:agreement_sign", CUSTOMER, 20, "APPROVED"),
    *order("storefront:bills_pay", CUSTOMER, 20, "ACTIVE LATE"),
    *order("storefront:order_pay", CUSTOMER, 20, "SIGNED"),
    Page("storefront:order_paid", CUSTOMER, 20, _number_of("SIGNED", ()), is_own=True, waits=True),
    *order("storefront:order_step", CUSTOMER, 20, "SIGNED", "cancel"),
    *each("storefront:order_step", CUSTOMER, "SHIPPED", "confirm", "defect"),
    *order("storefront:order_address", CUSTOMER, 20, "SIGNED SHIPPED"),
    *order("storefront:order_photos", CUSTOMER, 20, "SHIPPED ACTIVE"),
    *each("storefront:order_step", CUSTOMER, "ACTIVE", "buy", "return-early"),
    *order("storefront:swap", CUSTOMER, 24, "ACTIVE"),
    *each("storefront:order_step", "other", "OPENED", "hand-over", "withdraw"),
    *order("storefront:lease", CUSTOMER, 21, "ACTIVE LATE COMPLETED"),
    Page("storefront:lease", CUSTOMER, 21, _number_of("ACTIVE", ()), query="?on={ahead}", variant="ahead", is_own=True),
    *order("storefront:lease", "renewing", 22, "LAST_WEEKS RENEWING"),
    *order("storefront:renewal", "renewing", 20, "LAST_WEEKS RENEWING"),
    *order("storefront:order_step", "renewing", 20, "RENEWING", "do-not-renew"),
    *order("storefront:lease", "planned", 22, "PLANNED"),
    *order("storefront:extension", "planned", 20, "PLANNED"),
    *order("storefront:extension", CUSTOMER, 20, "LATE"),
    *order("storefront:order_step", "planned", 20, "PLANNED", "refuse-extension"),
    *order("storefront:choice", "lettered", 24, "LETTERED"),
    *order("storefront:choice", CUSTOMER, 20, "LATE"),
    *order("storefront:lease", "lettered", 26, "LETTERED"),
    *(Page("storefront:balance", who, 20, variant=variant) for who, variant in ((CUSTOMER, ""), ("newcomer", "none"))),
    *order("storefront:bill_part", CUSTOMER, 20, "LATE", 3),
    *order("storefront:autopay", CUSTOMER, 20, "ACTIVE LATE COMPLETED"),
    *order("storefront:hardship", CUSTOMER, 20, "ACTIVE LATE"),
    *order("storefront:bill", CUSTOMER, 20, "ACTIVE", 1),
    *each("storefront:bill", CUSTOMER, "LATE", 2, 9),
    *(page for who in ("held", "visited", "looked") for page in order("storefront:order", who, 20, who.upper())),
    *order("storefront:order", "asked", 20, "ASKED BY_RULE"),
    *order("storefront:order_step", "asked", 20, "BY_RULE", "ask-a-person"),
    *order("storefront:order_contact", "held", 20, "HELD"),
    *order("storefront:order_guarantor", "held", 20, "HELD"),
    *order("storefront:order_documents", "held", 20, "HELD"),
    *order("storefront:order_visit", "held", 20, "HELD"),
    *order("storefront:order_visit", "visited", 20, "VISITED"),
    *order("storefront:visit_act", "held", 20, "HELD", "move"),
    *order("storefront:visit_act", "held", 20, "HELD", "decline"),
    *order("storefront:visit_act", "held", 20, "HELD", "complain"),
    *order("storefront:visit_act", "visited", 20, "VISITED", "rate"),
    Page("storefront:guarantee", NOBODY, 20, _guarantee),
    Page("storefront:offline", NOBODY, 0),
    Page("storefront:payment", CUSTOMER, 40, lambda world: [world.open_payment.number], is_own=True, waits=True),
]
PORTAL = [
    Page("portal:sign_in", NOBODY, 20),
    Page("portal:board", MERCHANT, 20),
    Page("portal:board", "other merchant", 20, variant="nothing to do"),
    Page("portal:orders", MERCHANT, 20),
    *order("portal:order", MERCHANT, 23, "PAID ACTIVE RETURNING INSPECTING SETTLING COMPLETED CANCELLED"),
    *each("portal:act", MERCHANT, "PAID", "ship", "cancel"),
    *order("portal:act", MERCHANT, 20, "ACTIVE", "activation"),
    *order("portal:act", MERCHANT, 20, "RETURNING", "arrive"),
    *each("portal:act", MERCHANT, "INSPECTING", "pass", "locked"),
    *order("portal:claim", MERCHANT, 20, "INSPECTING CLAIMED DISPUTED"),
    *order("portal:photos", MERCHANT, 20, "PAID ACTIVE"),
    Page("portal:labels", MERCHANT, 20),
    Page("portal:shop", MERCHANT, 20),
    Page("portal:password", MERCHANT, 20),
    Page("portal:staff", MERCHANT, 20),
    Page("portal:staff_add", MERCHANT, 20),
    Page("portal:units", MERCHANT, 20),
    Page("portal:unit_add", MERCHANT, 20),
    Page("portal:units_add", MERCHANT, 20),
    Page("portal:stock", MERCHANT, 20),
    Page("portal:unit", MERCHANT, 20, lambda world: [world.orders["ACTIVE"].unit_id], is_own=True),
    Page("portal:staff_let_in", MERCHANT, 20, lambda world: [world.colleague.pk], is_own=True),
    Page("portal:statements", MERCHANT, 20),
    Page("portal:statements", "other merchant", 20, variant="none"),
    Page("portal:statement", MERCHANT, 20, _statement, is_own=True),
    Page("portal:statement", MERCHANT, 20, _paid_statement, variant="paid out", is_own=True),
    Page("portal:plans", MERCHANT, 20),
    Page("portal:plan_new", MERCHANT, 20),
    Page("portal:plan", MERCHANT, 20, lambda world: [world.draft.pk], variant="draft", is_own=True),
    Page("portal:plan", MERCHANT, 20, lambda world: [world.plan.pk], variant="published", is_own=True),
    Page("portal:agreements", MERCHANT, 20),
    Page("portal:agreements", "other merchant", 20, variant="none"),
]
QUEUES = [
    "review", "contacts", "documents", "visits", "complaints", "approvals", "ending", "undelivered", "deposits",
    "payments", "freezes", "refunds", "gaps", "disputes", "hardships", "cases", "payouts", "messages",
]  # fmt: skip
DESK = [
    Page("desk:sign_in", NOBODY, 20),
    Page("desk:overview", OPERATOR, 43),
    *(Page("desk:queue", OPERATOR, 20, _given(name), variant=name) for name in QUEUES),
    Page("desk:customers", OPERATOR, 20),
    Page("desk:customers", OPERATOR, 20, query="?q=zzzz", variant="nothing found"),
    Page("desk:customer", OPERATOR, 28, _customer_of(CUSTOMER)),
    Page("desk:trust", OPERATOR, 28, _customer_of(CUSTOMER)),
    Page("desk:trust", OPERATOR, 28, _customer_of("newcomer"), variant="new"),
    Page("desk:customer", OPERATOR, 28, _customer_of("newcomer"), variant="new"),
    Page("desk:orders", OPERATOR, 20),
    Page("desk:orders", OPERATOR, 20, query="?q=zzzz", variant="nothing found"),
    *order("desk:order", OPERATOR, 29, "REFERRED HELD VISITED LOOKED ASKED"),  # with everything that a review needs
    *order("desk:order", OPERATOR, 31, "SIGNED LATE COMPLETED CANCELLED"),
    *each("desk:act", OPERATOR, "REFERRED", "approve", "refuse"),
    *each("desk:act", OPERATOR, "SHIPPED", "delivered", "turned-back"),
    *order("desk:act", OPERATOR, 20, "ASKED", "allow"),
    *each("desk:act", OPERATOR, "HELD", "demand", "waive"),
    Page("desk:contact", OPERATOR, 20, _first("accounts_contact")),
    *order("desk:documents", OPERATOR, 20, "HELD"),
    Page("desk:visits", OPERATOR, 20),
    Page("desk:visit", OPERATOR, 25, _visit_of("HELD"), variant="agreed"),
    Page("desk:visit", OPERATOR, 25, _visit_of("VISITED"), variant="doubtful"),
    Page("desk:complaint", OPERATOR, 20, _first("visits_visitcomplaint")),
    Page("desk:rounds", AGENT, 20),
    Page("desk:round", AGENT, 25, _visit_of("HELD"), is_own=True),
    Page("desk:ledger", OPERATOR, 20),
    Page("desk:ledger", OPERATOR, 20, query="?on=2020-01-01", variant="before everything"),
    Page("desk:ledger_kind", OPERATOR, 20, _given("clearing"), query="?channel=alipay", variant="clearing"),
    Page("desk:ledger_kind", OPERATOR, 20, _given("receivable"), variant="receivable"),
    Page("desk:ledger_kind", OPERATOR, 20, _given("write_off"), variant="none"),
    Page("desk:posting", OPERATOR, 20, _first("billing_posting")),
    Page("desk:ledger_customer", OPERATOR, 20, _customer_of(CUSTOMER)),
    Page("desk:ledger_customer", OPERATOR, 20, _customer_of("newcomer"), variant="none"),
    Page("desk:ledger_merchant", OPERATOR, 20, lambda world: [world.statement.merchant_id]),
    Page("desk:payout", OPERATOR, 20, _statement),
    Page("desk:payout", OPERATOR, 20, _paid_statement, variant="paid out"),
    *order("desk:act", OPERATOR, 20, "LATE", "received"),
    Page("desk:approval", OPERATOR, 20, lambda world: [world.asked.pk]),
    Page("desk:refund", OPERATOR, 25, lambda world: [world.asked.payload["payment"]]),
    Page("desk:clock", OPERATOR, 20),
    Page("desk:rule_trials", OPERATOR, 20),
    Page("desk:rule_trial", OPERATOR, 20, _first("orders_ruletrial")),
    Page("desk:backtests", OPERATOR, 20),
    Page("desk:backtest", OPERATOR, 20, _first("orders_backtest")),
    Page("desk:tiers", OPERATOR, 20),
    Page("desk:tier_set", OPERATOR, 20, _tier_draft, variant="draft"),
    Page("desk:tier_set", OPERATOR, 20, _given(1), variant="in force"),
    Page("desk:queue", OPERATOR, 20, _given("differences"), variant="differences"),
    Page("desk:reconciliation", OPERATOR, 20),
    Page("desk:reconciled_day", OPERATOR, 25, lambda world: [world.difference.file.channel, world.difference.file.day]),
    Page("desk:dispute", OPERATOR, 20, _dispute),
    *order("desk:claim", OPERATOR, 20, "CLAIMED DISPUTED"),
    Page("desk:dispute_record", OPERATOR, 20, _disputed_payment),
    Page("desk:portfolio", OPERATOR, 20),
    Page("desk:cases", OPERATOR, 20),
    Page("desk:cases", OPERATOR, 20, query="?view=mine", variant="none of mine"),
    Page("desk:cases", OPERATOR, 20, query="?view=promises", variant="promises"),
    Page("desk:case", OPERATOR, 34, _case),
    Page("desk:case", OPERATOR, 38, _lettered_case, variant="with a letter"),
    Page("desk:hardship", OPERATOR, 20, _asked_for_relief),
    *order("desk:extension", OPERATOR, 20, "LATE PLANNED"),
    Page("desk:gap", OPERATOR, 20, _first("billing_statementgap")),
    Page("desk:failed_refund", OPERATOR, 20, _failed_refund),
    Page("desk:difference", OPERATOR, 20, lambda world: [world.difference.pk]),
]
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
    *(Page(f"admin:{name}_change", OPERATOR, 60, _first(name), variant="first") for name in CHANGED),
    Page("admin:catalog_leaseplan_publish", OPERATOR, 60, lambda world: [world.draft.pk]),
]
